package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.EnumSource.Mode.EXCLUDE;

import io.sluice.tests.harness.Aarch64;
import io.sluice.tests.harness.Charge;
import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.RandomKernel;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.Way;
import java.io.IOException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * On aarch64 a quota holds as on x86-64. What the entries and the ledger do in that processor's own words is shown under
 * qemu-user; what it does with the order of memory accesses only hardware can show.
 */
@SimulatedGpu
class Aarch64Test {
    private static final int OUT_OF_MEMORY = 2;
    private static final int NOT_SUPPORTED = 801;

    @BeforeAll
    static void aarch64ProgramsCanRun() {
        Aarch64.require();
    }

    @Test
    void theLibwrapperTakesHold(Node node) throws Exception {
        Aarch64 aarch64 = new Aarch64(node);
        assertThat(aarch64.probe(node.tenant("alice", 1)))
                .as("exit code of the probe")
                .isZero();
    }

    @ParameterizedTest
    @EnumSource(
            mode = EXCLUDE,
            names = {"LINKED", "JCUDA"})
    void deniesAtTheExactByte(Way way, Node node) throws IOException {
        Aarch64 aarch64 = new Aarch64(node);
        long limit = node.oddBytes(3, 90);
        Tenant alice = node.tenant("alice", limit);
        Client client = aarch64.client(alice, way).started();
        long first = 1 + node.random().nextLong(limit / 2);
        long rest = Charge.largestIn(limit - Charge.of(first));
        client.must("alloc " + first);
        assertThat(client.ask("alloc " + (rest + 1)).result())
                .as("one byte more than fits, seed %d", node.seed())
                .isEqualTo(OUT_OF_MEMORY);
        client.must("alloc " + rest);
        assertThat(client.ask("alloc 1").result())
                .as("one byte when nothing is left, seed %d", node.seed())
                .isEqualTo(OUT_OF_MEMORY);
        assertThat(alice.used()).isEqualTo(Charge.of(first) + Charge.of(rest)).isEqualTo(alice.sumOfSlots());
        client.must("free 0");
        assertThat(alice.used()).isEqualTo(Charge.of(rest));
        client.must("free 1");
        assertThat(alice.used()).isZero();
        assertThat(alice.usage(node.card()).denialsByLimit()).isEqualTo(2);
    }

    /** cuLaunchKernel has eleven parameters: those on the stack arrive too. */
    @Test
    void countsEveryLaunchAndLeavesItsArgumentsAlone(Node node) throws IOException {
        Aarch64 aarch64 = new Aarch64(node);
        Tenant alice = node.tenant("alice", node.oddBytes(8, 64));
        Client client = aarch64.client(alice, Way.PROC_ADDRESS_V2).started();
        int launches = 1 + node.random().nextInt(5);
        for (int i = 0; i < launches; i++) {
            new RandomKernel(node.random())
                    .checkOn(client, node, 1 + node.random().nextInt(500));
        }
        assertThat(alice.usage(node.card()).launches()).isEqualTo(launches);
    }

    @Test
    void answersOtherCallsAsWithoutIt(Node node) throws IOException {
        Aarch64 aarch64 = new Aarch64(node);
        Client bare = aarch64.bareClient(Way.DLOPEN_SONAME).started();
        Client governed = aarch64.client(node.tenant("alice", node.oddBytes(8, 64)), Way.DLOPEN_SONAME)
                .started();
        for (String command : new String[] {"version", "count", "name 0", "uuid 0", "attribute 16 0", "untouched"}) {
            assertThat(governed.ask(command)).isEqualTo(bare.ask(command));
        }
        assertThat(governed.ask("call cuMemPoolImportPointer cuMemPoolImportPointer 11020")
                        .result())
                .isEqualTo(NOT_SUPPORTED);
    }

    @Test
    void aKilledProcessGivesEverythingBack(Node node) throws IOException {
        Aarch64 aarch64 = new Aarch64(node);
        long limit = node.oddBytes(3, 90);
        Tenant alice = node.tenant("alice", limit);
        Client victim = aarch64.client(alice, Way.DLOPEN_SONAME).started();
        victim.must("alloc " + Charge.largestIn(limit));
        Client next = aarch64.client(alice, Way.DLOPEN_SONAME).started();
        assertThat(next.ask("alloc 1").result()).as("while it lives").isEqualTo(OUT_OF_MEMORY);
        victim.kill();
        next.must("alloc " + Charge.largestIn(limit));
    }
}
