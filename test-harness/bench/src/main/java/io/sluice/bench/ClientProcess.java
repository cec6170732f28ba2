package io.sluice.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** A client program that says when it is ready, takes a line for each thing to do and answers with a line of numbers; it ends when closed. */
public final class ClientProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader answers;

    /** Waits until it is ready. Nothing that this process was told of Sluice or the loader reaches it but what {@code environment} says. */
    public ClientProcess(List<String> command, Map<String, String> environment) throws IOException {
        this.process = start(command, environment);
        this.answers = process.inputReader(StandardCharsets.UTF_8);
        if (!"ready".equals(answers.readLine())) {
            process.destroyForcibly();
            throw new IOException("a client did not start; its own message stands above");
        }
    }

    static Process start(List<String> command, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().keySet().removeIf(name -> name.startsWith("SLUICE_") || name.startsWith("LD_"));
        builder.environment().putAll(environment);
        return builder.start();
    }

    public long pid() {
        return process.pid();
    }

    public void tell(String line) throws IOException {
        process.outputWriter(StandardCharsets.UTF_8).append(line + "\n").flush();
    }

    /** @throws IOException if it has ended; what it said of that stands on stderr */
    public String answer() throws IOException {
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException("a client ended before it answered; its own message stands above");
        }
        return answer;
    }

    @Override
    public void close() throws IOException {
        process.outputWriter(StandardCharsets.UTF_8).close();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
