package io.sluice.policy.time;

import java.util.function.Supplier;

/** One process: launches kernel after kernel into its streams, as far ahead as its depth, with host time between. */
final class ModelApp {
    /** What a launch costs the host by itself. */
    private static final long LAUNCH_NS = 4_000;
    /** A pause of the host shorter than this does not make it idle. */
    private static final long GRACE_NS = 100_000;

    /**
     * @param depth how many launches of a stream may be under way: 1 waits for each
     * @param gapNs host time between a launch, or with depth 1 its end, and the next launch
     */
    record Shape(int streams, int depth, long gapNs) {}

    private final ModelNode node;
    private final Governor governor;
    private final int context;
    private final Shape shape;
    private final Supplier<Governor.Kernel> kernels;
    private final Governor.Kernel[] next;
    private final long[] dueNs;
    private final int[] underWay;
    private long idleSinceNs = -1;
    private long wakeNs = -1;
    private boolean paused;
    private long launches;

    ModelApp(ModelNode node, Governor governor, int context, Shape shape, Supplier<Governor.Kernel> kernels) {
        this.node = node;
        this.governor = governor;
        this.context = context;
        this.shape = shape;
        this.kernels = kernels;
        this.next = new Governor.Kernel[shape.streams];
        this.dueNs = new long[shape.streams];
        this.underWay = new int[shape.streams];
        for (int stream = 0; stream < shape.streams; stream++) {
            next[stream] = kernels.get();
        }
        node.add(this);
    }

    void pause(boolean pause) {
        paused = pause;
    }

    long launches() {
        return launches;
    }

    void pump() {
        long now = node.nowNs();
        boolean wants = false;
        boolean busy = false;
        for (int stream = 0; stream < shape.streams; stream++) {
            wants |= pump(now, stream);
            busy |= underWay[stream] > 0;
        }
        if (wants || busy) {
            idleSinceNs = -1;
        } else if (idleSinceNs < 0) {
            idleSinceNs = now;
            node.at(now + GRACE_NS, () -> {});
        } else if (now - idleSinceNs >= GRACE_NS) {
            governor.idle(now, context);
        }
    }

    /** Whether it wants to launch more now than it may. */
    private boolean pump(long now, int stream) {
        if (paused || dueNs[stream] > now || underWay[stream] >= shape.depth) {
            return false;
        }
        if (!governor.launch(now, context, stream, next[stream], endNs -> ended(stream))) {
            wakeAt(governor.retryNs(now));
            return true;
        }
        launches++;
        underWay[stream]++;
        next[stream] = kernels.get();
        dueNs[stream] = now + LAUNCH_NS + (shape.depth == 1 ? 0 : shape.gapNs);
        node.at(dueNs[stream], () -> {});
        return false;
    }

    private void ended(int stream) {
        underWay[stream]--;
        if (shape.depth == 1) {
            dueNs[stream] = Math.max(dueNs[stream], node.nowNs() + shape.gapNs);
            node.at(dueNs[stream], () -> {});
        }
    }

    private void wakeAt(long atNs) {
        if (wakeNs <= node.nowNs() || atNs < wakeNs) {
            wakeNs = atNs;
            node.at(atNs, () -> {});
        }
    }
}
