package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tests.client.GraphsClient;
import io.sluice.tests.harness.Answer;
import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.Way;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Unmodified JCuda programs that use all that a stream can do, beside each other. */
@SimulatedGpu
class GraphsTest {
    private static final int PROCESSES = 4;
    private static final int ROUNDS = 8;

    @Test
    void fourProgramsWithGraphsComputeRightOnTheSimulatedGpu(Node node) throws IOException {
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < PROCESSES; i++) {
            clients.add(node.start(command(), Map.of()));
        }
        computeRight(node, clients);
    }

    @Test
    void fourProgramsWithGraphsComputeRightUnderTheirQuotas(Node node) throws IOException {
        List<Client> clients = new ArrayList<>();
        List<Tenant> tenants = new ArrayList<>();
        for (int i = 0; i < PROCESSES; i++) {
            Tenant tenant = node.tenant("tenant" + i, node.oddBytes(8, 64));
            tenants.add(tenant);
            clients.add(node.start(command(), tenant.environment(Map.of())));
        }
        computeRight(node, clients);
        for (Tenant tenant : tenants) {
            assertThat(tenant.used()).as("bytes left of %s", tenant.name()).isZero();
        }
    }

    private static List<String> command() {
        List<String> command = new ArrayList<>(Way.JCUDA.command());
        command.set(command.size() - 1, GraphsClient.class.getName());
        return command;
    }

    private static void computeRight(Node node, List<Client> clients) {
        for (int round = 0; round < ROUNDS; round++) {
            clients.forEach(client -> client.begin("round " + node.random().nextLong()));
            for (Client client : clients) {
                Answer answer = client.await();
                assertThat(answer.number(0))
                        .as("numbers that were right, of more than none")
                        .isPositive();
            }
        }
    }
}
