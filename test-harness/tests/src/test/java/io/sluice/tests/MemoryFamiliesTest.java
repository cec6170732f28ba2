package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.EnumSource.Mode.EXCLUDE;

import io.sluice.tests.harness.Answer;
import io.sluice.tests.harness.Charge;
import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.Way;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever way an application takes device memory, it is charged what it holds, and denied what is too much. */
@SimulatedGpu
class MemoryFamiliesTest {
    private static final int OUT_OF_MEMORY = 2;
    private static final int NOT_SUPPORTED = 801;
    private static final long BLOCK = 2L << 20;
    private static final int FLOAT = 0x20;
    private static final int BYTE = 0x01;

    @ParameterizedTest
    @EnumSource(mode = EXCLUDE, names = "JCUDA")
    void chargesAPoolForWhatItReserves(Way way, Node node) throws IOException {
        Tenant alice = node.tenant("alice", 200L << 20);
        Client client = alice.client(way).started();
        client.must("pool-default 0");
        for (int i = 0; i < 8; i++) {
            long bytes = 1L + node.random().nextInt(20_000_000);
            client.must("pool-alloc " + bytes);
            assertThat(alice.used())
                    .as("charged after %d bytes, seed %d", bytes, node.seed())
                    .isEqualTo(client.must("reserved 0").number(0))
                    .isGreaterThanOrEqualTo(bytes);
        }
        for (int i = 0; i < 8; i++) {
            client.must("pool-free " + i + (i % 2 == 0 ? " sync" : ""));
        }
        client.must("sync");
        assertThat(alice.used()).as("charged once everything is free").isZero();
        assertThat(client.must("reserved 0").number(0)).isZero();
    }

    @Test
    void chargingAPoolBreaksNoCapture(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 200L << 20);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        client.must("capture-begin");
        client.must("pool-alloc-beside 5000001");
        assertThat(alice.used()).isGreaterThanOrEqualTo(5_000_001);
        client.must("capture-end");
    }

    @Test
    void aPoolNeverHoldsMoreThanTheLimit(Node node) throws IOException {
        long limit = node.oddBytes(80, 90);
        Tenant alice = node.tenant("alice", limit);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        client.must("pool-default 0");
        client.must("pool-keep 0 " + limit);
        Random random = node.random();
        int denied = 0;
        int live = 0;
        for (int i = 0; i < 200; i++) {
            Answer answer = client.ask("pool-alloc " + (1 + random.nextInt(15_000_000)));
            assertThat(answer.result()).isIn(0, OUT_OF_MEMORY);
            denied += answer.result() == OUT_OF_MEMORY ? 1 : 0;
            if (answer.result()
                    == OUT_OF_MEMORY) { // a pool that grew too far holds that until its stream comes to the free
                client.must("sync");
            }
            live = answer.result() == 0 ? (int) answer.number(0) : live;
            if (random.nextInt(3) > 0) {
                client.ask("pool-free " + random.nextInt(live + 1));
            }
            assertThat(alice.used())
                    .as("charged after step %d, seed %d", i, node.seed())
                    .isLessThanOrEqualTo(limit)
                    .isEqualTo(client.must("reserved 0").number(0));
        }
        assertThat(denied).as("denials, seed %d", node.seed()).isPositive();
        assertThat(alice.usage(node.card()).denialsByLimit()).isEqualTo(denied);
    }

    @Test
    void whatAPoolKeepsIsGivenUpForAnAllocationThatNeedsIt(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 100L << 20);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        client.must("pool-create 0");
        client.must("pool-keep 0 " + (100L << 20));
        client.must("pool-alloc " + (60L << 20) + " 0");
        client.must("pool-free 0");
        client.must("sync");
        assertThat(alice.used()).as("kept by the pool").isGreaterThanOrEqualTo(60L << 20);
        client.must("pool-create 0");
        client.must("pool-alloc " + (30L << 20) + " 1");
        client.must("pool-trim 0 0");
        assertThat(alice.used()).isEqualTo(client.must("reserved 1").number(0));
    }

    @Test
    void aDestroyedPoolIsChargedUntilItsLastAllocationIsFreed(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 100L << 20);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        client.must("pool-create 0");
        client.must("pool-alloc 5000000 0");
        client.must("pool-alloc 5000000 0");
        client.must("pool-destroy 0");
        client.must("pool-free 0");
        assertThat(alice.used()).isGreaterThanOrEqualTo(5_000_000);
        client.must("pool-free 1");
        client.must("sync");
        assertThat(alice.used()).isZero();
    }

    @ParameterizedTest
    @EnumSource(mode = EXCLUDE, names = "JCUDA")
    void chargesMemoryByHandleWhereItIsCreated(Way way, Node node) throws IOException {
        Tenant alice = node.tenant("alice", 20 * BLOCK);
        Client client = alice.client(way).started();
        client.must("create " + 12 * BLOCK);
        assertThat(alice.used()).isEqualTo(12 * BLOCK);
        client.must("map 0 " + 12 * BLOCK);
        assertThat(alice.used()).as("mapping takes nothing").isEqualTo(12 * BLOCK);
        assertThat(client.ask("create " + 9 * BLOCK).result()).isEqualTo(OUT_OF_MEMORY);
        client.must("create " + 8 * BLOCK);
        client.must("release 1");
        assertThat(alice.used()).isEqualTo(12 * BLOCK);
    }

    @Test
    void memoryByHandleIsChargedWhileAHandleOrAMappingIsLeft(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 20 * BLOCK);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        client.must("create " + 4 * BLOCK);
        client.must("map 0 " + 4 * BLOCK);
        client.must("map 0 " + 4 * BLOCK);
        client.must("release 0");
        client.must("unmap 0");
        assertThat(alice.used()).as("one mapping left").isEqualTo(4 * BLOCK);
        client.must("retain 1");
        client.must("unmap 1");
        assertThat(alice.used()).as("a handle again, no mapping").isEqualTo(4 * BLOCK);
        client.must("release 1");
        assertThat(alice.used()).isZero();
    }

    @Test
    void memoryByHandleOutlivesItsContext(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 20 * BLOCK);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        client.must("create " + 3 * BLOCK);
        client.must("array 100 100 " + FLOAT + " 1");
        client.must("destroy 0");
        assertThat(alice.used()).as("the array went with its context").isEqualTo(3 * BLOCK);
    }

    @ParameterizedTest
    @EnumSource(mode = EXCLUDE, names = "JCUDA")
    void chargesArraysForTheirElements(Way way, Node node) throws IOException {
        Random random = node.random();
        Tenant alice = node.tenant("alice", 300L << 20);
        Client client = alice.client(way).started();
        int width = 1 + random.nextInt(3000);
        int height = 1 + random.nextInt(3000);
        client.must("array " + width + " " + height + " " + FLOAT + " 2");
        long flat = Charge.of(8L * width * height);
        assertThat(alice.used()).as("%d x %d", width, height).isEqualTo(flat);
        client.must("array 101 53 " + BYTE + " 4 37 0");
        long deep = Charge.of(4L * 101 * 53 * 37);
        assertThat(alice.used()).isEqualTo(flat + deep);
        client.must("mipmapped 1000 500 " + FLOAT + " 1 3");
        long levels = Charge.of(4L * (1000 * 500 + 500 * 250 + 250 * 125));
        assertThat(alice.used()).isEqualTo(flat + deep + levels);
        client.must("array-destroy 0");
        client.must("array-destroy 2 mipmapped");
        assertThat(alice.used()).isEqualTo(deep);
        client.must("array-destroy 1");
        assertThat(alice.used()).isZero();
    }

    @Test
    void deniesAnArrayThatIsTooLarge(Node node) throws IOException {
        Tenant alice = node.tenant("alice", Charge.of(4L * 1000 * 1000));
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        assertThat(client.ask("array 1000 1001 " + FLOAT + " 1").result()).isEqualTo(OUT_OF_MEMORY);
        client.must("array 1000 1000 " + FLOAT + " 1");
        assertThat(client.ask("array 1 1 " + BYTE + " 1").result()).isEqualTo(OUT_OF_MEMORY);
    }

    @Test
    void refusesAnArrayThatIsToBeBackedLater(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 100L << 20);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        assertThat(client.ask("array 1024 1024 " + FLOAT + " 1 0 64").result()).isEqualTo(NOT_SUPPORTED);
        assertThat(client.sluiceLines()).singleElement().asString().contains("cuArray3DCreate");
    }

    @ParameterizedTest
    @EnumSource(mode = EXCLUDE, names = "JCUDA")
    void chargesAGraphForWhatItsNodesMayTake(Way way, Node node) throws IOException {
        Tenant alice = node.tenant("alice", 100L << 20);
        Client client = alice.client(way).started();
        client.must("graph 5000001 7000001");
        long nodes = Charge.of(5_000_001) + Charge.of(7_000_001);
        assertThat(alice.used()).as("instantiated").isEqualTo(nodes);
        client.must("graph-launch 0");
        client.must("sync");
        long reserved = client.must("graph-reserved 0").number(0);
        assertThat(alice.used()).as("launched").isEqualTo(Math.max(nodes, reserved));
        assertThat(client.ask("graph " + (90L << 20)).result()).isEqualTo(OUT_OF_MEMORY);
        client.must("graph-destroy 0");
        assertThat(alice.used())
                .as("destroyed: what the device keeps")
                .isEqualTo(client.must("graph-reserved 0").number(0));
        client.must("graph-trim 0");
        assertThat(alice.used())
                .as("trimmed")
                .isEqualTo(client.must("graph-reserved 0").number(0))
                .isZero();
    }

    @Test
    void aKilledProcessGivesEverythingBack(Node node) throws Exception {
        Tenant alice = node.tenant("alice", 100L << 20);
        Client victim = alice.client(Way.DLOPEN_SONAME).started();
        victim.must("pool-alloc 5000000");
        victim.must("create " + 3 * BLOCK);
        victim.must("array 1000 1000 " + FLOAT + " 1");
        victim.must("array 1000 1000 " + BYTE + " 4");
        victim.must("graph 5000001");
        victim.must("graph-launch 0");
        assertThat(alice.used()).isGreaterThan(20_000_000);
        victim.kill();
        Client next = alice.client(Way.DLOPEN_SONAME).started();
        next.must("alloc " + (90L << 20));
        assertThat(alice.used()).isEqualTo(90L << 20);
    }
}
