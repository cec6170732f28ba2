package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Command;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.Way;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code sluice forget} removes a tenant, and never one that somebody uses. */
@SimulatedGpu
class ForgetTest {
    @BeforeEach
    void withoutSanitizer() {
        Command.assumeNoSanitizer();
    }

    @Test
    void leavesNothingOfAnIdleTenantAndTheOthersAlone(Node node) throws Exception {
        Path file = node.tenantFile("alice", 9_001);
        assertThat(Command.sluice(node, "apply", "--sim", file.toString()).exitCode())
                .isZero();
        Tenant bob = node.tenant("bob", 1_000_001);
        Client killed = node.start(Command.run("alice", Command.CLIENT, "soname"), java.util.Map.of());
        killed.started().must("alloc 100000");
        killed.kill();

        Command.Result forgotten = Command.sluice(node, "forget", "alice");

        assertThat(forgotten.exitCode()).as(forgotten.err()).isZero();
        assertThat(node.runDirectory().resolve("tenants/alice")).doesNotExist();
        assertThat(node.runDirectory().resolve("limits/alice")).doesNotExist();
        assertThat(node.runDirectory().resolve("tenant-files/alice")).doesNotExist();
        assertThat(node.runDirectory().resolve("reloads/alice")).doesNotExist();
        assertThat(bob.ledgerFile()).exists();
        assertThat(file).exists();
        assertThat(Command.sluice(node, "forget", "alice").exitCode())
                .as("a second time")
                .isEqualTo(78);
    }

    @Test
    void refusesWhileAProcessLives(Node node) throws Exception {
        Tenant alice = node.tenant("alice", 1_000_001);
        Client client = alice.client(Way.DLOPEN_SONAME).started();

        Command.Result refused = Command.sluice(node, "forget", "alice");

        assertThat(refused.exitCode()).isEqualTo(75);
        assertThat(refused.err())
                .isEqualTo("sluice: tenant 'alice' is in use, among others by process " + client.pid()
                        + ": stop its processes first\n");
        client.must("alloc 999936");
        assertThat(alice.used()).isEqualTo(999_936);
    }

    @Test
    void refusesWhileAProcessLivesThatHasClosedItsFiles(Node node) throws Exception {
        Tenant alice = node.tenant("alice", 1_000_001);
        Client careless = alice.client(Way.DLOPEN_SONAME).started();
        careless.must("alloc 999936");
        careless.must("close-files");

        assertThat(Command.sluice(node, "forget", "alice").exitCode()).isEqualTo(75);
        assertThat(alice.used()).isEqualTo(999_936);
    }

    @Test
    void aDamagedLedgerCanBeForgotten(Node node) throws Exception {
        Tenant alice = node.tenant("alice", 1_000_001);
        Files.write(alice.ledgerFile(), new byte[9]);
        assertThat(Command.sluice(node, "forget", "alice").exitCode()).isZero();
        assertThat(alice.folder()).doesNotExist();
    }
}
