/** End to end: what a user may rely on, shown with real client processes on simulated GPUs. */
package io.sluice.tests;
