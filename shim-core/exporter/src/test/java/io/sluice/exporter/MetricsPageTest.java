package io.sluice.exporter;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class MetricsPageTest {
    private static final Path PAGE =
            Path.of(System.getProperty("sluice.home", "../..")).resolve("docs/metrics.md");

    @Test
    void thePageHasEachMetricAsItIsServed() throws Exception {
        List<String> rows = Files.readAllLines(PAGE).stream()
                .filter(line -> line.startsWith("| `sluice_"))
                .toList();
        assertThat(rows)
                .isEqualTo(Arrays.stream(Metric.values())
                        .map(metric -> "| `" + metric.fullName() + "` | "
                                + metric.type().name().toLowerCase(Locale.ROOT) + " | "
                                + String.join(", ", metric.labels()) + " | " + metric.help() + " |")
                        .toList());
    }
}
