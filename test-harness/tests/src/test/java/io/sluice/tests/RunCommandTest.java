package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.tests.harness.AgentJvm;
import io.sluice.tests.harness.Build;
import io.sluice.tests.harness.Charge;
import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.OwnMounts;
import io.sluice.tests.harness.Sanitizer;
import io.sluice.tests.harness.SimulatedGpu;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code sluice run} gives the application its quota and then stands in nobody's way. */
@SimulatedGpu
class RunCommandTest {
    private static final String CLIENT = Build.CLIENTS.resolve("client").toString();

    @BeforeEach
    void withoutSanitizer() {
        assumeTrue(Sanitizer.PRESENT == Sanitizer.NONE, "bin/sluice does not preload a sanitizer's runtime");
    }

    @Test
    void governsTheApplicationByItsTenantFile(Node node) throws IOException {
        long kilobytes = node.random().nextInt(5_000, 50_000);
        long limit = kilobytes * 1000;
        Client client = node.start(run(tenantFile(node, kilobytes), CLIENT, "soname"), Map.of());
        client.started();
        assertThat(client.must("total 0").number(0)).isEqualTo(limit);
        assertThat(client.ask("alloc " + (Charge.largestIn(limit) + 1)).result())
                .isEqualTo(2);
        client.must("alloc " + Charge.largestIn(limit));
        assertThat(client.end()).isZero();
    }

    @Test
    void aPercentageIsOfWhatProgramsCanUse(Node node) throws IOException {
        Path file = Files.writeString(node.file("half.yaml"), "tenant: half\ngpus: [{gpu: '*', memory: 50%}]\n");
        Client client = node.start(run(file, CLIENT, "soname"), Map.of()).started();
        assertThat(client.must("total 0").number(0))
                .isEqualTo(node.card().memory().value() / 2);
        assertThat(client.end()).isZero();
    }

    @Test
    void anEditedTenantFileHoldsAtTheNextStart(Node node) throws IOException {
        Path file = tenantFile(node, 9_001);
        for (long kilobytes : new long[] {9_001, 9_001, 7_003}) {
            Files.writeString(file, Files.readString(file).replaceAll("[0-9]+kB", kilobytes + "kB"));
            Client client = node.start(run(file, CLIENT, "soname"), Map.of()).started();
            assertThat(client.must("total 0").number(0)).isEqualTo(kilobytes * 1000);
            assertThat(client.end()).isZero();
        }
    }

    @Test
    void keepsThePidAndLeavesNoJvmBehind(Node node) throws IOException {
        Client client = node.start(run(tenantFile(node, 9_001), CLIENT, "soname"), Map.of());
        assertThat(client.must("pid").number(0)).isEqualTo(client.pid());
        Path program = Files.readSymbolicLink(Path.of("/proc/" + client.pid() + "/exe"));
        assertThat(program).as("what runs under the pid of sluice run").isEqualTo(Path.of(CLIENT));
        assertThat(ProcessHandle.of(client.pid()).orElseThrow().children()).isEmpty();
    }

    @Test
    void keepsTheExitCode(Node node) throws Exception {
        assertThat(exitCode(node, run(tenantFile(node, 9_001), "sh", "-c", "exit 37")))
                .isEqualTo(37);
    }

    @Test
    void keepsSignals(Node node) throws Exception {
        Path file = tenantFile(node, 9_001);
        Client client = node.start(run(file, CLIENT, "soname"), Map.of());
        client.must("pid"); // it has started
        ProcessHandle.of(client.pid()).orElseThrow().destroy();
        assertThat(client.end()).as("ended by SIGTERM").isEqualTo(128 + 15);
    }

    @Test
    void keepsWhatTheUserPreloadsAndAdds(Node node) throws Exception {
        List<String> command = run(tenantFile(node, 9_001), "sh", "-c", "echo \"$LD_PRELOAD|$MINE|$LD_LIBRARY_PATH\"");
        String output = output(node, command, Map.of("MINE", "a b", "LD_LIBRARY_PATH", "/opt/mine"));
        assertThat(output)
                .contains(Build.LIBWRAPPER.toString())
                .contains("|a b|")
                .contains("/opt/mine");
    }

    @Test
    void explainsDenialsOfJvmsByTheirStack(Node node) throws Exception {
        List<String> command = run(tenantFile(node, 9_001), AgentJvm.denied(9_500_001));
        String output = output(node, command, Map.of("JAVA_TOOL_OPTIONS", "-Dmine=\"a b\""));
        assertThat(output)
                .contains("denied 1\n")
                .contains("Picked up JAVA_TOOL_OPTIONS: -Dmine=\"a b\" -javaagent:" + Build.AGENT + "=explain\n")
                .containsPattern(
                        "WARN sluice: denied tenant=alice .* thread=\"main\"\n(\tat .*\n)*\tat .*DenialsClient");
    }

    @Test
    void takesAnAgentOnTheCommandLineForTheOneThatItAdds(Node node) throws Exception {
        Path file = tenantFile(node, 9_001);
        List<String> java = new ArrayList<>(List.of(AgentJvm.denied(9_500_001)));
        java.add(1, "-javaagent:" + Build.AGENT + "=tenant=" + file + ",run-dir=" + node.runDirectory() + ",sim");
        String output = output(node, run(file, java.toArray(String[]::new)), Map.of());
        assertThat(output).contains("denied 1\n").contains("thread=\"main\"\n\tat ");
        assertThat(output.lines().filter(line -> line.contains("denied tenant=alice")))
                .hasSize(1);
        assertThat(output).doesNotContain("governed by the agent alone");
    }

    @Test
    void leavesJvmsAloneWhereItIsToldTo(Node node) throws Exception {
        List<String> command = new ArrayList<>(run(tenantFile(node, 9_001), AgentJvm.denied(9_500_001)));
        command.add(command.indexOf("--sim"), "--no-agent");
        assertThat(output(node, command, Map.of()))
                .contains("denied 1\n")
                .contains("sluice: denied tenant=alice")
                .doesNotContain("JAVA_TOOL_OPTIONS")
                .doesNotContain("\tat ");
    }

    @Test
    void aJvmThatLostTheLibwrapperOnItsWaySaysSo(Node node) throws Exception {
        List<String> command = new ArrayList<>(List.of("env", "-u", "LD_PRELOAD"));
        command.addAll(List.of(AgentJvm.denied(9_500_001)));
        assertThat(output(node, run(tenantFile(node, 9_001), command.toArray(String[]::new)), Map.of()))
                .contains("denied 0\n")
                .contains("LD_PRELOAD does not name the libwrapper any more");
    }

    @Test
    void answersAsEnvDoesWhereTheCommandCannotBeRun(Node node) throws Exception {
        Path file = tenantFile(node, 9_001);
        Path notExecutable = Files.writeString(node.file("text"), "text");
        assertThat(exitCode(node, run(file, "/nowhere/at-all"))).isEqualTo(127);
        assertThat(exitCode(node, run(file, notExecutable.toString()))).isEqualTo(126);
    }

    @Test
    void answersUsageMistakesWith64(Node node) throws Exception {
        assertThat(exitCode(node, List.of(Build.SLUICE.toString(), "run"))).isEqualTo(64);
        assertThat(exitCode(node, List.of(Build.SLUICE.toString(), "no-such-command")))
                .isEqualTo(64);
    }

    @Test
    void answersAMissingDriverWith69(Node node) throws Exception {
        List<String> command = new ArrayList<>(run(tenantFile(node, 9_001), "true"));
        command.remove("--sim");
        assertThat(exitCode(
                        node, command, Map.of("SLUICE_DRIVER", "/nowhere/libcuda.so.1", "LD_LIBRARY_PATH", "/nowhere")))
                .isEqualTo(69);
    }

    @Test
    void answersAForbiddenRunDirectoryWith77(Node node) throws Exception {
        Path file = tenantFile(node, 9_001);
        assertThat(exitCode(
                        node,
                        run(file, "true"),
                        Map.of("SLUICE_RUN_DIR", file.resolve("below-a-file").toString())))
                .isEqualTo(77);
    }

    /** Each container of a tenant would have the tenant's whole quota. */
    @Test
    void refusesARunDirectoryInSharedMemoryThatIsTheContainersAlone(Node node) throws Exception {
        Path file = Files.copy(tenantFile(node, 9_001), node.folderOnDisk().resolve("alice.yaml"));
        List<String> command = run(file, "true");
        command.remove("--sim");
        Map<String, String> container = Map.of(
                "container",
                "podman",
                "SLUICE_RUN_DIR",
                "/dev/shm/sluice-0",
                "SLUICE_SIM_DIR",
                node.folderOnDisk().toString(),
                "LD_LIBRARY_PATH",
                Build.SIMULATOR.toString());
        assertThat(exitCode(node, OwnMounts.command("mount -t tmpfs shm /dev/shm", command), container))
                .isEqualTo(77);
        assertThat(output(node, OwnMounts.command("mount -t tmpfs shm /dev/shm", command), container))
                .contains("is this container's alone")
                .contains("--ipc=host");
    }

    @Test
    void answersAWrongTenantFileWith78AndNamesTheKey(Node node) throws Exception {
        Path file = Files.writeString(node.file("wrong.yaml"), "tenant: alice\ngpus:\n  - gpu: 0\n    memroy: 8GiB\n");
        assertThat(exitCode(node, run(file, "true"))).isEqualTo(78);
        assertThat(output(node, run(file, "true"), Map.of())).contains("memroy").contains("memory");
    }

    private static List<String> run(Path tenantFile, String... command) {
        List<String> words = new ArrayList<>(
                List.of(Build.SLUICE.toString(), "run", "--tenant", tenantFile.toString(), "--sim", "--"));
        words.addAll(List.of(command));
        return words;
    }

    /** Names the card by its UUID. A limit in kB is seldom a multiple of what the driver rounds to. */
    private static Path tenantFile(Node node, long kilobytes) throws IOException {
        Path file = node.file("alice.yaml");
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--")));
        return Files.writeString(file, """
                tenant: alice
                gpus:
                  - gpu: %s
                    memory: %dkB
                """.formatted(node.card().id(), kilobytes));
    }

    private static int exitCode(Node node, List<String> command) throws Exception {
        return exitCode(node, command, Map.of());
    }

    private static int exitCode(Node node, List<String> command, Map<String, String> environment) throws Exception {
        Process process = node.builder(command, environment)
                .redirectErrorStream(true)
                .redirectOutput(node.file("output").toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS))
                .as("%s ended", command)
                .isTrue();
        return process.exitValue();
    }

    private static String output(Node node, List<String> command, Map<String, String> environment) throws Exception {
        Path output = node.file("output");
        Process process = node.builder(command, environment)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS))
                .as("%s ended", command)
                .isTrue();
        return Files.readString(output);
    }
}
