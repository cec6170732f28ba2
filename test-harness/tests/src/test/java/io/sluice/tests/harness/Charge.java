package io.sluice.tests.harness;

/** What an allocation costs the tenant: the bytes asked for, rounded up to a multiple of 512 as the driver does. */
public final class Charge {
    private static final long GRANULARITY = 512;

    private Charge() {}

    public static long of(long bytes) {
        return (bytes + GRANULARITY - 1) / GRANULARITY * GRANULARITY;
    }

    /** Rows are padded. */
    public static long ofPitch(long widthBytes, long height) {
        return of(widthBytes) * height;
    }

    /** The largest allocation that fits into {@code bytes}. */
    public static long largestIn(long bytes) {
        return bytes / GRANULARITY * GRANULARITY;
    }
}
