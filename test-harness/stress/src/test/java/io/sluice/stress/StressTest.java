package io.sluice.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Under jcstress, Java's readers of the shared files see nothing that was never so. */
class StressTest {
    private static final boolean SOAK = Boolean.getBoolean("sluice.soak");
    private static final Path WRITER = Path.of(System.getProperty("sluice.home", "../.."))
            .resolve("shim-native-bridge/target/native/test/libledger-writer.so")
            .toAbsolutePath();

    @TempDir
    Path folder;

    @Test
    void noReaderSeesWhatWasNeverSo() throws Exception {
        Path output = folder.resolve("output");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "org.openjdk.jcstress.Main",
                "-t",
                "io.sluice.bridge.ledger",
                "-strideSize",
                "64",
                "-strideCount",
                "8",
                "-af",
                "NONE",
                "-r",
                folder.resolve("results").toString()));
        String writer = "-Dsluice.stress.writer=" + WRITER;
        // In the soak each compiler by itself and both, as jcstress finds them.
        command.addAll(
                SOAK
                        ? List.of("-jvmArgsPrepend", writer)
                        : List.of("-jvmArgs", writer, "-sc", "false", "-f", "1", "-iters", "5", "-time", "400"));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean ended = process.waitFor(SOAK ? 30 : 5, TimeUnit.MINUTES);
        process.destroyForcibly();
        String text = Files.readString(output);
        assertThat(ended).as(text).isTrue();
        assertThat(process.exitValue()).as(text).isZero();
        assertThat(text)
                .contains("Failed tests: No matches.", "Error tests: No matches.", "All remaining tests: 2 matching");
        List<String> results =
                text.lines().filter(line -> line.startsWith("(Results:")).toList();
        assertThat(results).isNotEmpty();
        System.out.println("jcstress " + results.get(results.size() - 1));
    }
}
