package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.policy.tenantfile.SmQuota;
import io.sluice.policy.time.Priority;
import io.sluice.policy.time.Share;
import io.sluice.tests.harness.GpuWork;
import io.sluice.tests.harness.GpuWork.Worker;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.Sanitizer;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What share of the GPU's time processes receive, by its own books. The bounds are wide below, since this machine may have other
 * things to do than to launch in time, and narrow above; what is received on a quiet one, the benchmark shows.
 */
@SimulatedGpu
class SmShareTest {
    private static final long MIB = 1L << 20;
    private static final Duration BEGIN = Duration.ofMillis(500);
    private static final Duration MEASURED = Duration.ofMillis(1500);
    private static final Duration ALL = Duration.ofSeconds(30);

    /** Bursts at the edges of what is measured, and the engine's own round figures. */
    private static final double ABOVE = 0.03;

    @BeforeEach
    void withoutSanitizer() {
        assumeTrue(Sanitizer.PRESENT == Sanitizer.NONE, "times are not what they are with a sanitizer");
    }

    @ParameterizedTest
    @CsvSource({
        "30, lengths=20000",
        "30, lengths=200000",
        "75, lengths=2000000",
        "25, lengths=20000000",
        "10, lengths=200000 streams=8",
        "30, lengths=20000 graph=10",
        "50, lengths=200000 between=host",
        "50, lengths=200000 between=copy",
    })
    void aTenantAloneReceivesItsShare(int percent, String what, Node node) throws Exception {
        GpuWork work = new GpuWork(node);
        Worker worker =
                work.worker(node.tenant("alice", 64 * MIB).share(percent), what).ready();
        worker.work(ALL);
        Thread.sleep(BEGIN.toMillis());
        double share = percent / 100.0;
        assertThat(work.received(MEASURED, worker).get(0)).isBetween(share / 2, share + ABOVE);
    }

    @Test
    void processesOfOneTenantHaveItsShareTogether(Node node) throws Exception {
        GpuWork work = new GpuWork(node);
        Tenant alice = node.tenant("alice", 64 * MIB).share(40);
        List<Worker> workers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            workers.add(work.worker(alice, "lengths=200000"));
        }
        List<Double> received = received(work, workers);
        assertThat(sum(received)).isBetween(0.2, 0.4 + ABOVE);
        assertThat(received).allSatisfy(part -> assertThat(part).isGreaterThan(0.02));
    }

    /** Of equal lengths and of very unequal ones. */
    @ParameterizedTest
    @ValueSource(longs = {200_000, 20_000_000})
    void tenantsThatAllWantTheGpuReceiveItByTheirShares(long otherLengthNs, Node node) throws Exception {
        GpuWork work = new GpuWork(node);
        List<Worker> workers = List.of(
                work.worker(node.tenant("alice", 64 * MIB).share(30), "lengths=200000"),
                work.worker(node.tenant("bob", 64 * MIB).share(70), "lengths=" + otherLengthNs));
        List<Double> received = received(work, workers);
        assertThat(received.get(0)).as("30 %: %s", received).isBetween(0.1, 0.3 + ABOVE);
        assertThat(received.get(1)).as("70 %: %s", received).isBetween(0.3, 0.7 + 2 * ABOVE);
        assertThat(received.get(0) / sum(received)).as("of both: %s", received).isBetween(0.2, 0.4);
    }

    @Test
    void whatOthersLeaveMayBeBorrowedUpToTheMaximum(Node node) throws Exception {
        GpuWork work = new GpuWork(node);
        SmQuota borrowing = new SmQuota(Share.ofPercent(20), Optional.of(Share.ofPercent(80)), Priority.NORMAL);
        Worker alice = work.worker(node.tenant("alice", 64 * MIB).share(borrowing), "lengths=200000")
                .ready();
        Worker bob = work.worker(node.tenant("bob", 64 * MIB).share(60), "lengths=200000")
                .ready();
        alice.work(ALL);
        Thread.sleep(BEGIN.toMillis());
        assertThat(work.received(MEASURED, alice).get(0)).as("alone").isBetween(0.4, 0.8 + ABOVE);
        bob.work(ALL);
        Thread.sleep(BEGIN.toMillis());
        List<Double> received = work.received(MEASURED, alice, bob);
        assertThat(received.get(1)).as("who did not borrow: %s", received).isBetween(0.3, 0.6 + 2 * ABOVE);
        assertThat(received.get(0) / sum(received)).as("of both: %s", received).isLessThan(0.55);
    }

    @Test
    void aTenantWithoutAShareLeavesTheOthersTheirs(Node node) throws Exception {
        GpuWork work = new GpuWork(node);
        List<Worker> workers = List.of(
                work.worker(node.tenant("alice", 64 * MIB).share(40), "lengths=200000"),
                work.worker(node.tenant("bob", 64 * MIB).weight(60), "lengths=20000000"));
        List<Double> received = received(work, workers);
        assertThat(received.get(0)).as("40 %: %s", received).isBetween(0.2, 0.4 + ABOVE);
        assertThat(received.get(1)).as("the rest: %s", received).isGreaterThan(0.3);
    }

    @Test
    void turnsOfWhoWantsALowLatencyAreShorterAndItsShareTheSame(Node node) throws Exception {
        GpuWork work = new GpuWork(node);
        List<Worker> workers = new ArrayList<>();
        for (Priority priority : List.of(Priority.LATENCY, Priority.BATCH)) {
            SmQuota quota = new SmQuota(Share.ofPercent(50), Optional.empty(), priority);
            workers.add(work.worker(
                    node.tenant(priority.name().toLowerCase(Locale.ROOT), 64 * MIB)
                            .share(quota),
                    "lengths=200000"));
        }
        List<Double> received = received(work, workers);
        assertThat(received).allSatisfy(part -> assertThat(part).isBetween(0.25, 0.5 + 2 * ABOVE));
    }

    @Test
    void aRaisedShareHoldsForProcessesThatRun(Node node) throws Exception {
        GpuWork work = new GpuWork(node);
        Tenant alice = node.tenant("alice", 64 * MIB).share(1);
        Worker worker = work.worker(alice, "lengths=20000000 ahead_ns=0").ready();
        worker.work(ALL);
        Thread.sleep(BEGIN.toMillis());
        assertThat(work.received(MEASURED, worker).get(0)).isLessThan(0.1);
        alice.share(90);
        Thread.sleep(100);
        assertThat(work.received(MEASURED, worker).get(0)).isGreaterThan(0.4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"KILL", "STOP"})
    void whoDiesOrIsStoppedLeavesTheOthersTheirShares(String signal, Node node) throws Exception {
        GpuWork work = new GpuWork(node);
        Worker alice = work.worker(node.tenant("alice", 64 * MIB).share(50), "lengths=3000000")
                .ready();
        Worker bob = work.worker(node.tenant("bob", 64 * MIB).share(50), "lengths=200000")
                .ready();
        alice.work(ALL);
        bob.work(ALL);
        for (int round = 0; round < 3; round++) {
            Thread.sleep(200 + node.random().nextInt(20)); // in or between turns
            alice.service().signal(signal);
            Thread.sleep(100);
            assertThat(work.received(Duration.ofMillis(500), bob).get(0))
                    .as("after SIG%s, seed %d", signal, node.seed())
                    .isBetween(0.25, 0.5 + 2 * ABOVE);
            if (signal.equals("KILL")) {
                return;
            }
            alice.service().signal("CONT");
        }
        Thread.sleep(200);
        assertThat(work.received(MEASURED, alice, bob))
                .allSatisfy(part -> assertThat(part)
                        .as("after SIGCONT, seed %d", node.seed())
                        .isBetween(0.15, 0.5 + 2 * ABOVE));
    }

    @Test
    void aKernelThatDoesNotEndLeavesTheOthersTheirTurns(Node node) throws Exception {
        GpuWork work = new GpuWork(node);
        Worker alice = work.worker(node.tenant("alice", 64 * MIB).share(50), "lengths=1000000000000")
                .ready();
        Worker bob = work.worker(node.tenant("bob", 64 * MIB).share(40), "lengths=200000")
                .ready();
        bob.work(ALL);
        alice.work(ALL);
        Thread.sleep(BEGIN.toMillis());
        assertThat(work.received(MEASURED, bob).get(0)).isBetween(0.1, 0.4 + ABOVE);
    }

    @Test
    void whatIsRecordedIntoAGraphTakesNoTime(Node node) throws Exception {
        GpuWork work = new GpuWork(node);
        Tenant alice = node.tenant("alice", 64 * MIB).share(1);
        work.worker(alice, "lengths=50000000 graph=50").ready(); // 2.5 s of kernels, which 1 % would have to wait for
        assertThat(alice.usage(node.card()).time().throttled()).isZero();
        assertThat(alice.usage(node.card()).time().busy()).isZero();
    }

    private static List<Double> received(GpuWork work, List<Worker> workers) throws IOException, InterruptedException {
        for (Worker worker : workers) {
            worker.ready();
        }
        for (Worker worker : workers) {
            worker.work(ALL);
        }
        Thread.sleep(BEGIN.toMillis());
        return work.received(MEASURED, workers.toArray(Worker[]::new));
    }

    private static double sum(List<Double> parts) {
        return parts.stream().mapToDouble(part -> part).sum();
    }
}
