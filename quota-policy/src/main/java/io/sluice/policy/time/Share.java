package io.sluice.policy.time;

import java.math.BigDecimal;

/**
 * A part of a GPU's time, as a fixed-point fraction: 300,000 millionths are 30 %.
 *
 * @param millionths {@value #LEAST} (0.1 %) to {@value #WHOLE} (the whole GPU)
 */
public record Share(int millionths) implements Comparable<Share> {
    public static final int WHOLE = 1_000_000;
    public static final int LEAST = 1_000;

    /** @throws IllegalArgumentException outside the range */
    public Share {
        if (millionths < LEAST || millionths > WHOLE) {
            throw new IllegalArgumentException(
                    "a share is " + LEAST + " to " + WHOLE + " millionths, not " + millionths);
        }
    }

    /** @param percent 1 to 100 */
    public static Share ofPercent(int percent) {
        return new Share(Math.multiplyExact(percent, WHOLE / 100));
    }

    /**
     * The wall time in which this share grants so much device time, rounded up, so that no sequence of charges passes
     * for less than it is.
     *
     * @param deviceNs 0 to {@link TimeBucket#LONGEST_WORK_NS}: the product stays below 2^63 at the least share
     */
    long wallNs(long deviceNs) {
        long whole = deviceNs / millionths * WHOLE;
        long rest = deviceNs % millionths * WHOLE;
        return whole + (rest + millionths - 1) / millionths;
    }

    /** The device time that this share grants in so much wall time, rounded down; up to 106 days of it. */
    long deviceNs(long wallNs) {
        return wallNs / WHOLE * millionths + wallNs % WHOLE * millionths / WHOLE;
    }

    /** As a tenant file writes it: {@code 30%}, {@code 12.5%}. */
    @Override
    public String toString() {
        return percent(millionths);
    }

    /** A sum of shares in the same form, which may be more than the whole. */
    public static String percent(long millionths) {
        return BigDecimal.valueOf(millionths, 4).stripTrailingZeros().toPlainString() + "%";
    }

    @Override
    public int compareTo(Share other) {
        return Integer.compare(millionths, other.millionths);
    }
}
