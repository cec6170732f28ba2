package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.EnumSource.Mode.EXCLUDE;

import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.Way;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Page-locked host memory is counted in whole pages, under a limit of its own, and on no GPU. */
@SimulatedGpu
class PinnedMemoryTest {
    private static final int OUT_OF_MEMORY = 2;
    private static final long PAGE = 4096;

    @ParameterizedTest
    @EnumSource(mode = EXCLUDE, names = "JCUDA")
    void chargesWhateverIsLocked(Way way, Node node) throws IOException {
        Tenant alice = limited(node, 1000 * PAGE);
        Client client = alice.client(way).started();
        client.must("host-alloc " + (7 * PAGE - node.random().nextInt(4095)));
        client.must("host-alloc " + (5 * PAGE + 1) + " cuMemAllocHost_v2");
        client.must("host-alloc " + (3 * PAGE) + " cuMemAllocHost");
        client.must("host-register 4095 2");
        assertThat(pinned(alice)).isEqualTo((7 + 6 + 3 + 2) * PAGE);
        assertThat(alice.used()).as("on the GPU").isZero();
        client.must("host-unregister 3");
        client.must("host-free 0");
        assertThat(pinned(alice)).isEqualTo((6 + 3) * PAGE);
        client.must("host-free 1");
        client.must("host-free 2");
        assertThat(pinned(alice)).isZero();
        assertThat(alice.ledger().pinned().peak().value()).isEqualTo(18 * PAGE);
    }

    @Test
    void deniesAtTheExactPageAndSaysSo(Node node) throws IOException {
        Tenant alice = limited(node, 10 * PAGE + 17);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        client.must("host-alloc " + 9 * PAGE);
        assertThat(client.ask("host-register 1 " + PAGE).result()).isEqualTo(OUT_OF_MEMORY);
        client.must("host-register 0 " + PAGE);
        assertThat(client.ask("host-alloc 1").result()).isEqualTo(OUT_OF_MEMORY);
        assertThat(client.ask("host-create " + (2L << 20)).result()).isEqualTo(OUT_OF_MEMORY);
        assertThat(client.sluiceLines())
                .hasSize(3)
                .first()
                .asString()
                .contains("denied tenant=alice resource=pinned function=cuMemHostRegister_v2")
                .contains("asked=8192 used=36864 limit=40977 reason=limit");
        assertThat(alice.ledger().pinned().denialsByLimit()).isEqualTo(3);
        assertThat(alice.usage(node.card()).denialsByLimit()).isZero();
    }

    @Test
    void oneLimitHoldsForAllProcesses(Node node) throws Exception {
        Tenant alice = limited(node, 10 * PAGE);
        Client first = alice.client(Way.DLOPEN_SONAME).started();
        Client second = alice.client(Way.DLOPEN_SONAME).started();
        first.must("host-alloc " + 6 * PAGE);
        assertThat(second.ask("host-alloc " + 5 * PAGE).result()).isEqualTo(OUT_OF_MEMORY);
        first.kill();
        second.must("host-alloc " + 10 * PAGE);
        assertThat(pinned(alice)).isEqualTo(10 * PAGE);
        assertThat(alice.ledger().reclaims().bytes().value())
                .as("memory of GPUs")
                .isZero();
    }

    @Test
    void withoutALimitItIsCountedAndALaterLimitHolds(Node node) throws IOException {
        Tenant alice = limited(node, 0);
        alice.pinned(Optional.empty());
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        client.must("host-alloc " + 20 * PAGE);
        assertThat(pinned(alice)).isEqualTo(20 * PAGE);
        alice.pinned(Optional.of(10 * PAGE));
        assertThat(client.ask("host-alloc 1").result()).isEqualTo(OUT_OF_MEMORY);
        client.must("host-free 0");
        client.must("host-alloc " + 10 * PAGE);
    }

    @Test
    void goesWithItsContextAndNotWithAnotherFree(Node node) throws IOException {
        Tenant alice = limited(node, 100 * PAGE);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        client.must("host-alloc " + 3 * PAGE);
        assertThat(client.ask("host-unregister 0").result()).isNotZero();
        client.must("host-register 0 " + 4 * PAGE);
        assertThat(client.ask("host-free 1").result()).isNotZero();
        assertThat(pinned(alice)).isEqualTo(7 * PAGE);
        client.must("destroy 0");
        assertThat(pinned(alice)).isZero();
    }

    private static Tenant limited(Node node, long bytes) throws IOException {
        Tenant alice = node.tenant("alice", 9_000_001);
        alice.pinned(Optional.of(bytes));
        return alice;
    }

    private static long pinned(Tenant tenant) {
        return tenant.ledger().pinned().used().value();
    }
}
