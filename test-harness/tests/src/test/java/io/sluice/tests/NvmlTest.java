package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.bridge.api.NvmlApi;
import io.sluice.bridge.api.NvmlApi.NvmlFunction;
import io.sluice.bridge.ledger.ProcessUsage;
import io.sluice.tests.harness.Answer;
import io.sluice.tests.harness.Build;
import io.sluice.tests.harness.Card;
import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Command;
import io.sluice.tests.harness.Metrics;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.Service;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.Way;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What NVML says to a tenant's process is what CUDA says to it, and what the ledger says: of the tenant, and of nobody else. */
@SimulatedGpu(cards = 2)
class NvmlTest {
    private static final long MIB = 1L << 20;
    private static final int FUNCTION_NOT_FOUND = 13;
    private static final int INSUFFICIENT_SIZE = 7;
    private static final int NO_PERMISSION = 4;
    private static final List<String> COMPUTE = List.of(
            "nvmlDeviceGetComputeRunningProcesses",
            "nvmlDeviceGetComputeRunningProcesses_v2",
            "nvmlDeviceGetComputeRunningProcesses_v3");
    private static final List<String> OTHERS = List.of(
            "nvmlDeviceGetGraphicsRunningProcesses",
            "nvmlDeviceGetGraphicsRunningProcesses_v2",
            "nvmlDeviceGetGraphicsRunningProcesses_v3",
            "nvmlDeviceGetMPSComputeRunningProcesses",
            "nvmlDeviceGetMPSComputeRunningProcesses_v2",
            "nvmlDeviceGetMPSComputeRunningProcesses_v3");
    private static final List<String> TAKING = List.of(
            "alloc %d",
            "managed %d",
            "pitch 1001 311",
            "pool-alloc %d",
            "create 4194304",
            "array 501 303 32 2",
            "mipmapped 640 300 32 1 3",
            "graph %d 700001");

    @Test
    void cudaNvmlAndTheLedgerAgreeAfterEveryAllocationOfEveryFamily(Node node) throws IOException {
        Card card = node.cards().get(1); // the first in NVML's order
        Random random = node.random();
        Tenant alice = node.tenant("alice", Map.of(card, node.oddBytes(60, 90)));
        Tenant bob = node.tenant("bob", Map.of(card, node.oddBytes(60, 90)));
        List<Client> clients = List.of(open(alice), open(alice), open(alice));
        Client neighbour = open(bob);
        for (int step = 0; step < 60; step++) {
            Client client = clients.get(random.nextInt(clients.size()));
            client.ask(TAKING.get(random.nextInt(TAKING.size())).formatted(random.nextLong(1, 3 * MIB)));
            switch (random.nextInt(4)) {
                case 0 -> client.ask("free " + random.nextInt(8));
                case 1 -> client.ask("release " + random.nextInt(4));
                case 2 -> client.ask("array-destroy " + random.nextInt(4));
                default -> client.ask("graph-destroy " + random.nextInt(4));
            }
            neighbour.ask("alloc " + random.nextLong(1, MIB));
            assertAgree("step " + step + " of seed " + node.seed(), alice, card, clients);
        }
        assertThat(alice.usage(card).used().value()).as("charged in the end").isPositive();
    }

    @Test
    void aNeighboursMemoryAndProcessesAreNotSeen(Node node) throws IOException {
        Card card = node.cards().get(1);
        Tenant alice = node.tenant("alice", Map.of(card, 20 * MIB));
        Tenant bob = node.tenant("bob", Map.of(card, 100 * MIB));
        Client client = open(alice);
        client.must("alloc " + MIB);
        open(bob).must("alloc " + 90 * MIB);
        Client stranger = node.bareClient(Way.DLOPEN_SONAME);
        stranger.must("init");
        stranger.must("context 1");
        stranger.must("alloc " + 10 * MIB);
        assertAgree("beside others", alice, card, List.of(client));
        stranger.must("nvml libnvidia-ml.so.1");
        assertThat(stranger.must("nvml-processes " + card.id() + " " + COMPUTE.get(2))
                        .number(0))
                .as("processes as somebody without a quota sees them")
                .isEqualTo(3);
    }

    @Test
    void aGpuThatTheTenantFileDoesNotListHasNothing(Node node) throws IOException {
        Card listed = node.cards().get(0);
        Card other = node.cards().get(1);
        Client client = node.tenant("alice", Map.of(listed, 9 * MIB)).client(Way.DLOPEN_SONAME);
        client.must("nvml libnvidia-ml.so.1");
        assertThat(client.must("nvml-memory " + other.id()).values()).containsOnly("0");
        assertThat(client.must("nvml-processes " + other.id() + " " + COMPUTE.get(2))
                        .values())
                .containsExactly("0");
        assertThat(client.must("nvml-memory " + listed.id()).number(0)).isEqualTo(9 * MIB);
    }

    @Test
    void aLookAtNvmlAloneTakesNoPlaceInTheLedger(Node node) throws IOException {
        Card card = node.card();
        Tenant alice = node.tenant("alice", Map.of(card, 9 * MIB));
        Client worker = alice.client(Way.DLOPEN_SONAME).started();
        worker.must("alloc " + 3 * MIB);
        Client looker = alice.client(Way.DLOPEN_SONAME);
        looker.must("nvml libnvidia-ml.so.1");
        long used = alice.used();
        assertThat(looker.must("nvml-memory " + card.id()).values())
                .containsExactly(words(9 * MIB, 9 * MIB - used, used, 9 * MIB, 0, 9 * MIB - used, used));
        assertThat(looker.must("nvml-processes " + card.id() + " " + COMPUTE.get(2))
                        .text())
                .isEqualTo("1 " + worker.pid() + ":" + used);
        assertThat(alice.ledger().processes()).as("slots").hasSize(1);
        looker.must("init"); // and from now on by its own account
        looker.must("context 0");
        looker.must("alloc " + MIB);
        assertThat(looker.must("nvml-memory " + card.id()).number(2)).isEqualTo(alice.used());
    }

    @Test
    void aListThatIsTooShortIsToldHowManyThereAre(Node node) throws IOException {
        Card card = node.card();
        Tenant alice = node.tenant("alice", Map.of(card, 9 * MIB));
        Client first = alice.client(Way.DLOPEN_SONAME).started();
        Client second = alice.client(Way.DLOPEN_SONAME).started();
        first.must("alloc 1001");
        second.must("alloc 2002");
        first.must("nvml libnvidia-ml.so.1");
        for (String function : COMPUTE) {
            for (int room = 0; room < 2; room++) {
                Answer answer = first.ask("nvml-processes " + card.id() + " " + function + " " + room);
                assertThat(answer.result()).isEqualTo(INSUFFICIENT_SIZE);
                assertThat(answer.number(0)).isEqualTo(2);
            }
            assertThat(first.must("nvml-processes " + card.id() + " " + function + " 2")
                            .number(0))
                    .isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"libnvidia-ml.so.1", "libnvidia-ml.so", "an absolute path"})
    void everyNameOfNvmlLeadsToTheTenantsTruth(String name, Node node) throws IOException {
        Client client = node.tenant("alice", Map.of(node.card(), 9 * MIB)).client(Way.DLOPEN_SONAME);
        client.must("nvml " + (name.startsWith("lib") ? name : Build.SIMULATOR.resolve("libnvidia-ml.so.1")));
        assertThat(client.must("nvml-memory " + node.card().id()).number(0)).isEqualTo(9 * MIB);
    }

    @Test
    void dlsymFindsWhatTheRealNvmlHas(Node node) throws IOException {
        Client bare = node.bareClient(Way.DLOPEN_SONAME);
        Client governed = node.tenant("alice", Map.of(node.card(), 9 * MIB)).client(Way.DLOPEN_SONAME);
        bare.must("nvml libnvidia-ml.so.1");
        governed.must("nvml libnvidia-ml.so.1");
        for (NvmlFunction function : NvmlApi.read(Build.HOME.resolve("shim-native-bridge/src/main/api"))) {
            Answer answer = governed.ask("nvml-symbol " + function.name());
            assertThat(answer.result())
                    .as(function.name())
                    .isEqualTo(bare.ask("nvml-symbol " + function.name()).result());
            assertThat(answer.text()).startsWith(Build.BRIDGE.toString());
        }
        assertThat(governed.ask("nvml-symbol nvmlThatNobodyKnows").result()).isEqualTo(FUNCTION_NOT_FOUND);
    }

    @Test
    void withoutTheTenantsBooksNothingOfTheGpuIsTold(Node node) throws IOException {
        Tenant alice = node.tenant("alice", Map.of(node.card(), 9 * MIB));
        Files.delete(alice.ledgerFile());
        Client client = alice.client(Way.DLOPEN_SONAME);
        client.must("nvml libnvidia-ml.so.1");
        for (int i = 0; i < 2; i++) {
            Answer answer = client.ask("nvml-memory " + node.card().id());
            assertThat(answer.result()).isEqualTo(NO_PERMISSION);
            assertThat(answer.values()).containsOnly("0");
        }
        assertThat(client.sluiceLines()).singleElement().asString().contains("does not exist", "NVML");
    }

    @Test
    void sluicesOwnToolsSeeTheGpuAsItIsAlsoInsideATenant(Node node) throws Exception {
        Command.assumeNoSanitizer();
        Card card = node.cards().get(1);
        Tenant alice = node.tenant("alice", Map.of(card, 9 * MIB));
        Client stranger = node.bareClient(Way.DLOPEN_SONAME);
        stranger.must("init");
        stranger.must("context 1");
        stranger.must("alloc " + 50 * MIB);
        Service exporter = node.service(Command.words("exporter", "--sim", "--port", "0"), alice.environment(Map.of()));
        int port = Integer.parseInt(
                exporter.awaitOut("http://127\\.0\\.0\\.1:([0-9]+)/metrics\n").group(1));
        Metrics metrics = Metrics.scrape(port);
        String gpu = "gpu=\"" + card.nvmlIndex() + "\"";
        assertThat(metrics.value("sluice_gpu_memory_capacity_bytes", gpu))
                .isEqualTo(card.memory().value());
        assertThat(metrics.value("sluice_unmanaged_processes", gpu)).isEqualTo(1);
        assertThat(metrics.value("sluice_unmanaged_memory_bytes", gpu)).isGreaterThan(50 * MIB);
    }

    private static Client open(Tenant tenant) throws IOException {
        Client client = tenant.client(Way.DLOPEN_SONAME);
        client.must("init");
        client.must("context 1");
        client.must("nvml libnvidia-ml.so.1");
        return client;
    }

    private static void assertAgree(String when, Tenant tenant, Card card, List<Client> clients) {
        long used = tenant.usage(card).used().value();
        Map<String, String> held = new TreeMap<>();
        for (ProcessUsage process : tenant.ledger().processes()) {
            long bytes = process.held().containsKey(card.id())
                    ? process.held().get(card.id()).value()
                    : 0;
            held.put(Long.toString(process.pid()), Long.toString(bytes));
        }
        assertThat(held.values().stream().mapToLong(Long::parseLong).sum())
                .as(when)
                .isEqualTo(used);
        for (Client client : clients) {
            Answer info = client.must("info");
            long free = info.number(0);
            long total = info.number(1);
            assertThat(free)
                    .as("%s: free by cuMemGetInfo", when)
                    .isEqualTo(Math.max(0, total - used)); // pools may go above
            assertThat(client.must("total 1").number(0))
                    .as("%s: cuDeviceTotalMem", when)
                    .isEqualTo(total);
            assertThat(client.must("nvml-memory " + card.id()).values())
                    .as("%s: NVML", when)
                    .containsExactly(words(total, free, used, total, 0, free, used));
            for (String function : COMPUTE) {
                Answer list = client.must("nvml-processes " + card.id() + " " + function);
                assertThat(processes(list)).as("%s: %s", when, function).isEqualTo(held);
            }
            for (String function : OTHERS) {
                assertThat(client.must("nvml-processes " + card.id() + " " + function)
                                .values())
                        .as("%s: %s", when, function)
                        .containsExactly("0");
            }
        }
    }

    private static Map<String, String> processes(Answer list) {
        Map<String, String> processes = new TreeMap<>();
        for (String process :
                new ArrayList<>(list.values()).subList(1, list.values().size())) {
            processes.put(process.split(":")[0], process.split(":")[1]);
        }
        assertThat(processes).as("%s", list).hasSize((int) list.number(0));
        return processes;
    }

    private static String[] words(long... numbers) {
        return Arrays.stream(numbers).mapToObj(Long::toString).toArray(String[]::new);
    }
}
