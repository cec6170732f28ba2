package io.sluice.policy.time;

import java.util.function.LongConsumer;

/**
 * HAMi-core's limiter of SM use, re-implemented from published descriptions of it: each process has a bucket of its own,
 * a launch costs its blocks, and every 120 ms the refill is changed by how far the measured use is from the limit.
 */
final class HamiGovernor implements Governor {
    private static final long PERIOD_NS = 120_000_000;
    private static final long SLEEP_NS = 10_000_000;
    private static final long PROCESSORS = 132;
    private static final long THREADS_PER_PROCESSOR = 2048;
    private static final long FACTOR = 32;

    private final ModelNode node;
    private final int context;
    private final int limitPercent;
    private long most = PROCESSORS * THREADS_PER_PROCESSOR * FACTOR;
    private long left;
    private long refill;
    private long busyBeforeNs;

    HamiGovernor(ModelNode node, int context, int limitPercent) {
        this.node = node;
        this.context = context;
        this.limitPercent = limitPercent;
        node.at(PERIOD_NS, this::measure);
    }

    @Override
    public boolean launch(long nowNs, int launching, int stream, Kernel kernel, LongConsumer endedAt) {
        if (left < 0) {
            return false;
        }
        left -= kernel.blocks();
        node.gpu.submit(launching, stream, kernel.trueNs(), endedAt);
        return true;
    }

    @Override
    public long retryNs(long nowNs) {
        return nowNs + SLEEP_NS;
    }

    /** The use that NVML tells is that of the process in the last period, exact here. */
    private void measure() {
        long busyNs = node.gpu.busyNs(context);
        int percent = (int) (100 * (busyNs - busyBeforeNs) / PERIOD_NS);
        busyBeforeNs = busyNs;
        if (refill == most && left < 0) {
            most *= 2;
            refill = most;
        }
        refill = refilled(percent);
        left = Math.min(most, left + refill);
        node.at(node.nowNs() + PERIOD_NS, this::measure);
    }

    private long refilled(int percent) {
        long off = Math.max(5, Math.abs(limitPercent - percent));
        long step = PROCESSORS * PROCESSORS * THREADS_PER_PROCESSOR * off / 2560;
        if (off > limitPercent / 2) {
            step = step * off * 2 / (limitPercent + 1);
        }
        return percent <= limitPercent ? Math.min(most, refill + step) : Math.max(0, refill - step);
    }
}
