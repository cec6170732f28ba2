package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.bridge.ledger.MemoryKind;
import io.sluice.policy.Bytes;
import io.sluice.tests.harness.Answer;
import io.sluice.tests.harness.Card;
import io.sluice.tests.harness.Charge;
import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.RandomUse;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.ToldAlike;
import io.sluice.tests.harness.Way;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** CUDA, NVML and the ledger say the same at every moment: of the tenant, and of nobody else. */
@SimulatedGpu(cards = 2)
class AgreementTest {
    private static final long MIB = 1L << 20;
    private static final int STEPS = 150;

    @Test
    void cudaNvmlAndTheLedgerAgreeAfterEveryStepOfEveryFamily(Node node) throws IOException {
        Card card = node.cards().get(0); // the second in NVML's order
        Tenant alice = node.tenant("alice", Map.of(card, node.oddBytes(60, 90)));
        Tenant bob = node.tenant("bob", Map.of(card, node.oddBytes(60, 90)));
        alice.context(node.oddBytes(1, 3));
        List<Client> clients = List.of(open(alice, card), open(alice, card), open(alice, card));
        Client neighbour = open(bob, card);
        ToldAlike told = new ToldAlike(alice, card, clients);
        List<RandomUse> users = new ArrayList<>();
        for (Client client : clients) {
            users.add(RandomUse.by(client, node));
        }
        for (int step = 0; step < STEPS; step++) {
            String what = users.get(node.random().nextInt(users.size())).next();
            neighbour.ask("alloc " + node.random().nextLong(1, MIB));
            told.check("step " + step + " (" + what + ") of seed " + node.seed());
        }
        assertThat(alice.usage(card).denialsByLimit()).as("at the limit").isPositive();
        assertThat(alice.ledger().usedByKind(card.id()).getOrDefault(MemoryKind.CONTEXT, Bytes.ZERO))
                .as("contexts")
                .isNotEqualTo(Bytes.ZERO);
        for (Client client : clients.subList(1, 3)) {
            client.kill();
        }
        alice.client(Way.DLOPEN_SONAME).started(); // who joins takes back what the dead held
        new ToldAlike(alice, card, clients.subList(0, 1)).checkCuda("after two were killed");
    }

    @Test
    void aNeighboursMemoryAndProcessesAreNotSeen(Node node) throws IOException {
        Card card = node.cards().get(1); // the first in NVML's order
        Tenant alice = node.tenant("alice", Map.of(card, 20 * MIB));
        Tenant bob = node.tenant("bob", Map.of(card, 100 * MIB));
        Client client = open(alice, card);
        client.must("alloc " + MIB);
        open(bob, card).must("alloc " + 90 * MIB);
        Client stranger = node.bareClient(Way.DLOPEN_SONAME);
        stranger.must("init");
        stranger.must("context " + card.index());
        stranger.must("alloc " + 10 * MIB);
        new ToldAlike(alice, card, List.of(client)).check("beside others");
        stranger.must("nvml libnvidia-ml.so.1");
        assertThat(stranger.must("nvml-processes " + card.id() + " nvmlDeviceGetComputeRunningProcesses_v3")
                        .number(0))
                .as("processes as somebody without a quota sees them")
                .isEqualTo(3);
    }

    @Test
    void everyAnswerAgreesWithItselfWhileOthersAllocate(Node node) throws IOException {
        Card card = node.cards().get(0);
        long limit = node.oddBytes(20, 30);
        long own = node.oddBytes(1, 3);
        Tenant alice = node.tenant("alice", Map.of(card, limit));
        Client watcher = open(alice, card);
        watcher.must("alloc " + own);
        List<Client> busy = List.of(open(alice, card), open(alice, card));
        for (Client client : busy) {
            client.begin("churn 40000 " + node.random().nextInt(1 << 30) + " 1000003 40 2");
        }
        int looks = 0;
        for (; !busy.stream().allMatch(Client::hasAnswered); looks++) {
            String when = "look " + looks + " of seed " + node.seed();
            Answer info = watcher.must("info");
            assertThat(info.number(1)).as(when).isEqualTo(limit);
            assertThat((limit - info.number(0)) % Charge.of(1)).as(when).isZero();
            Answer memory = watcher.must("nvml-memory " + card.id());
            assertThat(memory.number(1) + memory.number(2)).as("v1, %s", when).isEqualTo(limit);
            assertThat(memory.number(5) + memory.number(6)).as("v2, %s", when).isEqualTo(limit);
            Map<Long, Long> held =
                    ToldAlike.processes(watcher.must("nvml-processes " + card.id() + " " + ToldAlike.COMPUTE.get(2)));
            assertThat(held).as(when).containsEntry(watcher.pid(), Charge.of(own));
            assertThat(held.values().stream().mapToLong(bytes -> bytes).sum())
                    .as(when)
                    .isBetween(Charge.of(own), limit);
        }
        assertThat(looks).isPositive();
        for (Client client : busy) {
            assertThat(client.await().result()).isZero();
        }
        List<Client> all = List.of(watcher, busy.get(0), busy.get(1));
        new ToldAlike(alice, card, all).check("in the end");
    }

    private static Client open(Tenant tenant, Card card) throws IOException {
        Client client = tenant.client(Way.DLOPEN_SONAME);
        client.must("init");
        client.must("context " + card.index());
        client.must("nvml libnvidia-ml.so.1");
        client.must("pool-default " + card.index());
        client.must("pool-create " + card.index());
        return client;
    }
}
