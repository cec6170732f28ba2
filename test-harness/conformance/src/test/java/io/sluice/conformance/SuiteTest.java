package io.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the suite itself promises, shown with a driver that is wrong on purpose: see src/test/c/wrong_driver.c. */
class SuiteTest {
    private static final Path HOME = Path.of(System.getProperty("sluice.home", "../.."));

    @TempDir
    private static Path folder;

    @BeforeAll
    static void compileWrongDriver() throws Exception {
        Process gcc = new ProcessBuilder(
                        "gcc",
                        "-shared",
                        "-fPIC",
                        "-o",
                        folder.resolve("wrong.so").toString(),
                        HOME.resolve("test-harness/conformance/src/test/c/wrong_driver.c")
                                .toString())
                .inheritIO()
                .start();
        assertThat(gcc.waitFor()).isZero();
    }

    @Test
    void failsADriverThatAnswersWrongly() throws Exception {
        Ended ended = run("--driver", folder.resolve("wrong.so").toString(), "--only", "cuInit/*");
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.output())
                .anyMatch(line -> line.startsWith("FAIL") && line.contains("cuInit/flags"))
                .anyMatch(line -> line.contains("expected INVALID_VALUE, got SUCCESS"));
    }

    @Test
    void aCheckThatCrashesTheDriverFailsAloneAndTheOthersGoOn() throws Exception {
        Ended ended = run("--driver", folder.resolve("wrong.so").toString(), "--only", "cuDriverGetVersion/*");
        assertThat(ended.output())
                .anyMatch(line -> line.contains("the process died of it"))
                .anyMatch(line -> line.startsWith("PASS") && line.contains("cuDriverGetVersion/twice"));
    }

    @Test
    void whatTheDriverDoesNotExportIsNotSupported() throws Exception {
        Ended ended = run("--driver", folder.resolve("wrong.so").toString(), "--only", "cuGetErrorName/*");
        assertThat(ended.code()).isZero();
        assertThat(ended.output()).anyMatch(line -> line.contains("the driver does not export cuGetErrorName"));
    }

    @Test
    void writesTheSameFileTwice() throws Exception {
        Path[] files = {folder.resolve("first.json"), folder.resolve("second.json")};
        for (Path file : files) {
            run("--driver", folder.resolve("wrong.so").toString(), "--only", "cuD*", "--json", file.toString());
        }
        assertThat(files[0]).hasSameTextualContentAs(files[1]);
        assertThat(files[0]).content().contains("\"check\":\"cuDriverGetVersion/twice\"");
    }

    @Test
    void namesADriverThatCannotBeLoaded() throws Exception {
        Ended ended = run("--driver", "/nonexistent/libcuda.so.1");
        assertThat(ended.code()).isEqualTo(69);
        assertThat(ended.output()).anyMatch(line -> line.contains("/nonexistent/libcuda.so.1"));
    }

    @Test
    void aPatternThatMatchesNothingIsAnError() throws Exception {
        Ended ended = run("--only", "cuNothing*");
        assertThat(ended.code()).isEqualTo(64);
        assertThat(ended.output()).anyMatch(line -> line.contains("'cuNothing*'") && line.contains("--list"));
    }

    @Test
    void everyCheckIsAboutAFunctionThatThereIs() throws Exception {
        Set<String> functions =
                Files.readAllLines(HOME.resolve("shim-native-bridge/src/main/api/cuda-driver-api.tsv")).stream()
                        .flatMap(row -> List.of(row.split("\t")).subList(0, 2).stream())
                        .collect(Collectors.toSet());
        assertThat(Suite.whole().matching("*"))
                .hasSizeGreaterThanOrEqualTo(300)
                .allSatisfy(check -> assertThat(functions).contains(check.function()));
    }

    private record Ended(int code, List<String> output) {}

    private static Ended run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> output;
        try (var reader = process.inputReader()) {
            output = reader.lines().toList();
        }
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Ended(process.exitValue(), output);
    }
}
