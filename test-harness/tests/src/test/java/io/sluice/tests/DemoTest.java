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

/** {@code sluice demo}: two tenants at once, one of them denied at its limit and carrying on. */
@SimulatedGpu
class DemoTest {

    @Test
    void showsTwoTenantsAndADenialAtTheLimit(Node node) throws Exception {
        assumeTrue("amd64".equals(System.getProperty("os.arch")), "JCuda has native libraries for x86-64 alone");
        assumeTrue(Sanitizer.PRESENT == Sanitizer.NONE, "bin/sluice does not preload a sanitizer's runtime");
        Path output = node.file("output");
        Process demo = node.builder(List.of(Build.SLUICE.toString(), "demo"), Map.of())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(demo.waitFor(120, TimeUnit.SECONDS)).isTrue();
        String text = Files.readString(output);
        assertThat(demo.exitValue()).as(text).isZero();
        assertThat(text)
                .contains("all right")
                .contains("CUDA_ERROR_OUT_OF_MEMORY")
                .containsPattern("(?m)^alice .* 0 B .* 12 ")
                .containsPattern("(?m)^bob .* 0 B .* 8 ");
    }
}
