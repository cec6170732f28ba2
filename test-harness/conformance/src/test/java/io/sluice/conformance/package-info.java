/** The suite on the simulated GPU, and the suite itself. */
@NullMarked
package io.sluice.conformance;

import org.jspecify.annotations.NullMarked;
