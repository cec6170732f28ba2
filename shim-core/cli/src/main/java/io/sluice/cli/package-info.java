/**
 * The command {@code sluice}. {@code bin/sluice} starts this JVM to plan, and becomes the application itself: no JVM
 * stays behind.
 */
package io.sluice.cli;
