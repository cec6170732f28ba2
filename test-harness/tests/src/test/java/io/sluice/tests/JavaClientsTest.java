package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tests.harness.AgentJvm;
import io.sluice.tests.harness.Answer;
import io.sluice.tests.harness.Charge;
import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Command;
import io.sluice.tests.harness.CudaLibrary;
import io.sluice.tests.harness.CudaName;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.RandomKernel;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Programs written with each Java library run unmodified on the simulated GPU, alone and under a quota. */
@SimulatedGpu
class JavaClientsTest {
    private static final int OUT_OF_MEMORY = 2;

    @BeforeAll
    static void jvmsRunWithoutASanitizer() {
        Command.assumeNoSanitizer();
    }

    @ParameterizedTest
    @EnumSource
    void givesRightResultsOnTheSimulatedGpu(CudaLibrary library, Node node) throws Exception {
        Client client = library.client(jvm(node), CudaName.SONAME).start();
        computes(client.started(), node, 3);
    }

    @ParameterizedTest
    @EnumSource
    void givesRightResultsUnderAQuotaAndLearnsOfADenialAsOutOfMemory(CudaLibrary library, Node node) throws Exception {
        long limit = node.oddBytes(8, 64);
        Tenant alice = node.tenant("alice", limit);
        AgentJvm governed = jvm(node);
        for (Map.Entry<String, String> variable : alice.environment(Map.of()).entrySet()) {
            governed = governed.environment(variable.getKey(), variable.getValue());
        }
        Client client = library.client(governed, CudaName.SONAME).start().started();
        computes(client, node, 2);
        assertThat(alice.usage(node.card()).launches()).as("launches counted").isEqualTo(2);
        assertThat(alice.used())
                .as("bytes left after the kernels' buffers were freed")
                .isZero();

        long most = Charge.largestIn(limit);
        assertThat(client.ask("alloc " + (most + 1)).result())
                .as("one byte more than fits, seed %d", node.seed())
                .isEqualTo(OUT_OF_MEMORY);
        Answer all = client.must("alloc " + most);
        assertThat(client.must("info").number(0)).as("free with all allocated").isEqualTo(limit - most);
        client.must("free " + all.number(0));
        computes(client, node, 1);
    }

    private static AgentJvm jvm(Node node) throws IOException {
        return AgentJvm.of(node, node.file("none.yaml")).agent("none");
    }

    private static void computes(Client client, Node node, int kernels) throws IOException {
        for (int i = 0; i < kernels; i++) {
            new RandomKernel(node.random())
                    .checkOn(client, node, 1 + node.random().nextInt(3000));
        }
    }
}
