package io.sluice.exporter;

import io.sluice.policy.TenantName;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What went wrong with ledgers since the exporter was started. A state is logged when it begins, not at each scrape. */
final class LedgerErrors {
    private static final Logger LOG = LoggerFactory.getLogger(LedgerErrors.class);

    private final Map<TenantName, Map<String, Long>> counts = new HashMap<>();
    private final Map<TenantName, String> present = new HashMap<>();

    void add(TenantName tenant, String reason, String sentence) {
        counts.computeIfAbsent(tenant, absent -> new TreeMap<>()).merge(reason, 1L, Long::sum);
        if (!reason.equals(present.put(tenant, reason))) {
            LOG.warn("event=ledger_error tenant={} reason={} what=\"{}\"", tenant, reason, sentence);
        }
    }

    void none(TenantName tenant) {
        if (present.remove(tenant) != null) {
            LOG.info("event=ledger_usable_again tenant={}", tenant);
        }
    }

    void show(TenantName tenant, Scrape scrape) {
        counts.getOrDefault(tenant, Map.of())
                .forEach((reason, count) -> scrape.add(Metric.LEDGER_ERRORS, count, tenant.value(), reason));
    }
}
