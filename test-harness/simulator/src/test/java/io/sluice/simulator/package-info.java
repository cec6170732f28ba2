/** Tests of the simulated GPU. Each drives the built libraries in a process of its own, as an application would. */
package io.sluice.simulator;
