package io.sluice.tests;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.tests.harness.Answer;
import io.sluice.tests.harness.Charge;
import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.Sanitizer;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.Way;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A process that dies, at any instruction, gives everything back by the time anyone next needs it. */
@SimulatedGpu
class KilledProcessesTest {
    private static final int PROCESSES = 4;
    private static final int KILLS = Boolean.getBoolean("sluice.soak") ? 10_000 : 60;
    private static final long ENDLESS = 1_000_000_000L;

    /**
     * Each round: four processes allocate and free as fast as they can; one is killed at a random moment, the others
     * come to rest; one of them then asks for every byte that the other two do not hold.
     */
    @Test
    void theirMemoryIsThereForTheNextWhoNeedsIt(Node node) throws Exception {
        Random random = node.random();
        long limit = node.oddBytes(4, 8);
        Tenant alice = node.tenant("alice", limit);
        Client[] clients = new Client[PROCESSES];
        for (int i = 0; i < PROCESSES; i++) {
            clients[i] = alice.client(Way.DLOPEN_SONAME).started();
        }
        long[] reclaimNs = new long[KILLS];
        for (int kill = 0; kill < KILLS; kill++) {
            int victim = random.nextInt(PROCESSES);
            for (int i = 0; i < PROCESSES; i++) {
                long count = i == victim ? ENDLESS : 200 + random.nextInt(2000);
                clients[i].begin("churn " + count + " " + random.nextInt(1 << 30) + " 99999 60 2");
            }
            Thread.sleep(random.nextInt(8), random.nextInt(1_000_000));
            clients[victim].kill();
            Client next = clients[(victim + 1) % PROCESSES];
            long held = heldBySurvivors(clients, victim, next);
            long rest = Charge.largestIn(limit - held);
            Answer grant = next.ask("alloc " + rest);
            assertThat(grant.result())
                    .as(
                            "%d bytes after kill %d, seed %d: the victim's share was not taken back",
                            rest, kill, node.seed())
                    .isZero();
            reclaimNs[kill] = grant.number(1);
            assertSumOfSlots(alice, held + rest, kill, node);
            next.must("free " + grant.number(0));
            for (int i = 0; i < PROCESSES; i++) {
                if (i != victim) {
                    clients[i].must("drop");
                }
            }
            clients[victim] = alice.client(Way.DLOPEN_SONAME).started();
        }
        for (Client client : clients) {
            client.end();
        }
        report(reclaimNs, node.seed());
    }

    @Test
    void theirCountersStay(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 1_000_001);
        Client victim = alice.client(Way.DLOPEN_SONAME).started();
        victim.must("alloc 999936");
        victim.ask("alloc 1");
        victim.kill();
        Client next = alice.client(Way.DLOPEN_SONAME).started();
        next.must("alloc 999936");
        next.ask("alloc 1");
        assertThat(alice.usage(node.card()).allocations()).isEqualTo(2);
        assertThat(alice.usage(node.card()).denialsByLimit()).isEqualTo(2);
    }

    @Test
    void soIsTheMemoryOfAProcessThatExitsWithoutFreeing(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 1_000_001);
        Client first = alice.client(Way.DLOPEN_SONAME).started();
        first.must("alloc " + Charge.largestIn(1_000_001));
        assertThat(first.end()).isZero();
        Client next = alice.client(Way.DLOPEN_SONAME).started();
        next.must("alloc " + Charge.largestIn(1_000_001));
    }

    /** Such a process loses the lock that shows it is alive; its account must not go to others for that. */
    @Test
    void aProcessThatClosesAllItsFilesIsNotTakenForDead(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 1_000_001);
        Client careless = alice.client(Way.DLOPEN_SONAME).started();
        careless.must("alloc 600000");
        careless.must("close-files");
        Client next = alice.client(Way.DLOPEN_SONAME).started();
        assertThat(next.ask("alloc 600000").result())
                .as("the bytes are still the other's")
                .isEqualTo(2);
        assertThat(alice.used()).isEqualTo(Charge.of(600_000));
        careless.must("free 0");
        next.must("alloc 600000");
        assertThat(alice.used()).isEqualTo(Charge.of(600_000));
    }

    @Test
    void aDeadProcessWhosePidAnotherOneHasIsDead(Node node) throws Exception {
        Tenant alice = node.tenant("alice", 1_000_001);
        Path commands = Files.writeString(node.file("commands"), "init\ncontext 0\nalloc 600000\n");
        Path holds = node.file("holds");
        String script = """
                mkfifo %2$s.in && exec 3<>%2$s.in || exit 3
                cat %1$s >&3
                "$@" <%2$s.in >%2$s & victim=$!
                for i in $(seq 100); do [ "$(wc -l <%2$s)" = 3 ] && break; sleep 0.1; done
                kill -9 $victim; wait $victim 2>/dev/null
                echo $((victim - 1)) >/proc/sys/kernel/ns_last_pid || exit 4
                "$@" <%1$s & other=$!
                wait $other
                echo $victim $other
                """.formatted(commands, holds);
        Process process = node.builder(
                        Stream.concat(
                                        Stream.of(
                                                "unshare",
                                                "--pid",
                                                "--fork",
                                                "--mount-proc",
                                                "--kill-child",
                                                "sh",
                                                "-c",
                                                script,
                                                "sh"),
                                        Way.DLOPEN_SONAME.command().stream())
                                .toList(),
                        alice.environment(Map.of()))
                .redirectErrorStream(true)
                .start();
        List<String> lines = process.inputReader().lines().toList();
        int exitCode = process.waitFor();
        assumeTrue(
                exitCode != 1 || !lines.get(0).startsWith("unshare:"), "this machine makes no pid namespace (unshare)");
        assumeTrue(exitCode != 4, "this machine lets nobody choose the next pid of a namespace: needs root");
        assertThat(exitCode).as("%s", lines).isZero();
        String[] pids = lines.get(lines.size() - 1).split(" ");
        assertThat(pids[1]).as("the pids of both, %s", lines).isEqualTo(pids[0]);
        assertThat(lines.get(lines.size() - 2))
                .as("600,000 bytes while the dead one's are charged")
                .startsWith("0");
        assertThat(alice.used()).as("of the other, which has ended since").isEqualTo(Charge.of(600_000));
    }

    /** As in a container of its own, where its pid means something else to the others. */
    @Test
    void aProcessInAnotherPidNamespaceIsToldFromADeadOne(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 1_000_001);
        List<String> contained = List.of("unshare", "--pid", "--fork", "--kill-child");
        Client inside = alice.client(contained, Way.DLOPEN_SONAME);
        assumeTrue(inside.answers("pid"), "this machine lets nobody make a pid namespace (unshare)");
        inside.started();
        inside.must("alloc 600000");
        Client outside = alice.client(Way.DLOPEN_SONAME).started();
        assertThat(outside.ask("alloc 600000").result())
                .as("the bytes are the living process'")
                .isEqualTo(2);
        Client beside = alice.client(contained, Way.DLOPEN_SONAME).started();
        assertThat(beside.ask("alloc 600000").result())
                .as("from a third namespace")
                .isEqualTo(2);
        assertThat(alice.used()).isEqualTo(Charge.of(600_000));

        inside.kill();
        await().atMost(5, SECONDS)
                .untilAsserted(() -> assertThat(beside.ask("alloc 600000").result())
                        .as("the bytes of the dead process")
                        .isZero());
        assertThat(alice.used()).isEqualTo(Charge.of(600_000));
    }

    /**
     * Nothing distinguishes a process of another pid namespace that closed all its files from a dead one. What it holds
     * is counted again as soon as it asks for anything, and nobody gets more until all of it fits.
     */
    @Test
    void aLivingProcessThatWasTakenForDeadIsCountedAgain(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 1_000_001);
        Client lost = alice.client(List.of("unshare", "--pid", "--fork", "--kill-child"), Way.DLOPEN_SONAME);
        assumeTrue(lost.answers("pid"), "this machine lets nobody make a pid namespace (unshare)");
        lost.started();
        lost.must("alloc 300000");
        lost.must("alloc 300000");
        lost.must("close-files");
        Client next = alice.client(Way.DLOPEN_SONAME).started();
        next.must("alloc 600000");

        assertThat(lost.ask("alloc 1").result()).as("nothing more is granted").isEqualTo(2);
        assertThat(alice.used()).as("all that both hold").isEqualTo(Charge.of(300_000) * 2 + Charge.of(600_000));
        assertThat(next.ask("alloc 1").result()).isEqualTo(2);
        lost.must("free 0");
        assertThat(alice.used()).isEqualTo(Charge.of(300_000) + Charge.of(600_000));
        next.must("alloc 512");
        lost.must("free 1");
        next.must("free 0");
        next.must("free 1");
        assertThat(alice.used()).isZero();
    }

    /** What the survivors hold when they have come to rest and {@code next} has freed everything. */
    private static long heldBySurvivors(Client[] clients, int victim, Client next) {
        long held = 0;
        for (int i = 0; i < PROCESSES; i++) {
            if (i != victim) {
                Answer answer = clients[i].await();
                assertThat(answer.result()).as("%s", answer).isZero();
                held += clients[i] == next ? 0 : answer.number(2);
            }
        }
        next.must("drop");
        return held;
    }

    private static void assertSumOfSlots(Tenant tenant, long expected, int kill, Node node) {
        assertThat(tenant.used())
                .as("charged after kill %d, seed %d", kill, node.seed())
                .isEqualTo(expected);
        if (Sanitizer.PRESENT != Sanitizer.NONE) {
            return; // a libwrapper that was built with a sanitizer cannot be loaded into this JVM
        }
        assertThat(tenant.sumOfSlots())
                .as("sum of slots after kill %d, seed %d", kill, node.seed())
                .isEqualTo(expected);
    }

    private static void report(long[] reclaimNs, long seed) {
        long[] sorted = reclaimNs.clone();
        Arrays.sort(sorted);
        System.err.printf(
                "%d kills among %d processes, seed %d: reclaimed with the next allocation in %.3f ms (median), %.3f ms"
                        + " (99 %%), %.3f ms (worst)%n",
                KILLS,
                PROCESSES,
                seed,
                sorted[KILLS / 2] / 1e6,
                sorted[KILLS * 99 / 100] / 1e6,
                sorted[KILLS - 1] / 1e6);
    }
}
