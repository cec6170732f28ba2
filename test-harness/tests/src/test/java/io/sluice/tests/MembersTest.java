package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.tests.harness.Charge;
import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.Way;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Processes of a tenant come and go in every way; who lives keeps what it holds, and who is gone holds nothing. */
@SimulatedGpu
class MembersTest {
    /** More than a ledger has places. */
    private static final int MANY = 1_100;

    private static final int OUT_OF_MEMORY = 2;
    private static final long LIMIT = 1_000_001;

    @Test
    void moreProcessesMayComeAndGoThanALedgerHolds(Node node) throws IOException {
        Tenant alice = node.tenant("alice", LIMIT);
        Client client = alice.client(Way.DLOPEN_SONAME);
        for (int i = 0; i < MANY; i++) {
            client.must("fork");
            client.must("init");
            assertThat(client.must("exit 0").number(0)).isZero();
        }
        client.started();
        client.must("alloc " + Charge.largestIn(LIMIT));
        assertThat(alice.used()).isEqualTo(Charge.largestIn(LIMIT));
        assertThat(alice.ledger().processes().size())
                .as("places that are taken")
                .isLessThan(10);
    }

    /** Its parent is stopped, so nobody waits for it. */
    @Test
    void aDeadProcessThatNobodyWaitedForHoldsNothing(Node node) throws Exception {
        Tenant alice = node.tenant("alice", LIMIT);
        Client client = alice.client(Way.DLOPEN_SONAME);
        long child = client.must("fork").number(0);
        client.started();
        client.must("alloc 700000");
        Client next = alice.client(Way.DLOPEN_SONAME).started();
        assertThat(next.ask("alloc 700000").result()).as("while it lives").isEqualTo(OUT_OF_MEMORY);

        signal("STOP", client.pid());
        signal("KILL", child);
        while (!isDead(ProcessStatus.of(child))) {
            Thread.sleep(1);
        }
        next.must("alloc 700000");
        assertThat(alice.used()).isEqualTo(Charge.of(700_000));
    }

    @Test
    void theLivingKeepWhatTheyHoldWhileTheDeadAroundThemAreSwept(Node node) throws IOException {
        Tenant alice = node.tenant("alice", LIMIT);
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            clients.add(alice.client(Way.DLOPEN_SONAME).started());
            clients.get(i).must("alloc 100000");
        }
        for (int i = 0; i < 7; i += 2) {
            clients.get(i).kill();
        }
        long living = 3 * Charge.of(100_000);
        Client next = alice.client(Way.DLOPEN_SONAME).started();
        long rest = Charge.largestIn(LIMIT - living);
        assertThat(next.ask("alloc " + (rest + 1)).result()).isEqualTo(OUT_OF_MEMORY);
        next.must("alloc " + rest);
        assertThat(alice.used()).isEqualTo(living + rest);
        clients.get(1).must("free 0");
        next.must("alloc 100000");
        assertThat(alice.used()).isEqualTo(living + rest);
    }

    /** As in a container that was moved from another machine: its clock, and when it says that it was started, are others. */
    @Test
    void aProcessWithAnotherClockIsToldFromADeadOne(Node node) throws IOException {
        Tenant alice = node.tenant("alice", LIMIT);
        List<String> ahead =
                List.of("unshare", "--time", "--fork", "--kill-child", "--monotonic=1000000", "--boottime=1000000");
        Client inside = alice.client(ahead, Way.DLOPEN_SONAME);
        assumeTrue(inside.answers("pid"), "this machine lets nobody set a clock of its own (unshare)");
        inside.started();
        inside.must("alloc 600000");
        Client outside = alice.client(Way.DLOPEN_SONAME).started();
        assertThat(outside.ask("alloc 600000").result()).isEqualTo(OUT_OF_MEMORY);
        inside.must("free 0");
        outside.must("alloc 600000");
        assertThat(inside.ask("alloc 600000").result()).isEqualTo(OUT_OF_MEMORY);
        assertThat(alice.used()).isEqualTo(Charge.of(600_000));
        outside.kill();
        inside.must("alloc 600000");
        assertThat(alice.used()).isEqualTo(Charge.of(600_000));
    }

    /** A process whose first thread has ended holds its files until all others have. */
    private static boolean isDead(ProcessStatus zombie) {
        return zombie.text("State").startsWith("Z") && zombie.text("Threads").equals("1");
    }

    private static void signal(String name, long pid) throws IOException, InterruptedException {
        int answer = new ProcessBuilder("kill", "-" + name, Long.toString(pid))
                .inheritIO()
                .start()
                .waitFor();
        assertThat(answer).as("kill -%s %d", name, pid).isZero();
    }
}
