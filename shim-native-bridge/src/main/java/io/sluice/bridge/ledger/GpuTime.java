package io.sluice.bridge.ledger;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a tenant that has a share of a GPU's time has had of it. Counters, of all processes since the ledger was made, summed over
 * threads: two that wait at once wait twice as long.
 *
 * @param busy for how long the GPU worked for it, as its launches were measured; what was not measured is missing
 * @param throttled for how long launches waited for the share
 * @param turnWait for how long launches waited for other processes' turns
 * @param waits how many waits of launches were longer than the bound before and at most each of {@link #WAIT_BOUNDS}, and how many were
 *     longer than all
 * @param estimateError how far off estimates of launches were, of what was measured, either way
 */
public record GpuTime(Duration busy, Duration throttled, Duration turnWait, List<Long> waits, Duration estimateError) {
    public static final GpuTime NONE = new GpuTime(
            Duration.ZERO,
            Duration.ZERO,
            Duration.ZERO,
            Collections.nCopies(LedgerLayout.LAUNCH_WAIT_BOUNDS, 0L),
            Duration.ZERO);

    /** As the libwrapper sorts waits. */
    public static final List<Duration> WAIT_BOUNDS = Stream.of(
                    100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
            .map(micros -> Duration.ofNanos(micros * 1000L))
            .toList();

    public GpuTime {
        waits = List.copyOf(waits);
    }
}
