package io.sluice.policy.time;

import java.util.function.LongConsumer;

/** What stands between an application and the GPU in the model: one per tenant. */
interface Governor {
    /** A launch: what a governor may see of it, and the true length, which is the GPU's alone. */
    record Kernel(long function, long blocks, long trueNs) {}

    /** Whether it may be launched now; if so, it is charged, and submitted with what markers it gets. */
    boolean launch(long nowNs, int context, int stream, Kernel kernel, LongConsumer endedAt);

    /** When a refused launch is to ask again at the latest. */
    long retryNs(long nowNs);

    /** The context wants nothing, and has nothing on the GPU. */
    default void idle(long nowNs, int context) {}
}
