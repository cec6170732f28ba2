package io.sluice.tests.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A process that goes on until it is stopped. A {@link Node} kills what is left of it. */
public final class Service {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Process process;
    private final Path out;
    private final Path err;

    Service(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    public long pid() {
        return process.pid();
    }

    public String out() {
        return read(out);
    }

    public String err() {
        return read(err);
    }

    /** Waits until its stdout holds a match. */
    public Matcher awaitOut(String pattern) throws InterruptedException {
        return await(pattern, out);
    }

    /** Waits until its stderr holds a match. */
    public Matcher awaitErr(String pattern) throws InterruptedException {
        return await(pattern, err);
    }

    /** Writes a line to its stdin. */
    public void tell(String line) throws IOException {
        process.outputWriter(StandardCharsets.UTF_8).append(line + "\n").flush();
    }

    /** SIGKILL, and waits until it is gone. */
    public void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** Sends a signal, such as {@code STOP}. */
    public void signal(String name) throws IOException, InterruptedException {
        if (new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .start()
                        .waitFor()
                != 0) {
            throw new AssertionError("no SIG" + name + " to process " + process.pid());
        }
    }

    /** SIGTERM; the exit code. */
    public int stop() throws InterruptedException {
        process.destroy();
        return exitCode();
    }

    /** Waits for its end. */
    public int exitCode() throws InterruptedException {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("process " + process.pid() + " does not end; its stderr:\n" + err());
        }
        return process.exitValue();
    }

    private Matcher await(String pattern, Path file) throws InterruptedException {
        Pattern wanted = Pattern.compile(pattern);
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            boolean alive = process.isAlive();
            Matcher matcher = wanted.matcher(read(file));
            if (matcher.find()) {
                return matcher;
            }
            if (!alive) {
                throw new AssertionError("process ended with " + process.exitValue() + " before it wrote '" + pattern
                        + "'; its stderr:\n" + err());
            }
            Thread.sleep(5);
        }
        throw new AssertionError("no '" + pattern + "' in\n" + read(file) + "\nits stderr:\n" + err());
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
