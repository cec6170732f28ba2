package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The stand-in for NVIDIA's runtime library, as programs meet it that nvcc made: src/test/c/cudart_client.c, which is linked to
 * {@code libcudart.so.12} and has its kernels registered before main.
 */
class CudartTest {
    private static final int PATIENCE_SECONDS = 60;

    @TempDir
    private Path cards;

    @Test
    void runsRegisteredKernelsOverRegisteredVariablesAlsoAfterAReset() throws Exception {
        assertRuns("registered");
    }

    /** As nvcc wraps and packs them. */
    @ParameterizedTest
    @ValueSource(strings = {"plain", "lz4", "zstd"})
    void runsKernelsOfARegisteredFatbin(String packing) throws Exception {
        String ptx = run(Native.folder(), "ptx", Map.of());
        Fatbin fatbin = new Fatbin().plain(Fatbin.CUBIN, 80, "\177ELF machine code");
        switch (packing) {
            case "lz4" -> fatbin.packed(70, Fatbin.LZ4, ptx);
            case "zstd" -> {
                assumeTrue(Native.hasZstd(), "needs libzstd.so.1");
                fatbin.packed(70, Fatbin.ZSTD, ptx);
            }
            default -> fatbin.plain(Fatbin.PTX, 70, ptx);
        }
        assertRunsFatbin("registered", fatbin);
        assertRunsFatbin("shared", fatbin);
    }

    @Test
    void saysThatAFatbinHasNothingForThisDevice() throws Exception {
        assertRunsFatbin("machine-code", new Fatbin().plain(Fatbin.CUBIN, 80, "\177ELF machine code"));
    }

    @Test
    void passesALaunchsConfigurationThroughItsHostStub() throws Exception {
        assertRuns("shared");
    }

    @Test
    void keepsEachThreadsLastErrorUntilItIsTaken() throws Exception {
        assertRuns("errors");
    }

    @Test
    void copiesPitchedMemoryAndTimesItByEvents() throws Exception {
        assertRuns("pitched");
    }

    /** A driver that cannot be loaded is as none, and hides one that the machine may have. */
    @Test
    void saysThatThereIsNoDriver() throws Exception {
        Files.createFile(cards.resolve("libcuda.so.1"));
        run(cards, "no-driver", Map.of());
    }

    @Test
    void saysThatThereIsNoDevice() throws Exception {
        Card.install(cards, Card.of(256 << 20));
        run(Native.folder(), "no-device", Map.of("CUDA_VISIBLE_DEVICES", ""));
    }

    private void assertRuns(String test) throws Exception {
        Card.install(cards, Card.of(256 << 20));
        run(Native.folder(), test, Map.of());
    }

    private void assertRunsFatbin(String test, Fatbin fatbin) throws Exception {
        Card.install(cards, Card.of(256 << 20));
        Path file = Files.write(cards.resolve("image.fatbin"), fatbin.bytes());
        run(Native.folder(), test, Map.of("CUDART_CLIENT_FATBIN", file.toString()));
    }

    /** Returns what it said. */
    private String run(Path driverFolder, String test, Map<String, String> environment) throws Exception {
        String seed = String.valueOf(new Random().nextInt(1 << 30));
        ProcessBuilder builder =
                new ProcessBuilder(Native.library("cudart-client").toString(), test, seed);
        builder.environment().put("SLUICE_SIM_DIR", cards.toString());
        builder.environment().put("LD_LIBRARY_PATH", driverFolder.toString());
        builder.environment().putAll(environment);
        Path output = cards.resolve("output");
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly();
        }
        String said = Files.readString(output, StandardCharsets.UTF_8);
        assertThat(ended)
                .as("%s with seed %s ends in time; it said: %s", test, seed, said)
                .isTrue();
        assertThat(process.exitValue())
                .as("exit code of %s with seed %s; it said: %s", test, seed, said)
                .isZero();
        return said;
    }
}
