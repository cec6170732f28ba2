package io.sluice.policy.time;

/**
 * What one process has taken from its tenant's bucket in advance, so that tiny kernels touch the shared word once per
 * grant. A process that dies with a grant has used it, as the bucket sees it: at most {@link #sizeNs} are lost.
 *
 * <p>A window of time may hold one grant more per process than {@link TimeBucket} alone says.
 */
public final class LocalGrant {
    /** Ten kernels of 20 µs. */
    public static final long DEFAULT_SIZE_NS = 200_000;

    private final TimeBucket bucket;
    private final long sizeNs;
    private long leftNs;

    public LocalGrant(TimeBucket bucket, long sizeNs) {
        this.bucket = bucket;
        this.sizeNs = sizeNs;
    }

    /** As {@link TimeBucket#admit(long, long)}. */
    public boolean admit(long nowNs, long estimateNs) {
        if (leftNs < estimateNs) {
            long wantedNs = Math.max(sizeNs, estimateNs) - leftNs;
            if (!bucket.admit(nowNs, wantedNs)) {
                return false;
            }
            leftNs += wantedNs;
        }
        leftNs -= estimateNs;
        return true;
    }

    /**
     * Gives back what is left: when the process is idle, stops at a turn's end, or ends.
     *
     * @return whether waiters must be woken
     */
    public boolean giveBack(long nowNs) {
        long backNs = leftNs;
        leftNs = 0;
        return backNs > 0 && bucket.settle(nowNs, backNs, 0);
    }

    public long sizeNs() {
        return sizeNs;
    }
}
