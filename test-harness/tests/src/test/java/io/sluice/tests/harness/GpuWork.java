package io.sluice.tests.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.simulator.EngineBooks;
import io.sluice.simulator.EngineBooks.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Processes that keep the node's first GPU busy, with kernels that fill it and last as long as they are told; judged by the GPU's
 * own books.
 */
public final class GpuWork {
    private static final long LOOK_MS = 50; // the books' ring is soon full

    private final Node node;

    /** @param node whose GPU nobody has used yet */
    public GpuWork(Node node) throws IOException {
        this.node = node;
        Build.require(Build.SHARE_CLIENT);
        // The client's 16 blocks fill 8 SMs, so that its kernels never run side by side.
        Files.writeString(
                node.simulatedGpus().resolve("cards.conf"),
                "sms=8\nlength_ns.work=parameter:0\nlength_ns.spin=parameter:0\n",
                StandardOpenOption.APPEND);
    }

    /** Lets kernels of that name last so long, in ns. */
    public void kernelsOf(String name, long lengthNs) throws IOException {
        Files.writeString(
                node.simulatedGpus().resolve("cards.conf"),
                "length_ns." + name + "=" + lengthNs + "\n",
                StandardOpenOption.APPEND);
    }

    /**
     * A process of a tenant, ready to work.
     *
     * @param what as {@code share_client.c} describes: {@code lengths=200000 streams=8}
     */
    public Worker worker(Tenant tenant, String what) throws IOException {
        List<String> command = new ArrayList<>(List.of(Build.SHARE_CLIENT.toString()));
        command.addAll(List.of(what.split(" ")));
        return new Worker(node.service(command, tenant.environment(Map.of())));
    }

    /** One process. */
    public record Worker(Service service) {
        /** Waits until it is set up. */
        public Worker ready() throws InterruptedException {
            service.awaitOut("ready");
            return this;
        }

        /** It works from now on for so long. */
        public void work(Duration time) throws IOException {
            long now = System.nanoTime();
            service.tell(now + " " + (now + time.toNanos()));
        }

        public long pid() {
            return service.pid();
        }
    }

    /** What part of the time from now on the workers have the GPU, each. */
    public List<Double> received(Duration time, Worker... workers) throws IOException, InterruptedException {
        EngineBooks books =
                EngineBooks.open(node.simulatedGpus(), node.card().id().toString());
        List<Run> runs = new ArrayList<>();
        long from = System.nanoTime();
        long to = from + time.toNanos();
        while (System.nanoTime() < to + 4 * LOOK_MS * 1_000_000) {
            Thread.sleep(LOOK_MS);
            runs.addAll(books.read());
        }
        assertThat(books.lost()).as("records of the engine that were lost").isZero();
        Map<Long, Long> busy = EngineBooks.busyNsByPid(runs, from, to);
        return Arrays.stream(workers)
                .map(worker -> (double) busy.getOrDefault(worker.pid(), 0L) / time.toNanos())
                .toList();
    }
}
