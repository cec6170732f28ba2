package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.EnumSource.Mode.EXCLUDE;

import io.sluice.bridge.ledger.MemoryKind;
import io.sluice.policy.Bytes;
import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Command;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.Way;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a context takes of its GPU is charged, before it is there and as long as it is. */
@SimulatedGpu
class ContextChargeTest {
    private static final int OUT_OF_MEMORY = 2;
    private static final long FIGURE = 64L << 20; // what a simulated card says

    @ParameterizedTest
    @EnumSource(mode = EXCLUDE, names = "JCUDA")
    void chargesAContextAsLongAsItIsThere(Way way, Node node) throws IOException {
        Tenant alice = calibrated(node, 3 * FIGURE);
        Client client = alice.client(way).started();
        client.must("context 0");
        client.must("alloc 512");
        assertThat(alice.used()).isEqualTo(2 * FIGURE + 512);
        assertThat(kind(alice, node)).isEqualTo(2 * FIGURE);
        client.must("destroy 1");
        assertThat(alice.used()).isEqualTo(FIGURE);
        client.must("destroy 0");
        assertThat(alice.used()).isZero();
    }

    @Test
    void deniesAContextThatDoesNotFitAndCallsNoDriver(Node node) throws IOException {
        Tenant alice = calibrated(node, 2 * FIGURE - 1);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        assertThat(client.ask("context 0").result()).isEqualTo(OUT_OF_MEMORY);
        assertThat(client.sluiceLines()).singleElement().asString().contains("function=cuCtxCreate_v2", "reason=limit");
        assertThat(alice.used()).isEqualTo(FIGURE);
        assertThat(client.ask("call cuCtxCreate_v2 cuCtxCreate 3020").result())
                .as("arguments that the driver refuses are not charged")
                .isNotZero();
        alice.limit(node.card(), 2 * FIGURE);
        client.must("context 0");
    }

    @Test
    void chargesThePrimaryContextOnceHoweverOftenItIsRetained(Node node) throws IOException {
        Tenant alice = calibrated(node, 5 * FIGURE);
        Client client = alice.client(Way.DLOPEN_SONAME);
        client.must("init");
        client.must("primary 0");
        client.must("primary 0");
        assertThat(alice.used()).isEqualTo(FIGURE);
        client.must("primary-release 0");
        assertThat(alice.used()).isEqualTo(FIGURE);
        client.must("primary-release 0");
        assertThat(alice.used()).isZero();
        client.must("primary 0");
        client.must("alloc 5000000");
        client.must("primary-reset 0");
        assertThat(alice.used()).isZero();
        alice.limit(node.card(), FIGURE - 1);
        assertThat(client.ask("primary 0").result()).isEqualTo(OUT_OF_MEMORY);
        assertThat(alice.used()).isZero();
    }

    @Test
    void aKilledProcessGivesItsContextsBack(Node node) throws Exception {
        Tenant alice = calibrated(node, 2 * FIGURE);
        Client victim = alice.client(Way.DLOPEN_SONAME).started();
        victim.must("context 0");
        victim.kill();
        Client next = alice.client(Way.DLOPEN_SONAME).started();
        next.must("alloc " + FIGURE);
        assertThat(alice.used()).isEqualTo(2 * FIGURE);
    }

    @Test
    void calibratingMeasuresAContextAndChargesItForThoseWhoRunAlready(Node node) throws Exception {
        Command.assumeNoSanitizer();
        Tenant alice = node.tenant("alice", 3 * FIGURE);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        assertThat(alice.used()).as("before anybody has measured").isZero();
        assertThat(sluice(node, "doctor", "--sim", "--calibrate"))
                .containsPattern("ok +context +takes 64 MiB of " + node.card().id());
        client.must("context 0");
        assertThat(alice.used()).isEqualTo(FIGURE);
        sluice(node, "apply", "--sim", node.tenantFile("bob", 300_000).toString());
        Client bob = node.start(Way.DLOPEN_SONAME.command(), environment(alice, "bob"));
        bob.started();
        assertThat(sluice(node, "status", "--json")).contains("\"used_bytes\":" + FIGURE);
    }

    private static Map<String, String> environment(Tenant of, String tenant) {
        return of.environment(Map.of("SLUICE_TENANT", tenant));
    }

    private static String sluice(Node node, String... arguments) throws Exception {
        Command.Result result = Command.sluice(node, arguments);
        assertThat(result.exitCode()).as(result.out() + result.err()).isZero();
        return result.out();
    }

    private static Tenant calibrated(Node node, long limit) throws IOException {
        Tenant alice = node.tenant("alice", limit);
        alice.context(FIGURE);
        return alice;
    }

    private static long kind(Tenant tenant, Node node) {
        return tenant.ledger()
                .usedByKind(node.card().id())
                .getOrDefault(MemoryKind.CONTEXT, Bytes.ZERO)
                .value();
    }
}
