/** Generates the parts of the simulated GPU that follow from the API description; everything else of it is C. */
package io.sluice.simulator;
