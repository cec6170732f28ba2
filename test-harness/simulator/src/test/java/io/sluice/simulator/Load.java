package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process that runs src/test/c/load.c. */
final class Load implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 60;

    private final Process process;
    private final Path errors;
    private final BufferedReader output;
    private final PrintWriter input;

    private Load(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
        this.output = process.inputReader(StandardCharsets.UTF_8);
        this.input = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
    }

    /** Started, and ready to launch. {@code streams} as load.c describes them. */
    static Load ready(Path cards, String... streams) throws IOException {
        Load load = starting(cards, streams);
        assertThat(load.line()).isEqualTo("ready");
        return load;
    }

    static Load starting(Path cards, String... streams) throws IOException {
        Path errors = Files.createTempFile(cards, "load", ".err");
        ProcessBuilder builder = new ProcessBuilder(
                Native.library("simulator-load").toString(),
                Native.library("libcuda.so.1").toString());
        builder.command().addAll(List.of(streams));
        builder.environment().put("SLUICE_SIM_DIR", cards.toString());
        builder.redirectError(errors.toFile());
        return new Load(builder.start(), errors);
    }

    static String stream(int priority, int kernels, long leastNs, long mostNs, int blocks, boolean sync) {
        return "%d,%d,%d,%d,%d,%d".formatted(priority, kernels, leastNs, mostNs, blocks, sync ? 1 : 0);
    }

    void go() {
        input.println("go");
    }

    /** What it printed until all its kernels were over: times, for streams that wait. */
    List<Long> untilDone() throws IOException {
        List<Long> times = new ArrayList<>();
        for (String line = line(); !line.equals("done"); line = line()) {
            times.add(Long.parseLong(line));
        }
        return times;
    }

    private String line() throws IOException {
        String line = output.readLine();
        assertThat(line)
                .as("a line of the load, which said: %s", Files.readString(errors))
                .isNotNull();
        return line;
    }

    long pid() {
        return process.pid();
    }

    void signal(String name) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    void kill() throws InterruptedException {
        process.destroyForcibly();
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
