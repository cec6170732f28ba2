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
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
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
    @ValueSource(strings = {"reduction", "constant", "shuffle", "cooperative"})
    void givesRightResults(String program, Node node) throws Exception {
        for (int i = 0; i < 3; i++) {
            assertEndsWell(program(program, node, jvm(node)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reduction", "constant", "shuffle", "cooperative"})
    void givesRightResultsUnderAQuota(String program, Node node) throws Exception {
        Tenant alice = node.tenant("alice", node.oddBytes(8, 64));
        assertEndsWell(program(program, node, governed(alice, jvm(node))));
        assertThat(alice.usage(node.card()).launches()).as("launches counted").isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"add_arrays", "multiply", "sort", "histogram", "halves", "collatz", "simd_sum", "units"})
    void runsKernelsInTheFormOfTornadoVm(String kernel, Node node) throws Exception {
        assertEndsWell(tornado(node.random().nextLong(), jvm(node), kernel, kernel, kernel));
    }

    @Test
    void runsKernelsInTheFormOfTornadoVmUnderAQuota(Node node) throws Exception {
        Tenant alice = node.tenant("alice", node.oddBytes(8, 64));
        assertEndsWell(tornado(
                node.random().nextLong(),
                governed(alice, jvm(node)),
                "add_arrays",
                "multiply",
                "sort",
                "histogram",
                "halves",
                "collatz",
                "simd_sum",
                "units"));
        assertThat(alice.usage(node.card()).launches()).as("launches counted").isEqualTo(8);
    }

    @Test
    void printsWhatAKernelInTheFormOfTornadoVmPrints(Node node) throws Exception {
        long seed = node.random().nextLong();
        AgentJvm.End end = tornado(seed, jvm(node), "hello");
        assertEndsWell(end);
        int told = new Random(seed).nextInt();
        assertThat(end.output().lines())
                .containsExactlyInAnyOrder("thread 0 of " + told, "thread 1 of " + told, "thread 2 of " + told);
    }

    @Test
    void printsWhatItsKernelPrints(Node node) throws Exception {
        long seed = node.random().nextLong();
        AgentJvm.End end = program("printf", seed, jvm(node));
        assertEndsWell(end);
        int told = new Random(seed).nextInt();
        assertThat(end.output().lines())
                .containsExactlyInAnyOrder("thread 0 of " + told, "thread 1 of " + told, "thread 2 of " + told);
    }

    private static AgentJvm.End program(String program, Node node, AgentJvm jvm) throws Exception {
        return program(program, node.random().nextLong(), jvm);
    }

    private static AgentJvm.End program(String program, long seed, AgentJvm jvm) throws Exception {
        return CudaLibrary.JCUDA
                .client(jvm, CudaName.SONAME)
                .program("io.sluice.tests.client.JCudaPrograms", program, String.valueOf(seed))
                .run();
    }

    private static AgentJvm.End tornado(long seed, AgentJvm jvm, String... kernels) throws Exception {
        String program = "io.sluice.tests.client.TornadoKernels";
        String[] words = Stream.concat(Stream.of(program, String.valueOf(seed)), Stream.of(kernels))
                .toArray(String[]::new);
        return CudaLibrary.JCUDA.client(jvm, CudaName.SONAME).program(words).run();
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
