package io.sluice.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** One client process, set up and waiting; it measures when told and ends when closed. */
final class BenchClient implements AutoCloseable {
    private final Process process;
    private final BufferedReader answers;

    BenchClient(Path program, Workload workload, Map<String, String> environment) throws IOException {
        this.process = start(
                List.of(
                        program.toString(),
                        "measure",
                        workload.call().argument,
                        String.valueOf(workload.threads()),
                        String.valueOf(workload.live())),
                environment);
        this.answers = process.inputReader(StandardCharsets.UTF_8);
        if (!"ready".equals(answers.readLine())) {
            process.destroyForcibly();
            throw new IOException("the benchmark client did not start; its own message stands above");
        }
    }

    static Process start(List<String> command, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().keySet().removeIf(name -> name.startsWith("SLUICE_") || name.startsWith("LD_"));
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** Asks for a measurement from {@code startNs} of the monotonic clock on; the answer comes by {@link #work()}. */
    void measure(long startNs, long durationNs) throws IOException {
        process.outputWriter(StandardCharsets.UTF_8)
                .append(startNs + " " + durationNs + "\n")
                .flush();
    }

    /**
     * What a client did in the time that it was given.
     *
     * @param calls made by all its threads
     * @param cpuNs processor time that they took
     */
    record Work(long calls, long cpuNs) {}

    Work work() throws IOException {
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException("the benchmark client ended while it measured");
        }
        String[] numbers = answer.split(" ", 2);
        return new Work(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]));
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
