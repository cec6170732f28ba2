package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs src/test/c/stress.c, which is built with the same sanitizer as the driver. */
class StressTest {
    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(256 << 20));
    }

    @Test
    void manyThreadsMayUseStreamsEventsAndMemoryAtOnce() throws Exception {
        run("threads");
    }

    @Test
    void aForkedChildHasNoCudaAndHarmsNothing() throws Exception {
        run("forked");
    }

    @Test
    void memoryOfProcessesKilledAtAnyInstantComesBack() throws Exception {
        run("killed", Boolean.getBoolean("sluice.soak") ? "4500" : "60");
    }

    private void run(String... arguments) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                Native.library("simulator-stress").toString(),
                Native.library("libcuda.so.1").toString());
        builder.command().addAll(java.util.List.of(arguments));
        builder.environment().put("SLUICE_SIM_DIR", cards.toString());
        Path output = cards.resolve("output");
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean ended = process.waitFor(Boolean.getBoolean("sluice.soak") ? 600 : 60, TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly();
        }
        String said = java.nio.file.Files.readString(output, StandardCharsets.UTF_8);
        assertThat(ended).as("ends in time; it said: %s", said).isTrue();
        assertThat(process.exitValue()).as("exit code; it said: %s", said).isZero();
    }
}
