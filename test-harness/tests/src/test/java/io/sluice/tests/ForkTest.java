package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.bridge.ledger.ProcessUsage;
import io.sluice.policy.Bytes;
import io.sluice.tests.harness.Build;
import io.sluice.tests.harness.Card;
import io.sluice.tests.harness.Charge;
import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.Way;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A forked child has a slot of its own and owns nothing of its parent. */
@SimulatedGpu
class ForkTest {

    @Test
    void aChildThatStartsCudaItselfHasAnAccountEntryOfItsOwn(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 10_000_001);
        Client client = alice.client(Way.DLOPEN_SONAME);
        long child = client.must("fork").number(0);
        client.started();
        client.must("alloc 1000000");
        assertThat(alice.ledger().processes()).extracting(ProcessUsage::pid).containsExactly(child);
        assertThat(alice.used()).isEqualTo(Charge.of(1_000_000));
        assertThat(client.must("exit 7").number(0)).as("exit code of the child").isEqualTo(7);

        client.started();
        client.must("alloc " + Charge.largestIn(10_000_001));
        assertThat(alice.used()).as("the parent got all, the child is gone").isEqualTo(Charge.largestIn(10_000_001));
    }

    @Test
    void aChildThatBecomesAnotherProgramHasAnAccountOfItsOwn(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 10_000_001);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        client.must("alloc 1000000");
        client.must("fork");
        client.must("exec");
        client.started();
        client.must("alloc 2000000");
        assertThat(alice.ledger().processes()).hasSize(2);
        assertThat(alice.used()).isEqualTo(Charge.of(1_000_000) + Charge.of(2_000_000));
        client.end();
    }

    /** The old program's memory is gone with it, though its pid lives on. */
    @Test
    void aProcessThatBecomesAnotherProgramHoldsNothingMore(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 10_000_001);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        client.must("alloc " + Charge.largestIn(10_000_001));
        client.must("exec");
        client.started();
        client.must("alloc " + Charge.largestIn(10_000_001));
        assertThat(alice.used()).isEqualTo(Charge.largestIn(10_000_001));
    }

    @Test
    void whatAProgramHeldThatBecameAnotherIsThereForOthers(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 10_000_001);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        client.must("alloc " + Charge.largestIn(10_000_001));
        client.must("exec");
        assertThat(client.must("pid").number(0)).isEqualTo(client.pid());
        Client other = alice.client(Way.DLOPEN_SONAME).started();
        other.must("alloc " + Charge.largestIn(10_000_001));
        client.started();
        assertThat(client.ask("alloc 1").result()).isEqualTo(2);
    }

    @Test
    void freeingAnInheritedPointerRefundsNobody(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 10_000_001);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        client.must("alloc 1000000");
        client.must("fork");
        client.ask("free 0");
        assertThat(alice.used())
                .as("charged after the child freed its parent's memory")
                .isEqualTo(Charge.of(1_000_000));
        client.must("exit 0");
        assertThat(alice.used()).as("charged after the child exited").isEqualTo(Charge.of(1_000_000));
        client.must("alloc " + Charge.largestIn(10_000_001 - Charge.of(1_000_000)));
        assertThat(client.ask("alloc 1").result()).as("beyond the limit").isEqualTo(2);
        client.must("free 0");
        assertThat(alice.used()).isEqualTo(Charge.largestIn(10_000_001 - Charge.of(1_000_000)));
    }

    /**
     * Real drivers refuse a forked child everything, so the account is in nobody's hands there. The do-nothing driver lets
     * it go on: what the child then frees and allocates shows whose account it is.
     */
    @Test
    void aChildThatGoesOnWithItsParentsContextStillHasAnAccountOfItsOwn(Node node) throws IOException {
        Card card = Card.OF_DO_NOTHING_DRIVER;
        Tenant alice = node.tenant("alice", Map.of(card, 10_000_001L));
        Client client = alice.client(Way.DLOPEN_SONAME, Map.of("SLUICE_DRIVER", Build.DO_NOTHING_DRIVER.toString()));
        client.started();
        client.must("alloc 1000000");
        client.must("alloc 2000000");
        long child = client.must("fork").number(0);
        client.must("free 0");
        assertThat(alice.usage(card).used().value())
                .as("charged after the child freed its parent's memory")
                .isEqualTo(Charge.of(1_000_000) + Charge.of(2_000_000));
        client.must("alloc 3000000");
        assertThat(alice.ledger().processes())
                .filteredOn(process -> process.pid() == child)
                .singleElement()
                .satisfies(process -> assertThat(process.held().values())
                        .as("held by the child")
                        .containsExactly(Bytes.of(Charge.of(3_000_000))));
        client.must("free 2");
        assertThat(client.must("exit 0").number(0)).isZero();

        client.must("free 0");
        assertThat(alice.usage(card).used().value())
                .as("charged after the parent freed its own")
                .isEqualTo(Charge.of(2_000_000));
        client.must("free 1");
        assertThat(alice.usage(card).used().value()).isZero();
    }

    @Test
    void aChildKilledWhileItHoldsMemoryTakesNothingFromItsParent(Node node) throws Exception {
        Tenant alice = node.tenant("alice", 10_000_001);
        Client client = alice.client(Way.DLOPEN_SONAME);
        long child = client.must("fork").number(0);
        client.started();
        client.must("alloc " + Charge.largestIn(10_000_001));
        ProcessHandle.of(child).orElseThrow().destroyForcibly();
        assertThat(client.await().number(0)).as("exit code of the killed child").isEqualTo(128 + 9);
        client.started();
        client.must("alloc " + Charge.largestIn(10_000_001));
        assertThat(alice.used()).isEqualTo(Charge.largestIn(10_000_001));
    }
}
