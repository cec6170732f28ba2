package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.Way;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Where the account cannot be had, CUDA is refused with one clear line and the application lives. */
@SimulatedGpu
class FailureTest {

    @Test
    void aMissingLedgerRefusesCuda(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 9_000_001);
        Files.delete(alice.ledgerFile());
        assertRefused(alice.client(Way.DLOPEN_SONAME), "ledger");
    }

    @Test
    void missingLimitsRefuseCuda(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 9_000_001);
        Files.delete(alice.limitsFile());
        assertRefused(alice.client(Way.DLOPEN_SONAME), "limits");
    }

    @Test
    void anUnknownTenantRefusesCuda(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 9_000_001);
        assertRefused(alice.client(Way.DLOPEN_SONAME, Map.of("SLUICE_TENANT", "mallory")), "mallory");
    }

    @Test
    void anotherTenantsLedgerRefusesCuda(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 9_000_001);
        Tenant bob = node.tenant("bob", 9_000_001);
        Files.copy(bob.ledgerFile(), alice.ledgerFile(), StandardCopyOption.REPLACE_EXISTING);
        assertRefused(alice.client(Way.DLOPEN_SONAME), "bob");
    }

    @Test
    void aForeignFileRefusesCuda(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 9_000_001);
        byte[] noise = new byte[(int) Files.size(alice.ledgerFile())];
        node.random().nextBytes(noise);
        replace(alice.ledgerFile(), noise);
        assertRefused(alice.client(Way.DLOPEN_SONAME), "ledger");
    }

    @Test
    void aTornLedgerRefusesCuda(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 9_000_001);
        byte[] whole = Files.readAllBytes(alice.ledgerFile());
        replace(alice.ledgerFile(), Arrays.copyOf(whole, 1 + node.random().nextInt(whole.length - 1)));
        assertRefused(alice.client(Way.DLOPEN_SONAME), "ledger");
    }

    @Test
    void aLedgerBehindASymbolicLinkRefusesCuda(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 9_000_001);
        Path elsewhere = node.file("ledger");
        Files.move(alice.ledgerFile(), elsewhere);
        Files.createSymbolicLink(alice.ledgerFile(), elsewhere);
        assertRefused(alice.client(Way.DLOPEN_SONAME), "ledger");
    }

    @Test
    void onFailureForwardLetsCudaThroughAndSaysSo(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 9_000_001);
        Files.delete(alice.ledgerFile());
        Client client = alice.client(Way.DLOPEN_SONAME, Map.of("SLUICE_ON_FAILURE", "forward"))
                .started();
        client.must("alloc 20000000");
        assertThat(client.sluiceLines()).hasSize(1);
    }

    @Test
    void aLedgerDeletedUnderARunningApplicationIsSurvived(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 9_000_001);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        client.must("alloc 1000000");
        Files.delete(alice.ledgerFile());
        client.must("alloc 1000000");
        assertThat(client.ask("alloc 9000000").result()).isEqualTo(2);
        client.must("free 0");
        assertRefused(alice.client(Way.DLOPEN_SONAME), "ledger");
    }

    private static void replace(Path file, byte[] bytes) throws IOException {
        Files.delete(file);
        Files.write(file, bytes);
    }

    private static void assertRefused(Client client, String word) {
        assertThat(client.ask("init").result()).as("cuInit").isEqualTo(800);
        assertThat(client.sluiceLines()).as("stderr:%n%s", client.errors()).hasSize(1);
        assertThat(client.sluiceLines().get(0)).contains(word);
        client.must("pid"); // the application lives
        assertThat(client.end()).as("exit code of the application").isZero();
    }
}
