package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tests.harness.Card;
import io.sluice.tests.harness.Charge;
import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.RandomKernel;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.Way;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each GPU has an account of its own, found by its UUID, however a process has its GPUs numbered. */
class TwoGpusTest {

    @Test
    @SimulatedGpu(cards = 2)
    void limitsFollowTheGpuThroughEveryRenumbering(Node node) throws IOException {
        Card zero = node.cards().get(0);
        Card one = node.cards().get(1);
        Tenant alice = node.tenant("alice", Map.of(zero, 20_000_001L, one, 50_000_001L));
        Client onlyOne = alice.client(Way.DLOPEN_SONAME, Map.of("CUDA_VISIBLE_DEVICES", "1"));
        Client swapped = alice.client(Way.LINKED, Map.of("CUDA_VISIBLE_DEVICES", "1,0"));
        onlyOne.started();
        swapped.must("init");
        swapped.must("context 1"); // card zero
        swapped.must("context 0"); // card one, now current

        assertThat(onlyOne.must("uuid 0").text()).isEqualTo(one.id().toString());
        assertThat(swapped.must("uuid 1").text()).isEqualTo(zero.id().toString());
        assertThat(onlyOne.must("total 0").number(0)).isEqualTo(50_000_001);
        assertThat(swapped.must("total 0").number(0)).isEqualTo(50_000_001);
        assertThat(swapped.must("total 1").number(0)).isEqualTo(20_000_001);

        onlyOne.must("alloc 30000000");
        swapped.must("alloc 10000000");
        assertThat(alice.usage(one).used().value()).isEqualTo(Charge.of(30_000_000) + Charge.of(10_000_000));
        assertThat(alice.usage(zero).used().value()).isZero();

        swapped.must("current 0");
        swapped.must("alloc 15000000");
        assertThat(alice.usage(zero).used().value()).isEqualTo(Charge.of(15_000_000));
        assertThat(swapped.ask("alloc 5000000").result())
                .as("beyond the limit of card zero")
                .isEqualTo(2);
        assertThat(onlyOne.ask("alloc 10000000").result())
                .as("beyond the limit of card one")
                .isEqualTo(2);
        onlyOne.must("alloc 9000000");

        swapped.must("free 0"); // of card one, while card zero is current
        assertThat(alice.usage(one).used().value()).isEqualTo(Charge.of(30_000_000) + Charge.of(9_000_000));
        assertThat(alice.usage(zero).used().value()).isEqualTo(Charge.of(15_000_000));
        assertThat(alice.usage(zero).denialsByLimit()).isEqualTo(1);
        assertThat(alice.usage(one).denialsByLimit()).isEqualTo(1);
    }

    @Test
    @SimulatedGpu(cards = 2)
    void aDenialOnEitherGpuIsExplainedAtOnce(Node node) throws IOException {
        Tenant alice = node.tenant(
                "alice", Map.of(node.cards().get(0), 1_000_001L, node.cards().get(1), 2_000_001L));
        Client client = alice.client(Way.DLOPEN_SONAME);
        client.must("init");
        for (int device = 0; device < 2; device++) {
            client.must("context " + device);
            assertThat(client.ask("alloc 3000000").result()).isEqualTo(2);
        }
        assertThat(client.sluiceLines()).hasSize(2);
        assertThat(client.sluiceLines().get(0))
                .contains("gpu=" + node.cards().get(0).id());
        assertThat(client.sluiceLines().get(1))
                .contains("gpu=" + node.cards().get(1).id());
    }

    @Test
    @SimulatedGpu(cards = 2)
    void launchesCountOnTheGpuThatRunsThem(Node node) throws IOException {
        Tenant alice = node.tenant(
                "alice", Map.of(node.cards().get(0), 9_000_001L, node.cards().get(1), 9_000_001L));
        Client client = alice.client(Way.DLOPEN_SONAME);
        RandomKernel kernel = new RandomKernel(node.random());
        client.must("init");
        client.must("context 0");
        client.must("context 1");
        for (int context : List.of(0, 1, 1, 0, 1)) {
            client.must("current " + context);
            kernel.checkOn(client, node, 33);
        }
        assertThat(alice.usage(node.cards().get(0)).launches()).isEqualTo(2);
        assertThat(alice.usage(node.cards().get(1)).launches()).isEqualTo(3);
    }

    @Test
    @SimulatedGpu(cards = 2)
    void aGpuThatTheTenantFileDoesNotListIsDenied(Node node) throws IOException {
        Tenant alice = node.tenant("alice", Map.of(node.cards().get(1), 20_000_001L));
        Client client = alice.client(Way.DLOPEN_SONAME);
        client.must("init");
        assertThat(client.ask("context 0").result())
                .as("a context on the unlisted GPU")
                .isEqualTo(800);
        assertThat(client.ask("primary 0").result()).as("its primary context").isEqualTo(800);
        assertThat(client.ask("total 0").values()).as("its memory").containsExactly("0");
        client.must("context 1");
        client.must("alloc " + Charge.largestIn(20_000_001));
        assertThat(alice.ledger().unlistedDenials()).isPositive();
    }
}
