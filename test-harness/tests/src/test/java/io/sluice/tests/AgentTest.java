package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.bridge.ledger.Ledger;
import io.sluice.tests.harness.AgentJvm;
import io.sluice.tests.harness.Answer;
import io.sluice.tests.harness.Build;
import io.sluice.tests.harness.Charge;
import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.RandomKernel;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.TenantFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With {@code -javaagent} alone a JVM is governed, and the application sees nothing else of it. */
@SimulatedGpu
class AgentTest {

    @Test
    void deniesAtTheExactByteAndGivesRightResults(Node node) throws IOException {
        long limit = TenantFiles.randomLimit(node);
        Client client =
                AgentJvm.of(node, TenantFiles.alice(node, limit)).start().started();
        assertThat(client.must("total 0").number(0)).isEqualTo(limit);
        for (int i = 0; i < 3; i++) {
            new RandomKernel(node.random())
                    .checkOn(client, node, 1 + node.random().nextInt(5000));
        }
        assertThat(client.ask("alloc " + (Charge.largestIn(limit) + 1)).result())
                .as("one byte more than fits")
                .isEqualTo(2);
        Answer rest = client.must("alloc " + Charge.largestIn(limit));
        assertThat(client.ask("alloc 1").result()).isEqualTo(2);
        client.must("free " + rest.number(0));
        assertThat(used(node)).as("charged after everything was freed").isZero();
    }

    @Test
    void findsATenantByNameWhoseFileWasAppliedBefore(Node node) throws IOException {
        long limit = TenantFiles.randomLimit(node);
        AgentJvm jvm = AgentJvm.of(node, TenantFiles.alice(node, limit));
        assertThat(jvm.start().started().end()).isZero();
        Client again = jvm.agent("tenant=alice,run-dir=" + node.runDirectory()).start();
        assertThat(again.started().must("total 0").number(0)).isEqualTo(limit);
    }

    @Test
    void usesTheSimulatedGpuWhereItIsTold(Node node) throws IOException {
        long limit = TenantFiles.randomLimit(node);
        AgentJvm jvm = AgentJvm.of(node, TenantFiles.alice(node, limit)).environment("LD_LIBRARY_PATH", "/nowhere");
        Client client = jvm.agent(jvm.agent() + ",sim").start().started();
        assertThat(client.must("total 0").number(0)).isEqualTo(limit);
    }

    @Test
    void usesTheDriverThatItIsTold(Node node) throws IOException {
        long limit = TenantFiles.randomLimit(node);
        AgentJvm jvm = AgentJvm.of(node, TenantFiles.alice(node, limit)).environment("LD_LIBRARY_PATH", "/nowhere");
        Client client = jvm.agent(jvm.agent() + ",driver=" + Build.SIMULATED_DRIVER)
                .start()
                .started();
        assertThat(client.must("total 0").number(0)).isEqualTo(limit);
    }

    @Test
    void theApplicationSeesNothingElseOfIt(Node node) throws Exception {
        AgentJvm jvm = AgentJvm.of(node, TenantFiles.alice(node, 9_000_000))
                .program("io.sluice.tests.client.FactsClient")
                .environment("MINE", "a b");
        AgentJvm.End with = jvm.run();
        AgentJvm.End without = jvm.agent("none").run();
        assertThat(with.exitCode()).as(with.errors()).isZero();
        assertThat(without.output()).contains("variable MINE = a b");
        assertThat(with.output().lines())
                .as("facts that only an application with the agent sees")
                .isSubsetOf(without.output().lines().toList());
        assertThat(without.output().lines())
                .as("facts that only an application without the agent sees")
                .isSubsetOf(with.output().lines().toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"jna-4", "jna-5"})
    void sharesAJvmWithAnotherVersionOfJna(String jna, Node node) throws IOException {
        assertWorksBeside(node, jna, "slf4j-2", "logback-classic-2", "logback-core-2");
    }

    @Test
    void sharesAJvmWithOlderSlf4jAndLogback(Node node) throws IOException {
        assertWorksBeside(node, "jna-4", "slf4j-1", "logback-classic-1.2", "logback-core-1.2");
    }

    /** What an application tells its own JNA by system properties must not reach the agent's. */
    @Test
    void sharesAJvmWithAnApplicationThatBringsJnasNativeHalfItself(Node node) throws IOException {
        long limit = TenantFiles.randomLimit(node);
        Path folder = Files.createDirectory(node.file("jna"));
        Files.write(folder.resolve("libjnidispatch.so"), new byte[] {1, 2, 3});
        Client client = AgentJvm.of(node, TenantFiles.alice(node, limit))
                .options("-Djna.boot.library.path=" + folder, "-Djna.nosys=false", "-Djna.tmpdir=" + folder)
                .start();
        assertThat(client.started().must("total 0").number(0)).isEqualTo(limit);
    }

    @Test
    void governsASpringBootFatJar(Node node) throws Exception {
        long limit = TenantFiles.randomLimit(node);
        Path jar = FatJar.write(node.file("app.jar"), "io.sluice.tests.client.JCudaClient");
        Client client = AgentJvm.of(node, TenantFiles.alice(node, limit))
                .program("-jar", jar.toString())
                .start()
                .started();
        new RandomKernel(node.random()).checkOn(client, node, 1000);
        assertThat(client.ask("alloc " + (Charge.largestIn(limit) + 1)).result())
                .isEqualTo(2);
    }

    /** Under {@code sluice run}, or an environment of {@code sluice env}, there is a libwrapper already. */
    @Test
    void neverLoadsASecondLibwrapper(Node node) throws IOException {
        long limit = TenantFiles.randomLimit(node);
        Client client = AgentJvm.of(node, TenantFiles.alice(node, limit))
                .environment("LD_PRELOAD", Build.LIBWRAPPER + ":" + Build.ALIAS)
                .start()
                .started();
        List<String> libwrappers = Files.readAllLines(Path.of("/proc/" + client.pid() + "/maps")).stream()
                .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                .filter(path -> path.endsWith("/libcuda.so.1") && !path.equals(Build.SIMULATED_DRIVER.toString()))
                .distinct()
                .toList();
        assertThat(libwrappers).containsExactly(Build.LIBWRAPPER.toString());
        assertThat(client.must("total 0").number(0)).isEqualTo(limit);
    }

    @Test
    void aProcessThatIsGovernedAlreadyCannotChangeItsTenant(Node node) throws Exception {
        AgentJvm.End end = AgentJvm.of(node, TenantFiles.alice(node, 9_000_000))
                .environment("LD_PRELOAD", Build.LIBWRAPPER + ":" + Build.ALIAS)
                .environment("SLUICE_TENANT", "bob")
                .run();
        assertThat(end.exitCode()).isEqualTo(78);
        assertThat(end.sluiceLines())
                .singleElement()
                .asString()
                .contains("'bob'")
                .contains("'alice'");
    }

    private static void assertWorksBeside(Node node, String... libraries) throws IOException {
        long limit = TenantFiles.randomLimit(node);
        Client client = AgentJvm.of(node, TenantFiles.alice(node, limit))
                .libraries(libraries)
                .program("io.sluice.tests.client.LibrariesClient")
                .start()
                .started();
        assertThat(client.errors())
                .contains("app: jna from " + libraries[0] + ".jar works")
                .contains("app: slf4j from " + libraries[1] + ".jar, logs by " + libraries[2] + ".jar");
        assertThat(client.ask("alloc " + (Charge.largestIn(limit) + 1)).result())
                .isEqualTo(2);
        client.must("alloc " + Charge.largestIn(limit));
    }

    private static long used(Node node) throws IOException {
        return Ledger.open(node.runDirectory().resolve("tenants/alice/ledger"))
                .usage()
                .get(0)
                .used()
                .value();
    }
}
