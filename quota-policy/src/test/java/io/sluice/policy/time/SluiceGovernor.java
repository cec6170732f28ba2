package io.sluice.policy.time;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongConsumer;

/** The reference models put together, as the libwrapper will: it sees estimates and markers, never a true length. */
final class SluiceGovernor implements Governor {
    private static final class Launcher {
        private final Estimator estimator;
        private final BusyUnion union = new BusyUnion();
        private int underWay;

        private Launcher(int seed) {
            estimator = new Estimator(seed);
        }
    }

    private static final long BACKLOGGED_NS = 100_000_000;

    private final ModelNode node;
    private final TimeBucket bucket;
    private final Turns turns;
    private final int tenant;
    private final Map<Integer, Launcher> processes = new HashMap<>();
    private long waitingSinceNs = -1;
    private long refusedNs;

    SluiceGovernor(ModelNode node, Turns turns, int tenant, Share share, long quantumNs) {
        this.node = node;
        this.bucket = new TimeBucket(share);
        this.turns = turns;
        this.tenant = tenant;
        turns.add(tenant, share, quantumNs);
    }

    TimeBucket bucket() {
        return bucket;
    }

    @Override
    public boolean launch(long nowNs, int context, int stream, Kernel kernel, LongConsumer endedAt) {
        Launcher process = processes.computeIfAbsent(context, id -> new Launcher(id + 1));
        if (bucket.waitNs(nowNs) > 0) {
            refused(nowNs);
            if (process.underWay == 0) {
                turns.idle(context, tenant);
            }
            return false;
        }
        turns.backlogged(context, tenant);
        if (!turns.mayLaunch(context)) {
            refused(nowNs);
            return false;
        }
        Estimator.Estimate estimate = process.estimator.launched(kernel.function(), kernel.blocks());
        bucket.admit(nowNs, backloggedSinceNs(nowNs), estimate.estimateNs());
        turns.used(tenant, estimate.estimateNs());
        submit(process, context, stream, kernel, estimate, endedAt);
        return true;
    }

    @Override
    public long retryNs(long nowNs) {
        return nowNs + Math.max(bucket.waitNs(nowNs), 1_000_000);
    }

    @Override
    public void idle(long nowNs, int context) {
        waitingSinceNs = -1;
        turns.idle(context, tenant);
    }

    private void refused(long nowNs) {
        waitingSinceNs = waitingSinceNs < 0 ? nowNs : waitingSinceNs;
        refusedNs = nowNs;
    }

    /** A tenant that was not refused for a while asks for less than its share, and saves nothing up. */
    private long backloggedSinceNs(long nowNs) {
        if (waitingSinceNs >= 0 && nowNs - refusedNs > BACKLOGGED_NS) {
            waitingSinceNs = -1;
        }
        return waitingSinceNs < 0 ? nowNs : waitingSinceNs;
    }

    private void submit(
            Launcher process,
            int context,
            int stream,
            Kernel kernel,
            Estimator.Estimate estimate,
            LongConsumer endedAt) {
        long[] startNs = {0};
        if (estimate.measured()) {
            node.gpu.submit(context, stream, 0, atNs -> startNs[0] = atNs);
        }
        process.underWay++;
        node.gpu.submit(context, stream, kernel.trueNs(), endedAt);
        node.gpu.submit(context, stream, 0, atNs -> {
            if (estimate.measured()) {
                process.estimator.learn(kernel.function(), kernel.blocks(), atNs - startNs[0]);
                settle(atNs, estimate, process.union.add(startNs[0], atNs));
            }
            if (--process.underWay == 0) {
                turns.drained(context);
            }
        });
    }

    private void settle(long nowNs, Estimator.Estimate estimate, long busyNs) {
        long actualNs = estimate.actualNs(busyNs);
        bucket.settle(nowNs, estimate.chargedNs(), actualNs);
        turns.used(tenant, actualNs - estimate.chargedNs());
    }
}
