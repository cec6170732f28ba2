package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A process of src/test/c/churn.c, which does all kinds of work and ends with 1 where anything comes out wrong. */
final class Churn implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 240;

    private final Process process;
    private final Path output;

    private Churn(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** {@code rounds} for each of its threads, 0: until it is stopped or killed. */
    static Churn working(Path cards, int seed, int rounds, int threads) throws IOException {
        Path handles = Files.createDirectories(cards.resolve("handles"));
        return start(
                cards,
                List.of("work", "" + Integer.toUnsignedLong(seed), "" + rounds, "" + threads, handles.toString()));
    }

    /** Waits until nothing of the card is used and then takes all of it. */
    static Churn emptying(Path cards, long patienceMs) throws IOException {
        return start(cards, List.of("empty", "" + patienceMs));
    }

    private static Churn start(Path cards, List<String> arguments) throws IOException {
        Path output = Files.createTempFile(cards, "churn", ".out");
        ProcessBuilder builder = new ProcessBuilder(
                Native.library("simulator-churn").toString(),
                Native.library("libcuda.so.1").toString());
        builder.command().addAll(arguments);
        builder.environment().put("SLUICE_SIM_DIR", cards.toString());
        builder.redirectErrorStream(true).redirectOutput(output.toFile());
        return new Churn(builder.start(), output);
    }

    /** What it printed, when it has ended by itself and all was right. */
    String output() throws Exception {
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .as("the client ends in time; it said: %s", said())
                .isTrue();
        assertThat(process.exitValue()).as("exit code; it said: %s", said()).isZero();
        return said();
    }

    /** Lets it end by itself, when it has begun to work. */
    void stop() {
        Awaitility.await().until(() -> said().startsWith("ready"));
        process.destroy();
    }

    /** By SIGKILL, whatever it is doing. What it had found wrong before then fails the test. */
    void kill() throws Exception {
        process.destroyForcibly();
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(said()).as("what a killed client said").matches("(ready\n)?");
        Files.delete(output);
    }

    private String said() throws IOException {
        return Files.readString(output);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
