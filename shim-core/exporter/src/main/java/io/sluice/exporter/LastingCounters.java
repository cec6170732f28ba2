package io.sluice.exporter;

import io.prometheus.metrics.model.snapshots.Labels;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Counters that go on where a ledger ends: a tenant that is forgotten and comes back has a new ledger, whose counters
 * begin at 0, and its series continue. Example: 7 denials, a new ledger, 2 denials: the counter shows 9.
 */
final class LastingCounters {
    private final Map<Key, Lasting> counters = new HashMap<>();

    private record Key(Metric metric, Labels labels) {}

    /** @param base what earlier ledgers counted */
    private record Lasting(UUID ledger, long base, long last) {}

    /** @param value what the present ledger counts */
    long value(Metric metric, Labels labels, UUID ledger, long value) {
        Key key = new Key(metric, labels);
        Lasting before = counters.getOrDefault(key, new Lasting(ledger, 0, 0));
        boolean anew = !before.ledger().equals(ledger) || value < before.last();
        long base = anew ? before.base() + before.last() : before.base();
        counters.put(key, new Lasting(ledger, base, value));
        return base + value;
    }
}
