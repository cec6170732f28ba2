package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tests.harness.Answer;
import io.sluice.tests.harness.Charge;
import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.Way;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A denial explains itself once and does not flood the log. */
@SimulatedGpu
class DenialLineTest {

    @Test
    void namesTenantGpuCallAskedUsedAndLimit(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 9_000_001);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        client.must("alloc 1000000");
        assertThat(client.ask("alloc 8500224").result()).isEqualTo(2);
        List<String> lines = client.sluiceLines();
        assertThat(lines).hasSize(1);
        assertThat(lines.get(0))
                .contains("tenant=alice")
                .contains("gpu=" + node.card().id())
                .contains("function=cuMemAlloc")
                .contains("asked=8500224")
                .contains("used=" + Charge.of(1_000_000))
                .contains("limit=9000001");
    }

    @Test
    void aStormOfDenialsWritesFewLines(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 9_000_001);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        Answer answer = client.must("storm 100000 9500000");
        assertThat(answer.values()).as("granted, denied").containsExactly("0", "100000");
        assertThat(client.sluiceLines()).hasSizeLessThan(100);
        assertThat(alice.usage(node.card()).denialsByLimit())
                .as("every one is counted")
                .isEqualTo(100_000);
    }

    @Test
    void aFullCardIsNotCalledALimit(Node node) throws IOException {
        Tenant alice = node.tenant("alice", node.card().memory().value() * 2);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        assertThat(client.ask("alloc " + (node.card().memory().value() + 1)).result())
                .isEqualTo(2);
        assertThat(alice.usage(node.card()).denialsByLimit()).isZero();
        assertThat(alice.usage(node.card()).denialsByDeviceFull()).isEqualTo(1);
        assertThat(alice.used())
                .as("what the driver did not give is not charged")
                .isZero();
    }
}
