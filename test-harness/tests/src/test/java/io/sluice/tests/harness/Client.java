package io.sluice.tests.harness;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A client process that obeys one command a line and answers each with one line. Every wait has an end: a client that
 * does not answer in time fails the test with what it wrote on stderr.
 */
public final class Client {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Process process;
    private final Path errorFile;
    private final BlockingQueue<Optional<String>> lines = new LinkedBlockingQueue<>();
    private @Nullable String begun;

    Client(Process process, Path errorFile) {
        this.process = process;
        this.errorFile = errorFile;
        Thread reader = new Thread(this::read, "answers of " + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(Optional.of(line));
            }
        } catch (IOException e) {
            // The process was killed: its end is told below.
        }
        lines.add(Optional.empty());
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Sends a command and waits for its answer. */
    public Answer ask(String command) {
        begin(command);
        return await();
    }

    /** Sends a command; its answer comes by {@link #await()}. */
    public void begin(String command) {
        begun = command;
        try {
            process.outputWriter(StandardCharsets.UTF_8).append(command + "\n").flush();
        } catch (IOException e) {
            throw new AssertionError(story("does not take the command '" + command + "'"), e);
        }
    }

    /** The answer to the last command that was sent. */
    public Answer await() {
        String command = String.valueOf(begun);
        try {
            Optional<String> line = lines.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (line == null) {
                throw new AssertionError(story("did not answer '" + command + "' in " + PATIENCE.toSeconds() + " s"));
            }
            return Answer.parse(
                    command,
                    line.orElseThrow(() -> new AssertionError(story("ended before it answered '" + command + "'"))));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(story("was being waited for"), e);
        }
    }

    /** Whether the answer to the last command is there already. */
    public boolean hasAnswered() {
        return !lines.isEmpty();
    }

    /** Whether the client runs at all, where the machine may forbid it. */
    public boolean answers(String command) {
        try {
            return ask(command).result() == 0;
        } catch (AssertionError e) {
            return false;
        }
    }

    /** Asks for something that must succeed. */
    public Answer must(String command) {
        Answer answer = ask(command);
        if (answer.result() != 0) {
            throw new AssertionError(story("answered " + answer.result() + " to '" + command + "'"));
        }
        return answer;
    }

    /** Starts CUDA and makes a context on the first visible GPU. */
    public Client started() {
        must("init");
        must("context 0");
        return this;
    }

    /** SIGKILL, and waits until the process is gone. */
    public void kill() {
        process.destroyForcibly();
        ended();
    }

    /** Closes stdin and waits for the exit code. */
    public int end() {
        try {
            process.outputWriter(StandardCharsets.UTF_8).close();
        } catch (IOException e) {
            // It ended by itself.
        }
        return ended();
    }

    private int ended() {
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError(story("does not end"));
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(story("was being waited for"), e);
        }
    }

    /** Everything that the process wrote on stderr so far. */
    public String errors() {
        try {
            return Files.readString(errorFile, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The libwrapper's lines on stderr. */
    public List<String> sluiceLines() {
        return errors().lines().filter(line -> line.contains("sluice")).toList();
    }

    private String story(String what) {
        String end = process.isAlive() ? "" : " (exit code " + process.exitValue() + ")";
        return "client " + process.pid() + " " + what + end + "; its stderr:\n" + errors();
    }
}
