package io.sluice.policy.time;

import java.util.HashMap;
import java.util.Map;

/**
 * What launches of one process will probably take, and which of them are measured, each between two markers.
 *
 * <p>An estimate is a moving average per function and size of grid (alike within a factor of two). Whatever it is worth,
 * what is charged in the end is right on average: which launches are measured never depends on how long they take, and a
 * measured one is charged for the launches of its kind since the last that was measured, too. Where the choice does
 * depend on it (an interval that is given up when the stream seems to have drained, say), long kernels are the ones that
 * escape: a lognormal load received 88 % where 75 % was set.
 */
public final class Estimator {
    /** Charged for a launch of which nothing is known. */
    public static final long DEFAULT_NS = 100_000;
    /** Launches that are estimated at this much or more are measured, all of them. */
    public static final long MEASURED_NS = 50_000;
    /** Of shorter ones, one in so many is, at random distances: a program that repeats itself could meet a fixed one. */
    public static final int SAMPLED_ONE_IN = 16;

    private static final int WEIGHT_SHIFT = 3;
    // Averages are kept in 1/256 ns, so that roundings do not hold them off the mean.
    private static final int FRACTION_SHIFT = 8;

    /** @param blocksLog2 of the number of blocks, rounded down; an executable graph is a function of one block */
    private record Kind(long function, int blocksLog2) {}

    private static final class Average {
        private long scaledNs = -1;
        private int untilSample;
        private long chargedNs;
        private int launches;
    }

    /**
     * How a launch is charged.
     *
     * @param estimateNs device time to charge now
     * @param measured whether a marker goes right before and right behind it
     * @param chargedNs if it is measured: what was charged for it and for those that it stands for
     * @param standsFor if it is measured: how many launches, itself included
     */
    public record Estimate(long estimateNs, boolean measured, long chargedNs, int standsFor) {
        /** What those launches are to be charged in all, if the measured one kept the GPU busy for so long. */
        public long actualNs(long busyNs) {
            return Math.min(busyNs, TimeBucket.LONGEST_WORK_NS) * standsFor;
        }
    }

    private final Map<Kind, Average> averages = new HashMap<>();
    private int random;

    /** @param seed of what chooses the samples, not 0 */
    public Estimator(int seed) {
        this.random = seed;
    }

    /**
     * What {@link #launched} would charge.
     *
     * @param blocks at least 1
     */
    public long estimateNs(long function, long blocks) {
        Average average = averageOf(function, blocks);
        return average.scaledNs < 0 ? DEFAULT_NS : average.scaledNs >> FRACTION_SHIFT;
    }

    /** A launch was admitted. */
    public Estimate launched(long function, long blocks) {
        Average average = averageOf(function, blocks);
        long estimateNs = estimateNs(function, blocks);
        average.chargedNs += estimateNs;
        average.launches++;
        boolean unknown = average.scaledNs < 0;
        if (!unknown && --average.untilSample > 0 && estimateNs < MEASURED_NS) {
            return new Estimate(estimateNs, false, 0, 0);
        }
        average.untilSample = 1 + nextRandom() % (2 * SAMPLED_ONE_IN - 1);
        Estimate estimate = new Estimate(estimateNs, true, average.chargedNs, average.launches);
        average.chargedNs = 0;
        average.launches = 0;
        return estimate;
    }

    /** A measured launch took so long by its markers. */
    public void learn(long function, long blocks, long actualNs) {
        Average average = averageOf(function, blocks);
        long scaledNs = Math.min(actualNs, TimeBucket.LONGEST_WORK_NS) << FRACTION_SHIFT;
        if (average.scaledNs < 0) {
            average.scaledNs = scaledNs;
        } else {
            average.scaledNs += (scaledNs - average.scaledNs) >> WEIGHT_SHIFT;
        }
    }

    private Average averageOf(long function, long blocks) {
        int blocksLog2 = Long.SIZE - 1 - Long.numberOfLeadingZeros(blocks);
        return averages.computeIfAbsent(new Kind(function, blocksLog2), kind -> new Average());
    }

    /** Marsaglia's xorshift: 0 to 2^31 − 1. */
    private int nextRandom() {
        random ^= random << 13;
        random ^= random >>> 17;
        random ^= random << 5;
        return random >>> 1;
    }
}
