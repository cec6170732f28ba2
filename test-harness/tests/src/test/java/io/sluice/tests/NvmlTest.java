package io.sluice.tests;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.bridge.api.NvmlApi;
import io.sluice.bridge.api.NvmlApi.NvmlFunction;
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
import io.sluice.tests.harness.ToldAlike;
import io.sluice.tests.harness.Way;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
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

    @Test
    void onlyTheTenantsProcessesAreSeenToUseTheGpu(Node node) throws Exception {
        Card card = node.cards().get(1);
        Path ptx = Files.writeString(node.file("module.ptx"), """
                .version 7.0
                .target sm_52
                .address_size 64
                .visible .entry k() {
                    .reg .pred p;
                    .reg .b32 n;
                    mov.u32 n, 300000;
                next:
                    sub.u32 n, n, 1;
                    setp.ne.u32 p, n, 0;
                    @p bra next;
                    ret;
                }
                """);
        List<Client> clients = new ArrayList<>();
        for (String tenant : List.of("alice", "bob")) {
            Client client = open(node.tenant(tenant, Map.of(card, 9_000_001L)));
            client.must("module data " + ptx);
            client.must("function module 0 k");
            clients.add(client);
        }
        Client outside = node.bareClient(Way.DLOPEN_SONAME);
        outside.must("nvml libnvidia-ml.so.1");
        await().atMost(20, SECONDS).until(() -> {
            for (Client client : clients) {
                client.must("launch plain 0");
            }
            return outside.must("nvml-used " + card.id()).values().size() == 3;
        });
        for (Client client : clients) {
            assertThat(client.must("nvml-used " + card.id()).values())
                    .as("not supported: a list that is everybody's")
                    .isEqualTo(List.of("3", Long.toString(client.pid())));
        }
    }

    @Test
    void aGpuThatTheTenantFileDoesNotListHasNothing(Node node) throws IOException {
        Card listed = node.cards().get(0);
        Card other = node.cards().get(1);
        Client client = node.tenant("alice", Map.of(listed, 9 * MIB)).client(Way.DLOPEN_SONAME);
        client.must("nvml libnvidia-ml.so.1");
        assertThat(client.must("nvml-memory " + other.id()).values()).containsOnly("0");
        assertThat(client.must("nvml-processes " + other.id() + " " + ToldAlike.COMPUTE.get(2))
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
        assertThat(looker.must("nvml-processes " + card.id() + " " + ToldAlike.COMPUTE.get(2))
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
        for (String function : ToldAlike.COMPUTE) {
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

    private static String[] words(long... numbers) {
        return Arrays.stream(numbers).mapToObj(Long::toString).toArray(String[]::new);
    }
}
