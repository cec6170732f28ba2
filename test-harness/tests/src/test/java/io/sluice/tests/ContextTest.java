package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tests.harness.Charge;
import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.Way;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Memory that goes with its context goes off the account with it. */
@SimulatedGpu
class ContextTest {

    @Test
    void aDestroyedContextGivesItsMemoryBack(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 9_000_001);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        client.must("alloc 3000000");
        client.must("managed 1000000");
        client.must("context 0");
        client.must("alloc 2000000");
        client.must("pitch 100 100");
        assertThat(alice.used())
                .isEqualTo(
                        Charge.of(3_000_000) + Charge.of(1_000_000) + Charge.of(2_000_000) + Charge.ofPitch(100, 100));
        client.must("destroy 1");
        assertThat(alice.used())
                .as("what the first context holds")
                .isEqualTo(Charge.of(3_000_000) + Charge.of(1_000_000));
        client.must("destroy 0");
        assertThat(alice.used()).as("after both contexts are gone").isZero();
    }

    @Test
    void aPrimaryContextThatIsResetOrReleasedGivesItsMemoryBack(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 9_000_001);
        Client client = alice.client(Way.DLOPEN_SONAME);
        client.must("init");
        client.must("primary 0");
        client.must("primary 0");
        client.must("alloc 1000000");
        client.must("primary-release 0");
        assertThat(alice.used()).as("still retained once").isEqualTo(Charge.of(1_000_000));
        client.must("primary-release 0");
        assertThat(alice.used()).as("released by the last holder").isZero();

        client.must("primary 0");
        client.must("alloc 1000000");
        client.must("primary-reset 0");
        assertThat(alice.used()).as("after the reset").isZero();
    }

    @Test
    void freeingAnUnknownPointerRefundsNobody(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 9_000_001);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        client.must("alloc 1000000");
        assertThat(client.ask("free-at 123456").result()).isNotZero();
        client.must("free 0");
        assertThat(client.ask("free 0").result()).as("a second free").isNotZero();
        assertThat(alice.used()).isZero();
    }
}
