package io.sluice.bridge.ledger;

import io.sluice.policy.Bytes;
import java.time.Duration;

/**
 * What came of requests over the limit where they were not denied, and how often use has come near it. Counters, of all processes
 * since the ledger was made.
 *
 * @param warnings how often use rose to the figure at which the tenant's file asks for a warning
 * @param waited all that threads have waited for memory, up to the last wait that has ended
 * @param spilled given as managed memory of the host
 */
public record Excess(long warnings, Duration waited, Bytes spilled) {
    public static final Excess NONE = new Excess(0, Duration.ZERO, Bytes.ZERO);
}
