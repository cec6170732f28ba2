package io.sluice.exporter;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.bridge.ledger.ProcessUsage;
import io.sluice.policy.TenantName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Host pids against the pids that ledgers know, which are of the processes' own namespaces. */
class ManagedProcessesTest {
    private static final TenantName ALICE = new TenantName("alice");
    private static final long HOST = 4026531836L;
    private static final long CONTAINER = 4026532999L;
    private static final long OTHER_CONTAINER = 4026533000L;

    @TempDir
    Path proc;

    @Test
    void aProcessInAContainerIsFoundByItsNamespace() throws Exception {
        process(4711, "4711\t17\t1", CONTAINER);
        process(4712, "4712\t17\t1", OTHER_CONTAINER);
        process(1, "1", HOST);
        ManagedProcesses managed = new ManagedProcesses(proc);
        managed.add(ALICE, new ProcessUsage(0, 1, CONTAINER, Map.of()));

        assertThat(managed.tenantOf(4711)).contains(ALICE);
        assertThat(managed.tenantOf(4712))
                .as("the same number in another container")
                .isEmpty();
        assertThat(managed.tenantOf(1)).as("the same number on the host").isEmpty();
        assertThat(managed.tenantOf(17)).isEmpty();
    }

    @Test
    void numbersDecideWhereTheNamespaceMayNotBeRead() throws Exception {
        Files.createDirectories(proc.resolve("4711"));
        Files.writeString(proc.resolve("4711/status"), "Name:\tjava\nNSpid:\t4711\t23\n");
        ManagedProcesses managed = new ManagedProcesses(proc);
        managed.add(ALICE, new ProcessUsage(0, 23, CONTAINER, Map.of()));

        assertThat(managed.tenantOf(4711)).contains(ALICE);
        assertThat(managed.tenantOf(24)).isEmpty();
    }

    private void process(long pid, String pids, long namespace) throws Exception {
        Path folder = proc.resolve(Long.toString(pid));
        Files.createDirectories(folder.resolve("ns"));
        Files.writeString(folder.resolve("status"), "Name:\tjava\nNSpid:\t" + pids + "\nThreads:\t1\n");
        Files.createSymbolicLink(folder.resolve("ns/pid"), Path.of("pid:[" + namespace + "]"));
    }
}
