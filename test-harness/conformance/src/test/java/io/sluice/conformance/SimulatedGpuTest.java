package io.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole suite on the simulated GPU that this build made. */
class SimulatedGpuTest {
    private static final Path HOME = Path.of(System.getProperty("sluice.home", "../.."));
    private static final Path DRIVER = HOME.resolve("test-harness/simulator/target/native/libcuda.so.1");

    /** Two, so that what needs a second device is tried as well. */
    private static final String CARDS = """
            [card]
            name=Sluice Simulated GPU
            uuid=GPU-5d1f2f6c-93a4-4f65-8f0c-6a2f4e1d7b01
            memory_bytes=3000000000
            [card]
            name=Sluice Simulated GPU
            uuid=GPU-5d1f2f6c-93a4-4f65-8f0c-6a2f4e1d7b02
            memory_bytes=2000000000
            """;

    @Test
    void doesWhatTheDocumentationSays(@TempDir Path cards) throws Exception {
        assumeTrue(
                System.getProperty("sluice.sanitize", "").isEmpty(),
                "a driver with a sanitizer needs its runtime before the JVM");
        Files.writeString(cards.resolve("cards.conf"), CARDS);
        List<Outcome> outcomes = new ArrayList<>();
        Jvm jvm = new Jvm(DRIVER.toAbsolutePath().normalize().toString(), Map.of("SLUICE_SIM_DIR", cards.toString()));
        new Supervisor(jvm, outcomes::add).run(Suite.whole().matching("*"));
        System.out.print(new Report(outcomes).summary());

        Set<String> known = knownDifferences();
        assertThat(linesOf(outcomes, outcome -> outcome.verdict() == Verdict.FAIL && !known.contains(idOf(outcome))))
                .as("checks that failed")
                .isEmpty();
        assertThat(linesOf(outcomes, outcome -> outcome.verdict() == Verdict.PASS && known.contains(idOf(outcome))))
                .as("known differences that are none any more: take them out of known-differences.txt")
                .isEmpty();
        assertThat(outcomes)
                .filteredOn(outcome -> outcome.verdict() == Verdict.PASS)
                .hasSizeGreaterThanOrEqualTo(300);
    }

    private static List<String> linesOf(List<Outcome> outcomes, Predicate<Outcome> wanted) {
        return outcomes.stream().filter(wanted).map(Outcome::line).toList();
    }

    private static String idOf(Outcome outcome) {
        return outcome.check().id();
    }

    /** Ids of checks on which the simulated GPU is known to differ, one a line, with the reason behind a number sign. */
    private static Set<String> knownDifferences() throws IOException {
        try (InputStream in = SimulatedGpuTest.class.getResourceAsStream("known-differences.txt")) {
            assertThat(in).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.replaceFirst("#.*", "").strip())
                    .filter(id -> !id.isEmpty())
                    .collect(Collectors.toSet());
        }
    }
}
