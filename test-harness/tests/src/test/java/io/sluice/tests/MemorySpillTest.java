package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.EnumSource.Mode.EXCLUDE;

import io.sluice.tests.harness.Charge;
import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.RandomKernel;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.Way;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** With {@code on_excess: spill} linear memory over the limit is managed memory of the host. */
@SimulatedGpu
class MemorySpillTest {
    private static final int OUT_OF_MEMORY = 2;
    private static final int IS_MANAGED = 8;
    private static final long MB = 1L << 20;

    @ParameterizedTest
    @EnumSource(mode = EXCLUDE, names = "JCUDA")
    void whatDoesNotFitIsManagedMemory(Way way, Node node) throws IOException {
        Tenant alice = spilling(node, 10 * MB);
        Client client = alice.client(way).started();
        client.must("alloc " + 9 * MB);
        client.must("alloc 1999993");
        client.must("pitch 1000 3000");
        client.must("managed 3000001");
        client.must("alloc " + MB);
        assertThat(alice.used()).as("what fits").isEqualTo(10 * MB);
        long spilled = Charge.of(1_999_993) + Charge.ofPitch(1000, 3000) + Charge.of(3_000_001);
        assertThat(alice.usage(node.card()).excess().spilled().value()).isEqualTo(spilled);
        for (int i = 0; i < 5; i++) {
            boolean managed = i > 0 && i < 4;
            assertThat(client.must("pointer " + i + " " + IS_MANAGED).number(0)).isEqualTo(managed ? 1 : 0);
        }
        for (int i = 0; i < 5; i++) {
            client.must("free " + i);
        }
        assertThat(alice.used()).isZero();
        assertThat(alice.usage(node.card()).denials()).isZero();
        assertThat(client.sluiceLines())
                .as("said once")
                .singleElement()
                .asString()
                .contains("spill tenant=alice gpu=" + node.card().id(), "asked=" + Charge.of(1_999_993));
    }

    @Test
    void kernelsComputeInSpilledMemoryAsInAnyOther(Node node) throws IOException {
        Tenant alice = spilling(node, 0);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        new RandomKernel(node.random()).checkOn(client, node, 10_000);
        assertThat(alice.used()).isZero();
        assertThat(alice.usage(node.card()).excess().spilled().value()).isPositive();
    }

    @Test
    void whatCannotBeManagedIsDenied(Node node) throws IOException {
        Tenant alice = spilling(node, MB);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        assertThat(client.ask("create " + 2 * MB).result()).isEqualTo(OUT_OF_MEMORY);
        assertThat(client.ask("pool-alloc " + 2 * MB).result()).isEqualTo(OUT_OF_MEMORY);
        assertThat(client.ask("array 1024 1024 32 1").result()).isEqualTo(OUT_OF_MEMORY);
        assertThat(client.ask("alloc " + (1L << 62)).result()).isEqualTo(OUT_OF_MEMORY);
        assertThat(client.ask("pitch " + (1L << 40) + " " + (1L << 40)).result())
                .isEqualTo(OUT_OF_MEMORY);
        assertThat(alice.usage(node.card()).denialsByLimit()).isEqualTo(5);
        assertThat(alice.used()).isZero();
    }

    @Test
    void spillsNoMoreOnceTheFileSaysDeny(Node node) throws IOException {
        Tenant alice = spilling(node, MB);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        client.must("alloc " + 2 * MB);
        alice.excess(0, Optional.empty());
        assertThat(client.ask("alloc " + 2 * MB).result()).isEqualTo(OUT_OF_MEMORY);
    }

    private static Tenant spilling(Node node, long limit) throws IOException {
        Tenant alice = node.tenant("alice", limit);
        alice.spills();
        return alice;
    }
}
