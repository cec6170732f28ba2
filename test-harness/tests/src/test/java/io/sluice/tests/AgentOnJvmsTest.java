package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.tests.harness.AgentJvm;
import io.sluice.tests.harness.Charge;
import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.RandomKernel;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.TenantFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the agent does it does on every JVM that it promises, however that collects its garbage and whoever else watches it. */
@SimulatedGpu
class AgentOnJvmsTest {
    private static final Path JDKS = Path.of("/usr/lib/jvm");
    private static final String EXPLAINED =
            "denied tenant=alice .* thread=\"main\"\n(\tat .*\n)*\tat .*JCudaClient.obey";
    private static final String FOR_24_AND_LATER = "--enable-native-access=ALL-UNNAMED";

    static List<Arguments> jvms() {
        return Stream.of("17", "25")
                .flatMap(jdk -> Stream.of("-XX:+UseG1GC", "-XX:+UseParallelGC", "-XX:+UseZGC")
                        .map(collector -> Arguments.of(jdk, collector)))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("jvms")
    void governsAndExplains(String jdk, String collector, Node node) throws IOException {
        long limit = TenantFiles.randomLimit(node);
        Client client = AgentJvm.of(node, TenantFiles.alice(node, limit))
                .java(jdk(jdk))
                .options(collector, FOR_24_AND_LATER)
                .start()
                .started();
        new RandomKernel(node.random()).checkOn(client, node, 2000);
        assertThat(client.ask("alloc " + (Charge.largestIn(limit) + 1)).result())
                .isEqualTo(2);
        client.must("alloc " + Charge.largestIn(limit));
        askUntilExplained(client);
        assertThat(client.end()).isZero();
        assertThat(client.errors()).containsPattern(EXPLAINED).doesNotContain("WARNING");
    }

    /** A denied thread waits only so long for its stack, and this machine may be busy: then the next denial has it. */
    private static void askUntilExplained(Client client) {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(1100))
                .untilAsserted(() -> {
                    assertThat(client.ask("alloc 1").result()).isEqualTo(2);
                    assertThat(client.errors()).containsPattern(EXPLAINED);
                });
    }

    @Test
    void sharesAJvmWithFlightRecorder(Node node) throws Exception {
        Path recording = node.file("recording.jfr");
        AgentJvm.End end = denied(node)
                .options("-XX:StartFlightRecording=filename=" + recording + ",settings=profile")
                .run();
        assertThat(end.output()).contains("denied 1\n");
        assertThat(end.errors()).contains("thread=\"main\"\n\tat ");
        assertThat(recording).isNotEmptyFile();
    }

    /** A start that applies the file needs JNA, whose own JNI_OnLoad earns two warnings; every later start earns none. */
    @Test
    void usesJniAsTheJvmWantsIt(Node node) throws Exception {
        AgentJvm plain = denied(node);
        AgentJvm checked = plain.agent(plain.agent() + ",sim").options("-Xcheck:jni");
        List<String> applying = complaints(checked.run());
        AgentJvm.End with = checked.run();
        List<String> without = complaints(checked.agent("none").run());
        assertThat(with.errors()).contains("thread=\"main\"\n\tat ");
        assertThat(complaints(with))
                .as("beside what JCuda earns without the agent")
                .hasSameSizeAs(without);
        assertThat(applying)
                .filteredOn(complaint -> !complaint.contains("io.sluice.agent.core.Jna.load"))
                .hasSameSizeAs(without);
    }

    @Test
    void aJvmThatForbidsNativeAccessIsToldWhatToAllow(Node node) throws Exception {
        AgentJvm.End end = denied(node)
                .java(jdk("25"))
                .options("--illegal-native-access=deny")
                .run();
        assertThat(end.exitCode()).isEqualTo(70);
        assertThat(end.sluiceLines()).singleElement().asString().contains(FOR_24_AND_LATER);
    }

    private static AgentJvm denied(Node node) throws IOException {
        return AgentJvm.of(node, TenantFiles.alice(node, 9_000_000))
                .program("io.sluice.tests.client.DenialsClient", "once", "9500001");
    }

    private static List<String> complaints(AgentJvm.End end) {
        return Pattern.compile("(?:WARNING|FATAL).*\n(?:\t.*\n)*")
                .matcher(end.output() + "\n" + end.errors())
                .results()
                .map(MatchResult::group)
                .toList();
    }

    /** The one that runs the tests, or one that is installed beside it. */
    private static Path jdk(String version) throws IOException {
        if (version.equals(System.getProperty("java.specification.version"))) {
            return Path.of(System.getProperty("java.home"));
        }
        Optional<Path> installed = Optional.empty();
        if (Files.isDirectory(JDKS)) {
            try (Stream<Path> homes = Files.list(JDKS)) {
                installed = homes.filter(home -> isJdk(home, version)).findFirst();
            }
        }
        assumeTrue(installed.isPresent(), "there is no JDK " + version + " in " + JDKS);
        return installed.orElseThrow();
    }

    private static boolean isJdk(Path home, String version) {
        try {
            return Files.readString(home.resolve("release")).contains("JAVA_VERSION=\"" + version);
        } catch (IOException e) {
            return false;
        }
    }
}
