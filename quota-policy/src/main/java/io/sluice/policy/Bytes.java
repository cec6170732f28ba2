package io.sluice.policy;

import org.jspecify.annotations.Nullable;

/**
 * An amount of memory in bytes, from 0 to {@link Long#MAX_VALUE}.
 *
 * @param value bytes, never negative
 */
public record Bytes(long value) implements Comparable<Bytes> {
    public static final Bytes ZERO = new Bytes(0);

    public Bytes {
        if (value < 0) {
            throw new IllegalArgumentException("an amount of memory cannot be negative: " + value);
        }
    }

    public static Bytes of(long value) {
        return new Bytes(value);
    }

    /**
     * Rounds up to a multiple of {@code granularity}.
     *
     * @throws ArithmeticException if the result passes {@link Long#MAX_VALUE}
     */
    public Bytes roundUpTo(long granularity) {
        long over = value % granularity;
        return over == 0 ? this : new Bytes(Math.addExact(value, granularity - over));
    }

    /** The sum; {@link Long#MAX_VALUE} where it would pass that. */
    public Bytes plus(Bytes more) {
        long sum = value + more.value;
        return new Bytes(sum < 0 ? Long.MAX_VALUE : sum);
    }

    @Override
    public int compareTo(Bytes other) {
        return Long.compare(value, other.value);
    }

    /** For people: {@code 1.50 GiB}; the exact number below 1 KiB. */
    @Override
    public String toString() {
        String[] units = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
        if (value < 1024) {
            return value + " B";
        }
        int unit = (63 - Long.numberOfLeadingZeros(value)) / 10 - 1;
        double scaled = value / (double) (1L << (10 * (unit + 1)));
        return String.format(
                java.util.Locale.ROOT, scaled == Math.rint(scaled) ? "%.0f %s" : "%.2f %s", scaled, units[unit]);
    }

    // equals and hashCode are written out: a record's own are linked at run time, some 15 ms of each application's
    // start.

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Bytes that && value == that.value;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(value);
    }
}
