package io.sluice.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** One client process, set up and waiting; it measures when told and ends when closed. */
final class BenchClient implements AutoCloseable {
    private final ClientProcess process;

    BenchClient(Path program, Workload workload, Map<String, String> environment) throws IOException {
        this.process = new ClientProcess(
                List.of(
                        program.toString(),
                        "measure",
                        workload.call().argument,
                        String.valueOf(workload.threads()),
                        String.valueOf(workload.live())),
                environment);
    }

    /** Asks for a measurement from {@code startNs} of the monotonic clock on; the answer comes by {@link #work()}. */
    void measure(long startNs, long durationNs) throws IOException {
        process.tell(startNs + " " + durationNs);
    }

    /**
     * What a client did in the time that it was given.
     *
     * @param calls made by all its threads
     * @param cpuNs processor time that they took
     */
    record Work(long calls, long cpuNs) {}

    Work work() throws IOException {
        String[] numbers = process.answer().split(" ", 2);
        return new Work(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]));
    }

    @Override
    public void close() throws IOException {
        process.close();
    }
}
