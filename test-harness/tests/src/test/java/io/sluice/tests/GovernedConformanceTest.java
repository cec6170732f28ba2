package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.tests.harness.Build;
import io.sluice.tests.harness.Card;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.Sanitizer;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** An application under a quota that it never reaches finds the driver as it finds it without Sluice. */
@SimulatedGpu(cards = 2)
class GovernedConformanceTest {
    private static final long AMPLE = 1L << 40;

    /** Checks of what a quota refuses: memory that other processes export. */
    private static final Set<String> REFUSED = Set.of(
            "cuIpcOpenMemHandle/read",
            "cuIpcOpenMemHandle/write",
            "cuIpcOpenMemHandle/flags",
            "cuIpcCloseMemHandle/again",
            "cuMemExportToShareableHandle/import",
            "cuMemExportToShareableHandle/not-asked-for");

    private static final Pattern CHECK = Pattern.compile(".*\"check\":\"([^\"]+)\".*");

    @Test
    void everyCheckAnswersAsWithoutTheLibwrapper(Node node) throws Exception {
        assumeTrue(Sanitizer.PRESENT == Sanitizer.NONE, "a driver with a sanitizer needs its runtime before the JVM");
        Map<Card, Long> limits = new HashMap<>();
        node.cards().forEach(card -> limits.put(card, AMPLE));
        Tenant alice = node.tenant("alice", limits);
        List<String> bare = outcomes(node, Build.SIMULATED_DRIVER, Map.of());
        List<String> governed = outcomes(node, Build.LIBWRAPPER, alice.environment(Map.of()));

        assertThat(bare).hasSizeGreaterThan(500).hasSameSizeAs(governed);
        Set<String> differing = new TreeSet<>();
        for (int i = 0; i < bare.size(); i++) {
            String check = CHECK.matcher(bare.get(i)).replaceFirst("$1");
            if (!bare.get(i).equals(governed.get(i)) && !REFUSED.contains(check)) {
                differing.add("without: " + bare.get(i) + "\nwith: " + governed.get(i));
            }
        }
        assertThat(differing).as("of %d checks", bare.size()).isEmpty();
    }

    /** What came of the suite, one line a check. */
    private static List<String> outcomes(Node node, Path driver, Map<String, String> environment)
            throws IOException, InterruptedException {
        Path report = node.file("outcomes.json");
        Path said = node.file("said");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "io.sluice.conformance.Main",
                "--driver",
                driver.toString(),
                "--summary",
                "--json",
                report.toString()));
        Process suite = node.builder(command, environment)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        // 1 where a check fails: the cards of this node are small.
        assertThat(suite.waitFor()).as(Files.readString(said)).isIn(0, 1);
        return Files.readAllLines(report).stream()
                .filter(line -> line.contains("\"check\""))
                .map(line -> line.replaceFirst("^,", ""))
                .toList();
    }
}
