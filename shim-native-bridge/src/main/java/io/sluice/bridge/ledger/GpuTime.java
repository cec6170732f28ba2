package io.sluice.bridge.ledger;

import java.time.Duration;

/**
 * What a tenant that has a share of a GPU's time has had of it. Counters, of all processes since the ledger was made, summed over
 * threads: two that wait at once wait twice as long.
 *
 * @param busy for how long the GPU worked for it, as its launches were measured; what was not measured is missing
 * @param throttled for how long launches waited for the share
 * @param turnWait for how long launches waited for other processes' turns
 */
public record GpuTime(Duration busy, Duration throttled, Duration turnWait) {
    public static final GpuTime NONE = new GpuTime(Duration.ZERO, Duration.ZERO, Duration.ZERO);
}
