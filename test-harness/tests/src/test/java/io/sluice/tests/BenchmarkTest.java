package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.tests.harness.Build;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.Sanitizer;
import io.sluice.tests.harness.SimulatedGpu;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The benchmark runs and measures governed clients; its figures are never asserted. */
@SimulatedGpu
class BenchmarkTest {

    @Test
    void saysWhatQuestionItAnswersAndAnswersIt(Node node) throws Exception {
        assumeTrue(Sanitizer.PRESENT == Sanitizer.NONE, "the benchmark does not preload a sanitizer's runtime");
        Path output = node.file("output");
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dsluice.home=" + Build.HOME,
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "io.sluice.bench.Overhead",
                "--rounds",
                "3",
                "--millis",
                "1",
                "--only",
                "alloc");
        Process process = node.builder(command, Map.of())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        String text = Files.readString(output);
        assertThat(process.exitValue()).as(text).isZero();
        assertThat(text)
                .startsWith("What does a CUDA call cost more")
                .contains("10000 live")
                .contains("cuInit");
    }
}
