package io.sluice.conformance;

/**
 * Where a check runs.
 *
 * @param process checks of one name run in one process, in their order
 * @param context whether a context of device 0 is made current first; without it not even cuInit is called
 */
record Place(String process, boolean context) {
    /** Most checks: one process, and in it the primary context of device 0. */
    static final Place SHARED = new Place("shared", true);
}
