package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.GpuWork;
import io.sluice.tests.harness.GpuWork.Worker;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.Sanitizer;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.Way;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Shares of the GPU's time where kernels wait for each other and quotas change all the time: nobody hangs or loses its share. */
@SimulatedGpu
class ShareFaultsTest {
    private static final long MIB = 1L << 20;
    private static final Duration ALL = Duration.ofSeconds(60);
    private static final Duration MEASURED = Duration.ofMillis(1500);
    private static final Duration STUCK = Duration.ofSeconds(20);
    private static final int CHANGES = 1000;
    /** As in SmShareTest, and what is granted beside others ahead. */
    private static final double ABOVE = 0.06;

    enum Across {
        PROCESSES,
        TENANTS
    }

    @BeforeEach
    void withoutSanitizer() {
        assumeTrue(Sanitizer.PRESENT == Sanitizer.NONE, "times are not what they are with a sanitizer");
    }

    @ParameterizedTest
    @EnumSource
    void kernelsThatWaitForEachOtherEnd(Across across, Node node) throws Exception {
        GpuWork work = new GpuWork(node);
        work.kernelsOf("await", 1000); // or as long as it sees pass
        work.kernelsOf("tell", 1000);
        Tenant alice = node.tenant("alice", 64 * MIB).share(30);
        Tenant bob = node.tenant("bob", 64 * MIB).share(30);
        Worker carol = work.worker(node.tenant("carol", 64 * MIB).share(30), "lengths=200000")
                .ready();
        Client waiter = alice.client(Way.DLOPEN_SONAME).started();
        Client teller = switch (across) {
            case PROCESSES -> alice.client(Way.DLOPEN_SONAME).started();
            case TENANTS -> bob.client(Way.DLOPEN_SONAME).started();
        };
        carol.work(ALL);
        Path word = alice.folder().resolveSibling("word");
        Files.write(word, new byte[4]);
        waiter.must("spin " + word + " await");
        Thread.sleep(node.random().nextInt(50));
        long begun = System.nanoTime();
        teller.must("spin " + word + " tell");
        waiter.must("sync");
        assertThat(Duration.ofNanos(System.nanoTime() - begun))
                .as("seed %d", node.seed())
                .isLessThan(STUCK);
        assertThat(work.received(MEASURED, carol).get(0))
                .as("of the neighbour, seed %d", node.seed())
                .isBetween(0.15, 0.3 + ABOVE);
    }

    @Test
    void aThousandChangesOfAShareTakeNothingFromAnybody(Node node) throws Exception {
        GpuWork work = new GpuWork(node);
        Tenant alice = node.tenant("alice", 64 * MIB).share(30);
        Worker changed = work.worker(alice, "lengths=200000").ready();
        Worker neighbour = work.worker(node.tenant("bob", 64 * MIB).share(40), "lengths=2000000")
                .ready();
        changed.work(ALL);
        neighbour.work(ALL);
        CompletableFuture<Void> changes = CompletableFuture.runAsync(() -> change(alice, node));
        List<Double> meanwhile = new ArrayList<>();
        do {
            meanwhile.add(work.received(MEASURED, neighbour).get(0));
        } while (!changes.isDone());
        changes.get();
        assertThat(meanwhile).as("seed %d", node.seed()).allMatch(part -> part > 0.2 && part < 0.4 + ABOVE);
        alice.share(30);
        Thread.sleep(500); // what was granted at up to 50 %
        List<Double> after = work.received(MEASURED, changed, neighbour);
        assertThat(after.get(0)).as("seed %d", node.seed()).isBetween(0.15, 0.3 + ABOVE);
        assertThat(after.get(1)).as("seed %d", node.seed()).isBetween(0.2, 0.4 + ABOVE);
    }

    @Test
    void aChangeHoldsSoonForProcessesThatRun(Node node) throws Exception {
        GpuWork work = new GpuWork(node);
        Tenant alice = node.tenant("alice", 64 * MIB).share(2);
        Worker worker = work.worker(alice, "lengths=200000").ready();
        worker.work(ALL);
        Thread.sleep(500);
        List<Double> raised = new ArrayList<>();
        List<Double> lowered = new ArrayList<>();
        for (int round = 0; round < 9; round++) {
            raised.add(tenMillisecondsAfter(90, alice, work, worker));
            lowered.add(tenMillisecondsAfter(2, alice, work, worker));
        }
        assertThat(raised.stream().sorted().toList().get(4))
                .as("raised: %s", raised)
                .isGreaterThan(0.6);
        assertThat(lowered.stream().sorted().toList().get(4))
                .as("lowered: %s", lowered)
                .isLessThan(0.2);
    }

    /** What it receives in the 50 ms from 10 ms after the change on. */
    private static double tenMillisecondsAfter(int percent, Tenant tenant, GpuWork work, Worker worker)
            throws Exception {
        tenant.share(percent);
        Thread.sleep(10);
        return work.received(Duration.ofMillis(50), worker).get(0);
    }

    private static void change(Tenant tenant, Node node) {
        try {
            for (int i = 0; i < CHANGES; i++) {
                tenant.share(10 + node.random().nextInt(41));
                Thread.sleep(2);
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
