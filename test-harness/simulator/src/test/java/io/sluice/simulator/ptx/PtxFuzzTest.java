package io.sluice.simulator.ptx;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * No bytes given as a kernel image crash its reader, the PTX loader or the interpreter: the corpora, and changes to them, under ASan
 * and UBSan. {@code -Dsluice.fuzz.seconds=N} says for how long, {@code -Dsluice.seed=N} repeats a run; {@code
 * test-harness/simulator/fuzz} searches further, with libFuzzer.
 */
class PtxFuzzTest {
    private static final Path SOURCES =
            Path.of(System.getProperty("sluice.home", "../..")).resolve("test-harness/simulator/src");
    private static final int SECONDS = Integer.getInteger("sluice.fuzz.seconds", Ptx.rounds(10, 60));
    private static final long SEED = Long.getLong("sluice.seed", System.nanoTime());

    @TempDir
    private static Path folder;

    private static Path fuzzer = Path.of("");

    @BeforeAll
    static void build() throws Exception {
        fuzzer = folder.resolve("ptx_fuzz");
        List<String> command =
                new ArrayList<>(List.of("gcc", "-std=gnu11", "-O1", "-g", "-Wall", "-Wextra", "-Werror"));
        command.addAll(List.of("-ffp-contract=off", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"));
        command.addAll(List.of("-DSTANDALONE", "-I" + SOURCES.resolve("main/c")));
        try (Stream<Path> files = Files.list(SOURCES.resolve("main/c/ptx"))) {
            files.map(Path::toString)
                    .filter(file -> file.endsWith(".c"))
                    .sorted()
                    .forEach(command::add);
        }
        for (String file : new String[] {"image", "fatbin", "unpack"})
            command.add(SOURCES.resolve("main/c/driver/" + file + ".c").toString());
        command.add(SOURCES.resolve("test/c/ptx_fuzz.c").toString());
        command.addAll(List.of("-lm", "-ldl", "-o", fuzzer.toString()));
        run(command);
    }

    @Test
    void survivesChangedPrograms() throws Exception {
        assertSurvives("ptx-corpus");
    }

    /** Fatbins that are plain or packed by LZ4 or zstd, and what the linker makes. */
    @Test
    void survivesChangedImages() throws Exception {
        assertSurvives("image-corpus");
    }

    private static void assertSurvives(String corpus) throws Exception {
        String said = run(List.of(
                fuzzer.toString(),
                SOURCES.resolve("test/" + corpus).toString(),
                Integer.toString(SECONDS / 2),
                Long.toString(SEED)));
        System.out.println(corpus + ": " + said.strip().replace('\n', ' '));
        assertThat(said).matches("(?s)seed=\\d+\\s+files=[1-9]\\d* tried=\\d{2,}\\s*");
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }
}
