package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tests.harness.AgentJvm;
import io.sluice.tests.harness.Command;
import io.sluice.tests.harness.CudaLibrary;
import io.sluice.tests.harness.CudaName;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ordinary JCuda programs give right results on the simulated GPU, alone and under a quota, whatever part of PTX they use. */
@SimulatedGpu
class JCudaProgramsTest {

    @BeforeAll
    static void jvmsRunWithoutASanitizer() {
        Command.assumeNoSanitizer();
    }

    @ParameterizedTest
    @ValueSource(strings = {"reduction", "constant", "shuffle", "tornado"})
    void givesRightResults(String program, Node node) throws Exception {
        for (int i = 0; i < 3; i++) {
            assertEndsWell(program(program, node, jvm(node)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reduction", "constant", "shuffle", "tornado"})
    void givesRightResultsUnderAQuota(String program, Node node) throws Exception {
        Tenant alice = node.tenant("alice", node.oddBytes(8, 64));
        assertEndsWell(program(program, node, governed(alice, jvm(node))));
        assertThat(alice.usage(node.card()).launches()).as("launches counted").isPositive();
    }

    private static AgentJvm.End program(String program, Node node, AgentJvm jvm) throws Exception {
        long seed = node.random().nextLong();
        return CudaLibrary.JCUDA
                .client(jvm, CudaName.SONAME)
                .program("io.sluice.tests.client.JCudaPrograms", program, String.valueOf(seed))
                .run();
    }

    private static void assertEndsWell(AgentJvm.End end) {
        assertThat(end.exitCode()).as("exit code; it said:%n%s", end.errors()).isZero();
        assertThat(end.errors()).as("stderr").isEmpty();
    }

    private static AgentJvm jvm(Node node) throws IOException {
        return AgentJvm.of(node, node.file("none.yaml")).agent("none");
    }

    private static AgentJvm governed(Tenant tenant, AgentJvm jvm) {
        for (Map.Entry<String, String> variable : tenant.environment(Map.of()).entrySet()) {
            jvm = jvm.environment(variable.getKey(), variable.getValue());
        }
        return jvm;
    }
}
