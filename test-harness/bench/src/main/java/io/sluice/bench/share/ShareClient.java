package io.sluice.bench.share;

import io.sluice.bench.ClientProcess;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** One process that uses the GPU: set up and waiting; works when told, ends when closed. */
final class ShareClient implements AutoCloseable {
    private final ClientProcess process;

    /**
     * What it says of itself afterwards.
     *
     * @param workNs the sum of its kernels' nominal lengths
     * @param medianNs how long one took that was waited for; 0 where none was
     */
    record Work(long launches, long workNs, long medianNs, long p99Ns) {}

    ShareClient(List<String> command, Map<String, String> environment) throws IOException {
        this.process = new ClientProcess(command, environment);
    }

    /** Its process id: {@code sluice run} becomes the application. */
    long pid() {
        return process.pid();
    }

    /** Times are of CLOCK_MONOTONIC, which is {@link System#nanoTime} on Linux. */
    void work(long startNs, long endNs) throws IOException {
        process.tell(startNs + " " + endNs);
    }

    Work done() throws IOException {
        String[] numbers = process.answer().split(" ", 4);
        return new Work(
                Long.parseLong(numbers[0]),
                Long.parseLong(numbers[1]),
                Long.parseLong(numbers[2]),
                Long.parseLong(numbers[3]));
    }

    @Override
    public void close() throws IOException {
        process.close();
    }
}
