package io.sluice.policy.time;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * The judge: one GPU that slices its time between contexts, works through streams in order, and knows the true lengths.
 * Streams of the context whose slice it is run beside each other. It knows nothing of quotas.
 */
final class GpuModel {
    static final long SLICE_NS = 2_000_000;

    private static final class Work {
        private long leftNs;
        private final LongConsumer endedAt;

        private Work(long lengthNs, LongConsumer endedAt) {
            this.leftNs = lengthNs;
            this.endedAt = endedAt;
        }
    }

    private static final class Context {
        private final Map<Integer, Deque<Work>> streams = new LinkedHashMap<>();
        private long busyNs;

        private List<Deque<Work>> busy() {
            return streams.values().stream().filter(stream -> !stream.isEmpty()).toList();
        }

        private boolean hasWork() {
            return streams.values().stream().anyMatch(stream -> !stream.isEmpty());
        }
    }

    private final Map<Integer, Context> contexts = new LinkedHashMap<>();
    private Context current = new Context();
    private long sliceEndsNs;
    private long nowNs;

    void submit(int context, int stream, long lengthNs, LongConsumer endedAt) {
        contexts.computeIfAbsent(context, id -> new Context())
                .streams
                .computeIfAbsent(stream, id -> new ArrayDeque<>())
                .add(new Work(lengthNs, endedAt));
    }

    /** When something ends or is sliced away next, if nothing is submitted; Long.MAX_VALUE for never. */
    long nextNs() {
        slice();
        return current.hasWork() ? nowNs + step() : Long.MAX_VALUE;
    }

    void advance(long toNs) {
        slice();
        while (current.hasWork() && nowNs <= toNs) {
            long step = Math.min(step(), toNs - nowNs);
            nowNs += step;
            current.busyNs += step;
            List<Deque<Work>> busy = current.busy();
            busy.forEach(stream -> stream.element().leftNs -= step);
            boolean ended = false;
            for (Deque<Work> stream : busy) {
                if (stream.element().leftNs == 0) {
                    stream.remove().endedAt.accept(nowNs);
                    ended = true;
                }
            }
            slice();
            if (!ended && nowNs == toNs) {
                return;
            }
        }
        nowNs = toNs;
    }

    /** How long the GPU has truly worked for a context. */
    long busyNs(int context) {
        return contexts.containsKey(context) ? contexts.get(context).busyNs : 0;
    }

    private long step() {
        long step = current.busy().stream()
                .mapToLong(stream -> stream.element().leftNs)
                .min()
                .orElseThrow();
        boolean alone = contexts.values().stream().filter(Context::hasWork).count() == 1;
        return alone ? step : Math.min(step, sliceEndsNs - nowNs);
    }

    private void slice() {
        boolean over = nowNs >= sliceEndsNs;
        if (current.hasWork() && !over) {
            return;
        }
        List<Context> waiting =
                contexts.values().stream().filter(Context::hasWork).toList();
        if (!waiting.isEmpty()) {
            current = waiting.get((waiting.indexOf(current) + 1) % waiting.size());
            sliceEndsNs = nowNs + SLICE_NS;
        }
    }
}
