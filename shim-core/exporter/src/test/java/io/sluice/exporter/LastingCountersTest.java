package io.sluice.exporter;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.snapshots.Labels;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class LastingCountersTest {
    @Test
    void goOnAcrossLedgers() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        LastingCounters counters = new LastingCounters();
        Labels labels = Scrape.labels(Metric.RECLAIMS, "alice");
        UUID ledger = UUID.randomUUID();
        long counted = 0;
        long all = 0;
        for (int i = 0; i < 1000; i++) {
            if (random.nextInt(10) == 0) {
                ledger = UUID.randomUUID();
                counted = 0;
            }
            int more = random.nextInt(5);
            counted += more;
            all += more;
            assertThat(counters.value(Metric.RECLAIMS, labels, ledger, counted))
                    .as("step %d, seed %d", i, seed)
                    .isEqualTo(all);
        }
    }
}
