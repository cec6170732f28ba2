package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tests.harness.Card;
import io.sluice.tests.harness.Charge;
import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Command;
import io.sluice.tests.harness.Metrics;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.Service;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.Way;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@code sluice exporter} serves is what the ledgers say, whatever happens to processes, tenants and files. */
@SimulatedGpu
class ExporterTest {
    private static final String ALICE = "tenant=\"alice\"";

    @BeforeEach
    void withoutSanitizer() {
        Command.assumeNoSanitizer();
    }

    @Test
    void servesWhatAClientDoes(Node node) throws Exception {
        long limit = node.oddBytes(3, 9);
        Tenant alice = node.tenant("alice", limit);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        client.must("alloc 1999993");
        client.must("alloc 700001");
        client.must("free 1");
        client.ask("alloc " + (limit + 1));
        int port = Metrics.serve(node);

        Metrics metrics = Metrics.scrape(port);

        String labels = "gpu=\"0\"," + ALICE;
        long used = Charge.of(1_999_993);
        assertThat(metrics.value("sluice_memory_limit_bytes", labels)).isEqualTo(limit);
        assertThat(metrics.value("sluice_memory_used_bytes", labels)).isEqualTo(used);
        assertThat(metrics.value("sluice_memory_peak_bytes", labels)).isEqualTo(used + Charge.of(700_001));
        assertThat(metrics.value("sluice_memory_used_by_kind_bytes", "gpu=\"0\",kind=\"linear\"," + ALICE))
                .isEqualTo(used);
        assertThat(metrics.value("sluice_memory_used_by_kind_bytes", "gpu=\"0\",kind=\"pool\"," + ALICE))
                .isZero();
        assertThat(metrics.value("sluice_allocations_total", labels)).isEqualTo(2);
        assertThat(metrics.value("sluice_denials_total", "gpu=\"0\",reason=\"limit\",resource=\"memory\"," + ALICE))
                .isEqualTo(1);
        assertThat(metrics.value("sluice_processes", labels)).isEqualTo(1);
        assertThat(metrics.value("sluice_gpu_memory_capacity_bytes", "gpu=\"0\""))
                .isEqualTo(node.card().memory().value());
        assertThat(metrics.value("sluice_gpu_memory_free_bytes", "gpu=\"0\""))
                .isLessThan(node.card().memory().value() - used);
        assertThat(metrics.value("sluice_gpu_memory_committed_bytes", "gpu=\"0\""))
                .isEqualTo(limit);
        assertThat(metrics.value("sluice_unmanaged_processes", "gpu=\"0\"")).isZero();
        assertThat(metrics.text())
                .contains("sluice_build_info{version=")
                .contains("uuid=\"" + node.card().id() + "\"")
                .contains("sluice_tenant_info{" + ALICE + "} 1");
        assertThat(metrics.series().keySet())
                .filteredOn(series -> !series.startsWith("sluice_gpu_info"))
                .noneMatch(series -> series.contains("uuid"));
    }

    @Test
    void countsWhatIsDoneInsteadOfADenial(Node node) throws Exception {
        Tenant alice = node.tenant("alice", Charge.of(3_000_000));
        alice.excess(2_000_000, Optional.of(Duration.ofMillis(200)));
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        client.must("alloc 2500000");
        client.ask("alloc 2500000");
        int port = Metrics.serve(node);

        Metrics metrics = Metrics.scrape(port);

        String labels = "gpu=\"0\"," + ALICE;
        assertThat(metrics.value("sluice_memory_warnings_total", labels)).isEqualTo(1);
        assertThat(metrics.series().get("sluice_memory_wait_seconds_total{" + labels + "}"))
                .isBetween(0.2, 60.0);
        assertThat(metrics.value("sluice_spilled_bytes_total", labels)).isZero();
    }

    @Test
    void countersNeverGoBackWhenProcessesAreKilled(Node node) throws Exception {
        Tenant alice = node.tenant("alice", 9_000_001);
        int port = Metrics.serve(node);
        String labels = "gpu=\"0\"," + ALICE;
        long reclaimed = 0;
        for (int round = 1; round <= 5; round++) {
            Client client = alice.client(Way.DLOPEN_SONAME).started();
            long bytes = node.oddBytes(1, 2);
            client.must("alloc " + bytes);
            client.ask("alloc 9000002");
            client.kill();
            reclaimed += Charge.of(bytes);

            Metrics metrics = Metrics.scrape(port);
            assertThat(metrics.value("sluice_memory_used_bytes", labels))
                    .as("what a dead process held, in round %d", round)
                    .isZero();
            assertThat(metrics.value("sluice_processes", labels)).isZero();
            assertThat(metrics.value("sluice_allocations_total", labels)).isEqualTo(round);
            assertThat(metrics.value("sluice_denials_total", "gpu=\"0\",reason=\"limit\",resource=\"memory\"," + ALICE))
                    .isEqualTo(round);
            assertThat(metrics.value("sluice_reclaims_total", ALICE)).isEqualTo(round);
            assertThat(metrics.value("sluice_reclaimed_bytes_total", ALICE)).isEqualTo(reclaimed);
        }
    }

    @Test
    void aTenantThatIsForgottenLeavesAndItsCountersGoOnWhenItIsBack(Node node) throws Exception {
        Tenant alice = node.tenant("alice", 9_000_001);
        node.tenant("bob", 1_000_001);
        int port = Metrics.serve(node);
        allocateAndEnd(alice.client(Way.DLOPEN_SONAME), 3);
        assertThat(Metrics.scrape(port).value("sluice_allocations_total", "gpu=\"0\"," + ALICE))
                .isEqualTo(3);

        assertThat(Command.sluice(node, "forget", "alice").exitCode()).isZero();
        Metrics without = Metrics.scrape(port);
        assertThat(without.series().keySet()).noneMatch(series -> series.contains(ALICE));
        assertThat(without.text()).contains("tenant=\"bob\"");

        allocateAndEnd(node.tenant("alice", 9_000_001).client(Way.DLOPEN_SONAME), 2);
        assertThat(Metrics.scrape(port).value("sluice_allocations_total", "gpu=\"0\"," + ALICE))
                .isEqualTo(5);
    }

    @Test
    @SimulatedGpu(cards = 2)
    void twoGpusAreToldApartByTheIndexOfNvml(Node node) throws Exception {
        Card first = node.cards().get(0);
        Card second = node.cards().get(1);
        Tenant alice = node.tenant("alice", Map.of(first, 8_000_001L, second, 9_000_001L));
        Client client = alice.client(Way.DLOPEN_SONAME);
        client.must("init");
        client.must("context 0");
        client.must("alloc 100001");
        client.must("context 1");
        client.must("alloc 200001");

        Metrics metrics = Metrics.scrape(Metrics.serve(node));

        for (Card card : List.of(first, second)) {
            String labels = "gpu=\"" + card.nvmlIndex() + "\"," + ALICE;
            assertThat(metrics.value("sluice_memory_used_bytes", labels))
                    .isEqualTo(alice.usage(card).used().value());
            assertThat(metrics.text())
                    .containsPattern("sluice_gpu_info\\{.*gpu=\"" + card.nvmlIndex() + "\".*uuid=\"" + card.id());
        }
        assertThat(metrics.value("sluice_memory_limit_bytes", "gpu=\"" + second.nvmlIndex() + "\"," + ALICE))
                .isEqualTo(9_000_001);
    }

    @Test
    void aDamagedLedgerIsCountedAndTheOthersAreServed(Node node) throws Exception {
        Tenant alice = node.tenant("alice", 9_000_001);
        node.tenant("bob", 1_000_001);
        Service exporter = exporter(node);
        int port = Metrics.portOf(exporter);
        Metrics.scrape(port);
        Files.write(alice.ledgerFile(), new byte[17]);

        Metrics metrics = Metrics.scrape(port);

        assertThat(metrics.value("sluice_ledger_errors_total", "reason=\"torn\"," + ALICE))
                .isPositive();
        assertThat(metrics.find("sluice_memory_used_bytes", "gpu=\"0\"," + ALICE))
                .isEmpty();
        assertThat(metrics.value("sluice_memory_used_bytes", "gpu=\"0\",tenant=\"bob\""))
                .isZero();
        Metrics.scrape(port);
        assertThat(exporter.err().lines().filter(line -> line.contains("tenant=alice")))
                .as("lines about it")
                .hasSize(1);
    }

    @Test
    void aTenantThatComesLaterIsServedAlsoInARunDirectoryThatWasNotThere(Node node) throws Exception {
        String later = node.file("later").toString();
        Service exporter = node.service("exporter", "--sim", "--port", "0", "--run-dir", later);
        int port = Metrics.portOf(exporter);
        assertThat(Metrics.scrape(port).text()).contains("sluice_build_info").doesNotContain("tenant=");
        assertThat(Metrics.get(port, "/-/healthy")).isNotEmpty();

        String file = node.tenantFile("alice", 5_000).toString();
        assertThat(Command.sluice(node, "apply", "--sim", "--run-dir", later, file)
                        .exitCode())
                .isZero();
        Metrics metrics = Metrics.scrape(port);
        assertThat(metrics.value("sluice_memory_limit_bytes", "gpu=\"0\"," + ALICE))
                .isEqualTo(5_000_000);
        assertThat(metrics.value("sluice_memory_used_bytes", "gpu=\"0\"," + ALICE))
                .isZero();
        assertThat(metrics.value("sluice_config_last_reload_successful", ALICE)).isEqualTo(1);
        assertThat(metrics.value("sluice_config_last_reload_success_timestamp_seconds", ALICE))
                .isBetween(System.currentTimeMillis() / 1000 - 600, System.currentTimeMillis() / 1000);
    }

    @Test
    void servesTheLedgersWhereThereIsNoDriver(Node node) throws Exception {
        node.tenant("alice", 9_000_001);
        Service exporter = node.service(
                Command.words("exporter", "--port", "0"),
                Map.of("LD_LIBRARY_PATH", "/nowhere", "SLUICE_DRIVER", "/nowhere/libcuda.so.1"));
        Metrics metrics = Metrics.scrape(Metrics.portOf(exporter));
        assertThat(metrics.text()).contains("sluice_memory_used_bytes{").doesNotContain("sluice_gpu_info");
        assertThat(exporter.err()).contains("event=no_gpus");
    }

    @Test
    void listensOnTheLoopbackAloneUnlessToldOtherwise(Node node) throws Exception {
        Service exporter = exporter(node);
        int port = Metrics.portOf(exporter);
        String hex = "%04X".formatted(port);
        List<String> listeners = new ArrayList<>(Files.readAllLines(Path.of("/proc/net/tcp")));
        listeners.addAll(Files.readAllLines(Path.of("/proc/net/tcp6")));
        assertThat(listeners.stream()
                        .map(line -> line.strip().split("\\s+"))
                        .filter(words -> words.length > 3 && words[3].equals("0A") && words[1].endsWith(":" + hex))
                        .map(words -> words[1].substring(0, words[1].indexOf(':'))))
                .isSubsetOf("0100007F", "0000000000000000FFFF00000100007F")
                .isNotEmpty();
    }

    @Test
    void aPortThatIsTakenIsOneClearLine(Node node) throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());
            Command.Result refused = Command.sluice(node, "exporter", "--port", port);
            assertThat(refused.exitCode()).isEqualTo(75);
            assertThat(refused.err().lines())
                    .singleElement()
                    .asString()
                    .startsWith("sluice: cannot listen on 127.0.0.1 port " + port);
        }
    }

    @Test
    void endsWithSigtermAndExitCodeZero(Node node) throws Exception {
        Service exporter = exporter(node);
        Metrics.portOf(exporter);
        assertThat(exporter.stop()).isZero();
        assertThat(exporter.err()).isEmpty();
    }

    private static void allocateAndEnd(Client client, int times) {
        client.started();
        for (int i = 0; i < times; i++) {
            client.must("alloc 1001");
        }
        client.end();
    }

    private static Service exporter(Node node) throws Exception {
        return node.service("exporter", "--sim", "--port", "0");
    }
}
