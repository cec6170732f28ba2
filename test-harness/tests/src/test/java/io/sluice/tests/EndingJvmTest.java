package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.tests.harness.AgentJvm;
import io.sluice.tests.harness.Charge;
import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.CudaLibrary;
import io.sluice.tests.harness.CudaName;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.Sanitizer;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.TenantFiles;
import io.sluice.tests.harness.Way;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A JVM may end while its threads are busy with the GPU: it ends as it would without Sluice, and what it held is given back. */
@SimulatedGpu
class EndingJvmTest {
    private static final long LIMIT = 120_000;

    @ParameterizedTest
    @CsvSource({"exit,7", "halt,9"})
    void underAPreloadedLibwrapper(String way, int code, Node node) throws Exception {
        assumeTrue(Sanitizer.PRESENT == Sanitizer.NONE, "a JVM does not start under a sanitizer's runtime");
        Tenant alice = node.tenant("alice", LIMIT);
        AgentJvm jvm = AgentJvm.of(node, node.file("none")).agent("none");
        for (var variable : alice.environment(Map.of()).entrySet()) {
            jvm = jvm.environment(variable.getKey(), variable.getValue());
        }
        for (int i = 0; i < 3; i++) {
            assertEnds(jvm, way, code);
            Client next = alice.client(Way.DLOPEN_SONAME).started();
            next.must("alloc " + Charge.largestIn(LIMIT));
            assertThat(next.end()).isZero();
        }
    }

    /** Which has threads of its own, and is told of denials up to the end. */
    @ParameterizedTest
    @CsvSource({"exit,7", "halt,9"})
    void underTheAgent(String way, int code, Node node) throws Exception {
        AgentJvm jvm = AgentJvm.of(node, TenantFiles.alice(node, LIMIT));
        for (int i = 0; i < 3; i++) {
            assertEnds(jvm, way, code);
            Client next = jvm.start().started();
            next.must("alloc " + Charge.largestIn(LIMIT));
            assertThat(next.end()).isZero();
        }
    }

    private static void assertEnds(AgentJvm jvm, String way, int code) throws Exception {
        AgentJvm.End end = CudaLibrary.JNA
                .client(jvm, CudaName.SONAME)
                .program("io.sluice.tests.client.EndingClient", way, String.valueOf(code))
                .run();
        assertThat(end.exitCode()).as(end.errors()).isEqualTo(code);
        assertThat(end.output() + end.errors()).doesNotContain("SIGSEGV", "fatal error");
    }
}
