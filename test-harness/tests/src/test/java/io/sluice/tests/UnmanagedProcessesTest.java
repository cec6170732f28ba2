package io.sluice.tests;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Command;
import io.sluice.tests.harness.Metrics;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.Service;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.Way;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who uses the GPU outside of all quotas shows in the metrics, and by name in the log of {@code sluice exporter}. */
@SimulatedGpu
class UnmanagedProcessesTest {
    @BeforeEach
    void withoutSanitizer() {
        Command.assumeNoSanitizer();
    }

    @Test
    void aProcessThatNoTenantHasIsCountedAsUnmanaged(Node node) throws Exception {
        Tenant alice = node.tenant("alice", 9_000_001);
        alice.client(Way.DLOPEN_SONAME).started().must("alloc 1000001");
        int port = port(exporter(node));
        assertThat(Metrics.scrape(port).value("sluice_unmanaged_processes", "gpu=\"0\""))
                .isZero();

        Client stranger = node.bareClient(Way.DLOPEN_SONAME).started();
        stranger.must("alloc 20000001");
        Metrics metrics = Metrics.scrape(port);
        assertThat(metrics.value("sluice_unmanaged_processes", "gpu=\"0\"")).isEqualTo(1);
        assertThat(metrics.value("sluice_unmanaged_memory_bytes", "gpu=\"0\"")).isGreaterThan(20_000_001);

        stranger.end();
        await().atMost(20, SECONDS)
                .until(() -> Metrics.scrape(port).value("sluice_unmanaged_processes", "gpu=\"0\"") == 0);
    }

    @Test
    void aTenantsChildWithACleanedEnvironmentIsCountedAndNamedOnceWithItsTenant(Node node) throws Exception {
        Tenant alice = node.tenant("alice", 9_000_001);
        Service exporter = exporter(node);
        int port = port(exporter);
        List<String> cleaned = List.of(
                "sh",
                "-c",
                "env -i SLUICE_SIM_DIR=\"$SLUICE_SIM_DIR\" LD_LIBRARY_PATH=\"$LD_LIBRARY_PATH\" \"$@\"; exit $?",
                "sh");
        Client child = alice.client(cleaned, Way.DLOPEN_SONAME).started();
        child.must("alloc 20000001");
        assertThat(alice.used()).as("nobody could deny it").isZero();
        Metrics metrics = Metrics.scrape(port);
        assertThat(metrics.value("sluice_unmanaged_processes", "gpu=\"0\"")).isEqualTo(1);
        assertThat(metrics.value("sluice_unmanaged_memory_bytes", "gpu=\"0\"")).isGreaterThan(20_000_001);
        Client stranger = node.bareClient(Way.DLOPEN_SONAME).started();
        Metrics.scrape(port);
        List<String> named = exporter.err()
                .lines()
                .filter(line -> line.contains("event=unmanaged_process"))
                .toList();
        assertThat(named).hasSize(2);
        long pid = Long.parseLong(child.must("pid").text());
        assertThat(named.get(0))
                .contains(" pid=" + pid + " ", " program=\"client\" ", " tenant=alice tenant_pid=" + child.pid() + " ");
        assertThat(named.get(1)).contains(" pid=" + stranger.pid() + " ", " tenant=- ");
    }

    @Test
    void aCleanedChildOfAProcessThatIsInTheLedgerIsNamedWithIt(Node node) throws Exception {
        Tenant alice = node.tenant("alice", 9_000_001);
        Service exporter = exporter(node);
        int port = port(exporter);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        client.must("alloc 1000001");
        client.must("fork"); // from here on it is the child that obeys
        client.must("exec cleaned");
        client.started().must("alloc 20000001");
        assertThat(Metrics.scrape(port).value("sluice_unmanaged_processes", "gpu=\"0\""))
                .isEqualTo(1);
        assertThat(exporter.err()).contains("tenant=alice tenant_pid=" + client.pid() + " ");
    }

    private static Service exporter(Node node) throws Exception {
        return node.service("exporter", "--sim", "--port", "0");
    }

    private static int port(Service exporter) throws Exception {
        return Integer.parseInt(
                exporter.awaitOut("http://127\\.0\\.0\\.1:([0-9]+)/metrics\n").group(1));
    }
}
