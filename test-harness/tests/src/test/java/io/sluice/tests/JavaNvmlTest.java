package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.tests.harness.AgentJvm;
import io.sluice.tests.harness.Charge;
import io.sluice.tests.harness.CudaLibrary;
import io.sluice.tests.harness.CudaName;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.Sanitizer;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.TenantFiles;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A Java program is told the same by NVML and by CUDA, whether the libwrapper was preloaded or the agent alone brought it. */
@SimulatedGpu
class JavaNvmlTest {
    @ParameterizedTest
    @CsvSource({"libnvidia-ml.so.1,libcuda.so.1", "nvidia-ml,cuda", "libnvidia-ml.so,libcuda.so.1"})
    void theAgentAlone(String nvml, String cuda, Node node) throws Exception {
        long limit = TenantFiles.randomLimit(node);
        long bytes = node.random().nextLong(1, limit);
        AgentJvm jvm = AgentJvm.of(node, TenantFiles.alice(node, limit));
        jvm = jvm.agent(jvm.agent() + ",sim");
        // The first start asks NVML itself what GPUs there are, and the simulated one is never unloaded.
        assertThat(program(jvm, nvml, cuda, 1).run().exitCode()).isZero();
        assertTold(program(jvm, nvml, cuda, bytes).run(), limit, bytes);
    }

    @ParameterizedTest
    @CsvSource({"libnvidia-ml.so.1,libcuda.so.1", "nvidia-ml,cuda", "libnvidia-ml.so,libcuda.so.1"})
    void aPreloadedLibwrapper(String nvml, String cuda, Node node) throws Exception {
        assumeTrue(Sanitizer.PRESENT == Sanitizer.NONE, "a JVM does not start under a sanitizer's runtime");
        Tenant alice = node.tenant("alice", 9_000_001);
        long bytes = node.random().nextLong(1, 9_000_001);
        AgentJvm jvm = AgentJvm.of(node, node.file("none")).agent("none");
        for (var variable : alice.environment(Map.of()).entrySet()) {
            jvm = jvm.environment(variable.getKey(), variable.getValue());
        }
        assertTold(program(jvm, nvml, cuda, bytes).run(), 9_000_001, bytes);
    }

    private static AgentJvm program(AgentJvm jvm, String nvml, String cuda, long bytes) throws Exception {
        return CudaLibrary.JNA
                .client(jvm, CudaName.SONAME)
                .program(
                        "io.sluice.tests.client.NvmlClient",
                        nvml,
                        cuda,
                        jvm.node().card().id().toString(),
                        Long.toString(bytes));
    }

    private static void assertTold(AgentJvm.End end, long limit, long bytes) {
        assertThat(end.exitCode()).as(end.errors()).isZero();
        List<Long> told = Arrays.stream(end.output().strip().split(" "))
                .map(Long::valueOf)
                .toList();
        long free = limit - Charge.of(bytes);
        assertThat(told).isEqualTo(List.of(limit, free, Charge.of(bytes), free, limit));
    }
}
