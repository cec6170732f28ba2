package io.sluice.bench.share;

import io.sluice.simulator.EngineBooks;
import io.sluice.simulator.EngineBooks.Run;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * What a tenant received of the engine, all as parts of 1.
 *
 * @param share over the whole measurement
 * @param leastWindow in the poorest second of it, at steps of a tenth
 * @param mostWindow in the richest
 */
record Received(double share, double leastWindow, double mostWindow) {
    private static final long WINDOW_NS = 1_000_000_000;
    private static final long STEP_NS = 100_000_000;

    /** @param runs that touch the measurement, of all processes */
    static Received of(List<Run> runs, Set<Long> pids, long fromNs, long toNs) {
        List<Run> own = runs.stream().filter(run -> pids.contains(run.pid())).toList();
        double[] windows = LongStream.iterate(fromNs, from -> from + WINDOW_NS <= toNs, from -> from + STEP_NS)
                .mapToDouble(from -> share(own, from, from + WINDOW_NS))
                .toArray();
        return new Received(
                share(own, fromNs, toNs),
                Arrays.stream(windows).min().orElse(Double.NaN),
                Arrays.stream(windows).max().orElse(Double.NaN));
    }

    /** The part of the time in which any of the runs had the engine: those of several processes never have it at once. */
    static double share(List<Run> runs, long fromNs, long toNs) {
        long busyNs = EngineBooks.busyNsByPid(runs, fromNs, toNs).values().stream()
                .mapToLong(Long::longValue)
                .sum();
        return (double) busyNs / (toNs - fromNs);
    }
}
