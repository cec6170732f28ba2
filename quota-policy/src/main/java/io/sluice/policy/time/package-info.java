/**
 * The reference models of SM time: who may launch when, in integer arithmetic that C can repeat digit by digit.
 *
 * <p>Nothing here reads a clock, starts a thread or is safe for use by several threads: time is a parameter, in
 * nanoseconds of any monotonic clock. Device time is what kernels run, wall time is what passes meanwhile.
 */
package io.sluice.policy.time;
