package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.tests.harness.GpuWork;
import io.sluice.tests.harness.GpuWork.Worker;
import io.sluice.tests.harness.Metrics;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.Sanitizer;
import io.sluice.tests.harness.SimulatedGpu;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the exporter says of the GPU's time. */
@SimulatedGpu
class ShareMetricsTest {
    private static final long MIB = 1L << 20;
    private static final Duration WORK = Duration.ofSeconds(2);
    private static final String ALICE = "{gpu=\"0\",tenant=\"alice\"}";
    private static final String WAITS = "sluice_launch_wait_seconds";

    private static final Pattern BUCKET =
            Pattern.compile("(?m)^" + WAITS + "_bucket\\{.*tenant=\"alice\".*le=\"([^\"]+)\".*} ([0-9.E]+)$");

    @BeforeEach
    void withoutSanitizer() {
        assumeTrue(Sanitizer.PRESENT == Sanitizer.NONE, "times are not what they are with a sanitizer");
    }

    @Test
    void tellsWhatTheTenantHadAndForHowLongItsLaunchesWaited(Node node) throws Exception {
        GpuWork work = new GpuWork(node);
        Worker worker = work.worker(node.tenant("alice", 64 * MIB).share(30), "lengths=200000")
                .ready();
        int port = Metrics.serve(node);
        assertThat(Metrics.scrape(port).text())
                .doesNotContain(WAITS + "_count")
                .doesNotContain("estimate_error_ratio{");
        worker.work(WORK);
        double share = work.received(WORK, worker).get(0);
        worker.service().awaitOut("\n[0-9]+ [0-9]+ "); // it has done all

        Metrics metrics = Metrics.scrape(port);

        assertThat(value(metrics, "sluice_sm_share_ratio")).isEqualTo(0.3);
        assertThat(value(metrics, "sluice_sm_share_max_ratio")).isEqualTo(0.3);
        assertThat(value(metrics, "sluice_gpu_busy_seconds_total"))
                .as("as the GPU's own books have it")
                .isCloseTo(share * WORK.toSeconds(), within(0.1));
        double waited =
                value(metrics, "sluice_throttled_seconds_total") + value(metrics, "sluice_turn_wait_seconds_total");
        assertThat(waited).isBetween(0.5, 2.0);
        assertThat(value(metrics, WAITS + "_sum")).isCloseTo(waited, within(0.001));
        assertThat(value(metrics, WAITS + "_count")).isBetween(100.0, 20_000.0);
        assertThat(bucket(metrics, Double.POSITIVE_INFINITY)).isEqualTo(value(metrics, WAITS + "_count"));
        assertThat(bucket(metrics, 0.1)).isLessThanOrEqualTo(bucket(metrics, 0.3));
        assertThat(bucket(metrics, 0.01) - bucket(metrics, 0.0003))
                .as("waits for a millisecond at 30 %%")
                .isGreaterThan(value(metrics, WAITS + "_count") / 2);
        assertThat(value(metrics, "sluice_estimate_error_ratio")).isBetween(0.0, 0.5);
    }

    /** How many waits were no longer. */
    private static double bucket(Metrics metrics, double bound) {
        Matcher lines = BUCKET.matcher(metrics.text());
        while (lines.find()) {
            if (Double.parseDouble(lines.group(1).replace("+Inf", "Infinity")) == bound) {
                return Double.parseDouble(lines.group(2));
            }
        }
        throw new AssertionError("no bucket up to " + bound + " in\n" + metrics.text());
    }

    private static double value(Metrics metrics, String name) {
        return Optional.ofNullable(metrics.series().get(name + ALICE))
                .orElseThrow(() -> new AssertionError("no " + name + " in\n" + metrics.text()));
    }
}
