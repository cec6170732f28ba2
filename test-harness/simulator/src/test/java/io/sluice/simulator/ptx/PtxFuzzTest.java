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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * No bytes given as PTX or as a fatbin crash the loader or the interpreter: the corpus, and changes to it, under ASan and UBSan.
 * {@code test-harness/simulator/fuzz} searches further, with libFuzzer.
 */
class PtxFuzzTest {
    private static final Path SOURCES =
            Path.of(System.getProperty("sluice.home", "../..")).resolve("test-harness/simulator/src");

    @TempDir
    private Path folder;

    @Test
    void survivesChangedPrograms() throws Exception {
        String seconds = Integer.toString(Ptx.rounds(10, 60));
        String said = run(
                List.of(build().toString(), SOURCES.resolve("test/ptx-corpus").toString(), seconds));
        System.out.println("changed programs: " + said);
        assertThat(said).matches("(?s)files=\\d{2,} tried=\\d{2,}\\s*");
    }

    private Path build() throws Exception {
        Path program = folder.resolve("ptx_fuzz");
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
        for (String file : new String[] {"test/c/ptx_fuzz.c", "main/c/driver/fatbin.c", "main/c/driver/unpack.c"})
            command.add(SOURCES.resolve(file).toString());
        command.addAll(List.of("-lm", "-ldl", "-o", program.toString()));
        run(command);
        return program;
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }
}
