package io.sluice.tests;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.tests.harness.Charge;
import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Command;
import io.sluice.tests.harness.Metrics;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.Prometheus;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.Way;
import java.nio.file.Files;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A real Prometheus is served what it understands, and answers queries with what the tenants do. */
@SimulatedGpu
class PrometheusTest {
    private static final int PATIENCE_SECONDS = 40;

    @BeforeEach
    void withoutSanitizer() {
        Command.assumeNoSanitizer();
    }

    @Test
    void promtoolHasNothingToSay(Node node) throws Exception {
        Tenant alice = node.tenant("alice", 9_000_001);
        alice.client(Way.DLOPEN_SONAME).started().must("alloc 1000001");
        node.bareClient(Way.DLOPEN_SONAME).started().must("alloc 1000001");
        Tenant bob = node.tenant("bob", 9_000_001);
        Files.write(bob.ledgerFile(), new byte[17]);
        assertThat(Command.sluice(
                                node,
                                "apply",
                                "--sim",
                                node.tenantFile("carol", 9_000).toString())
                        .exitCode())
                .isZero();
        String metrics = Metrics.scrape(Metrics.serve(node)).text();
        assertThat(metrics).contains("sluice_ledger_errors_total{").contains("sluice_config_last_reload_successful{");

        Command.Result result = Prometheus.check(node, metrics);

        assertThat(result.out()).isEmpty();
        assertThat(result.exitCode()).isZero();
    }

    @Test
    void aServerAnswersWithWhatTheTenantsDoWhileProcessesAreKilled(Node node) throws Exception {
        Tenant alice = node.tenant("alice", 9_000_001);
        Tenant bob = node.tenant("bob", 9_000_001);
        Prometheus prometheus = Prometheus.start(node, Metrics.serve(node));
        Client lasting = bob.client(Way.DLOPEN_SONAME).started();
        lasting.must("alloc 3000001");
        long allocations = 1;
        for (int round = 1; round <= 3; round++) {
            long bytes = node.oddBytes(1, 8);
            Client client = alice.client(Way.DLOPEN_SONAME).started();
            client.must("alloc " + bytes);
            allocations++;
            awaitAnswer(prometheus, "sum(sluice_memory_used_bytes{tenant=\"alice\"})", Charge.of(bytes));
            client.kill();
            awaitAnswer(prometheus, "sum(sluice_memory_used_bytes)", Charge.of(3_000_001));
            awaitAnswer(prometheus, "sum(sluice_allocations_total)", allocations);
            awaitAnswer(prometheus, "sluice_reclaims_total{tenant=\"alice\"}", round);
        }
        awaitAnswer(prometheus, "resets(sluice_allocations_total{tenant=\"alice\"}[5m])", 0);
        awaitAnswer(prometheus, "sum(sluice_processes)", 1);
        awaitAnswer(prometheus, "sum by (gpu) (sluice_gpu_memory_committed_bytes)", 18_000_002);
        awaitAnswer(prometheus, "count(sluice_memory_used_bytes * on (gpu) group_left (uuid) sluice_gpu_info)", 2);
        awaitAnswer(prometheus, "up", 1);
    }

    private static void awaitAnswer(Prometheus prometheus, String query, long value) {
        await(query)
                .atMost(PATIENCE_SECONDS, SECONDS)
                .untilAsserted(() -> assertThat(prometheus.query(query)).hasValue(value));
    }
}
