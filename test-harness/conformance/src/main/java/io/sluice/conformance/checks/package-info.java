/** The checks, one class a subject. */
@NullMarked
package io.sluice.conformance.checks;

import org.jspecify.annotations.NullMarked;
