package io.sluice.policy.time;

import java.time.Duration;

/** How long a tenant's turns are: short ones come sooner, long ones lose less time to changing. Shares do not depend on it. */
public enum Priority {
    NORMAL(Duration.ofMillis(5)),
    LATENCY(Duration.ofMillis(2)),
    BATCH(Duration.ofMillis(10));

    private final Duration quantum;

    Priority(Duration quantum) {
        this.quantum = quantum;
    }

    /** Device time of one turn. */
    public Duration quantum() {
        return quantum;
    }
}
