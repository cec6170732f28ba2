package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.tests.harness.AgentJvm;
import io.sluice.tests.harness.Build;
import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.TenantFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What keeps the agent from governing keeps the application from starting, with one clear line and a documented exit code. */
@SimulatedGpu
class AgentFailureTest {
    private static final String FORWARD = "on_failure: forward";

    @ParameterizedTest
    @CsvSource({
        "'', tenant=alice.yaml",
        "tenant=, no value",
        "tenat=alice.yaml, did you mean 'tenant'?",
        "'tenant=alice.yaml,verbose', has no option 'verbose'",
        "'tenant=alice.yaml,sim=yes', takes no value",
        "'tenant=alice.yaml,sim,driver=/x', exclude each other"
    })
    void answersAWrongOptionWith64AndSaysWhatIsMeant(String options, String word, Node node) throws Exception {
        AgentJvm jvm = AgentJvm.of(node, TenantFiles.alice(node, 9_000_000));
        assertRefused(jvm.agent(options).run(), 64, word);
    }

    @Test
    void answersAMissingTenantFileWith78(Node node) throws Exception {
        assertRefused(AgentJvm.of(node, Path.of("/nowhere/alice.yaml")).run(), 78, "/nowhere/alice.yaml");
    }

    @Test
    void answersAnUnknownTenantWith78(Node node) throws Exception {
        AgentJvm jvm = AgentJvm.of(node, TenantFiles.alice(node, 9_000_000));
        assertRefused(jvm.agent("tenant=mallory").run(), 78, "mallory");
    }

    @Test
    void answersAWrongTenantFileWith78AndNamesTheKey(Node node) throws Exception {
        Path file = TenantFiles.alice(node, 9_000_000, "on_failur: deny");
        assertRefused(AgentJvm.of(node, file).run(), 78, "on_failure");
    }

    @Test
    void answersAForbiddenRunDirectoryWith77(Node node) throws Exception {
        Path file = TenantFiles.alice(node, 9_000_000);
        AgentJvm jvm = AgentJvm.of(node, file);
        assertRefused(
                jvm.agent(jvm.agent() + ",run-dir=" + file.resolve("below-a-file"))
                        .run(),
                77,
                "below-a-file");
    }

    @Test
    void answersAMissingDriverWith69(Node node) throws Exception {
        AgentJvm jvm = AgentJvm.of(node, TenantFiles.alice(node, 9_000_000, FORWARD))
                .environment("SLUICE_DRIVER", "/nowhere/libcuda.so.1")
                .environment("LD_LIBRARY_PATH", "/nowhere");
        assertRefused(jvm.run(), 69, "driver");
    }

    @Test
    void answersAPlaceThatCannotHoldItsLibrariesWith70(Node node) throws Exception {
        Path file = TenantFiles.alice(node, 9_000_000);
        AgentJvm jvm = AgentJvm.of(node, file);
        assertRefused(jvm.agent(jvm.agent() + ",natives=" + file).run(), 70, "natives=DIR");
    }

    @Test
    void neverLoadsLibrariesFromAFolderThatOthersCanWrite(Node node) throws Exception {
        AgentJvm jvm = AgentJvm.of(node, TenantFiles.alice(node, 9_000_000));
        Path natives = Files.createDirectory(node.file("natives"));
        jvm = jvm.agent(jvm.agent() + ",natives=" + natives);
        assertThat(jvm.start().started().end()).isZero();
        Path unpacked;
        try (var folders = Files.list(natives)) {
            unpacked = folders.findFirst().orElseThrow();
        }
        Files.setPosixFilePermissions(unpacked, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertRefused(jvm.run(), 70, unpacked.toString());
        Files.setPosixFilePermissions(unpacked, PosixFilePermissions.fromString("rwx------"));
        Path moved = Files.move(unpacked, node.file("moved"));
        Files.createSymbolicLink(unpacked, moved);
        assertRefused(jvm.run(), 70, unpacked.toString());
    }

    @Test
    void replacesALibraryThatIsTorn(Node node) throws Exception {
        AgentJvm jvm = AgentJvm.of(node, TenantFiles.alice(node, 9_000_000));
        Path natives = Files.createDirectory(node.file("natives"));
        jvm = jvm.agent(jvm.agent() + ",natives=" + natives);
        assertThat(jvm.start().started().end()).isZero();
        try (var files = Files.walk(natives)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.write(file, new byte[node.random().nextInt(1000)]);
            }
        }
        assertThat(jvm.start().started().end()).isZero();
    }

    @Test
    void answersAFolderMountedNoexecWith70AndNamesTheCause(Node node) throws Exception {
        AgentJvm jvm = AgentJvm.of(node, TenantFiles.alice(node, 9_000_000));
        Path natives = Files.createDirectory(node.file("natives"));
        String mount = "mount -t tmpfs -o noexec none " + natives;
        Process trial = node.builder(List.of("unshare", "-rm", "sh", "-c", mount), Map.of())
                .start();
        assumeTrue(
                trial.waitFor(20, TimeUnit.SECONDS) && trial.exitValue() == 0,
                "this machine forbids unshare -rm, which the test needs to mount a folder");
        List<String> command = new ArrayList<>(List.of("unshare", "-rm", "sh", "-c", mount + " && exec \"$@\"", "sh"));
        command.addAll(jvm.agent(jvm.agent() + ",natives=" + natives).command());
        Path errors = node.file("stderr");
        Process process =
                node.builder(command, Map.of()).redirectError(errors.toFile()).start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readString(errors)).contains("noexec").contains("natives=DIR");
        assertThat(process.exitValue()).isEqualTo(70);
    }

    @Test
    void answersADriverThatWasLoadedBeforeItWith70AndNamesIt(Node node) throws Exception {
        AgentJvm jvm = AgentJvm.of(node, TenantFiles.alice(node, 9_000_000))
                .environment("LD_PRELOAD", Build.SIMULATED_DRIVER.toString());
        assertRefused(jvm.run(), 70, Build.SIMULATED_DRIVER.toString());
    }

    @Test
    void onFailureForwardLetsTheApplicationRunAndSaysSo(Node node) throws Exception {
        Client client = AgentJvm.of(node, TenantFiles.alice(node, 9_000_000, FORWARD))
                .environment("LD_PRELOAD", Build.SIMULATED_DRIVER.toString())
                .start()
                .started();
        client.must("alloc 20000000");
        assertThat(client.sluiceLines()).hasSize(2);
        assertThat(client.sluiceLines().get(1)).contains("ungoverned");
    }

    private static void assertRefused(AgentJvm.End end, int exitCode, String word) throws IOException {
        assertThat(end.sluiceLines())
                .as("stderr:%n%s", end.errors())
                .singleElement()
                .asString()
                .contains(word);
        assertThat(end.exitCode()).as(end.errors()).isEqualTo(exitCode);
        assertThat(end.output()).as("what the application said").isEmpty();
        assertThat(end.errors().lines()).as("no stack trace").hasSize(1);
    }
}
