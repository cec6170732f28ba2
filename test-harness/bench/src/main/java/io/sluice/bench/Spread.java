package io.sluice.bench;

import java.util.Arrays;

/**
 * The middle of a set of samples and how far they lie apart: half of all samples are between {@code low} and
 * {@code high}.
 */
record Spread(double low, double median, double high) {

    static Spread of(double[] samples) {
        double[] sorted = samples.clone();
        Arrays.sort(sorted);
        return new Spread(quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75));
    }

    private static double quantile(double[] sorted, double part) {
        double place = part * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
