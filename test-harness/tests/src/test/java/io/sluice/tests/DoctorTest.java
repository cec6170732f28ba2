package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.tests.harness.Build;
import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Installed;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.OwnMounts;
import io.sluice.tests.harness.Sanitizer;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.Way;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code sluice doctor} names the one thing that is wrong, and what to do. Each test breaks one thing. */
@SimulatedGpu
class DoctorTest {
    private static final Path PROGRAMS = Build.CLIENTS.resolve("doctor");

    @BeforeEach
    void withoutSanitizer() {
        assumeTrue(Sanitizer.PRESENT == Sanitizer.NONE, "bin/sluice does not preload a sanitizer's runtime");
    }

    private record Report(int exitCode, String text) {
        /** The only line that says so. */
        String wrong() {
            List<String> lines =
                    text.lines().filter(line -> line.startsWith("WRONG")).toList();
            assertThat(lines).as(text).hasSize(1);
            return lines.get(0);
        }
    }

    @Test
    void findsNothingWrongWhereNothingIs(Node node) throws Exception {
        Tenant alice = node.tenant("alice", node.oddBytes(100, 200));
        Client client = alice.client(Way.LINKED);
        client.started();
        client.must("alloc 512");
        Report report =
                doctor(node, "--sim", "--tenant", tenantFile(node).toString(), "--pid", pid(client), "--", "sh");
        assertThat(report.text()).doesNotContain("WRONG");
        assertThat(report.exitCode()).isZero();
        assertThat(report.text())
                .containsPattern("ok +driver +" + Build.SIMULATED_DRIVER + ", which SLUICE_DRIVER names")
                .contains(node.card().id().toString())
                .contains("1 processes, may use 1 GPUs")
                .contains("this user may join it")
                .contains("has the libwrapper in front of " + Build.SIMULATED_DRIVER)
                .contains("takes a preload");
    }

    @Test
    void namesAMissingDriver(Node node) throws Exception {
        Report report = run(node, command(Build.HOME), Map.of("SLUICE_DRIVER", "/nowhere/libcuda.so.1"));
        assertThat(report.exitCode()).isEqualTo(69);
        assertThat(report.text())
                .containsPattern("WRONG +driver +SLUICE_DRIVER cannot be loaded: /nowhere/libcuda.so.1");
    }

    @Test
    void namesALibwrapperOfAnotherArchitecture(Node node) throws Exception {
        Installed copy = Installed.copy(node);
        try (FileChannel elf = FileChannel.open(copy.libwrapper(), StandardOpenOption.WRITE)) {
            int sparc = 43;
            elf.write(ByteBuffer.wrap(new byte[] {(byte) sparc, 0}), 18); // e_machine
        }
        Report report = doctor(node, copy.home(), "--sim");
        assertThat(report.wrong()).contains("libwrapper", "is for machine 43", "build Sluice on this machine");
        assertThat(report.exitCode()).isEqualTo(70);
    }

    @Test
    void namesALibwrapperThatNeedsANewerCLibrary(Node node) throws Exception {
        Installed copy = Installed.copy(node);
        Files.copy(PROGRAMS.resolve("newer.so"), copy.libwrapper(), StandardCopyOption.REPLACE_EXISTING);
        Report report = doctor(node, copy.home(), "--sim");
        assertThat(report.wrong())
                .contains(
                        "libwrapper",
                        "this system's C library is older than GLIBC_2.99",
                        "build Sluice on this machine");
    }

    @Test
    void namesAFolderThatIsMountedNoexec(Node node) throws Exception {
        Installed copy = Installed.copy(node);
        Path libraries = copy.libwrapper().getParent();
        Path away = node.file("away");
        Files.move(libraries, away);
        Files.createDirectory(libraries);
        List<String> command = OwnMounts.command(
                "mount -t tmpfs -o noexec none " + libraries + " && cp " + away + "/* " + libraries,
                command(copy.home(), "--sim"));
        Report report = run(node, command, Map.of());
        assertThat(report.wrong()).contains("libwrapper", "noexec");
    }

    @Test
    void namesSharedMemoryThatIsTheContainersAlone(Node node) throws Exception {
        Report report = run(
                node,
                OwnMounts.command("mount -t tmpfs shm /dev/shm", command(Build.HOME, "--sim")),
                Map.of(
                        "container", "podman",
                        "SLUICE_RUN_DIR", "/dev/shm/sluice-0",
                        "SLUICE_SIM_DIR", node.folderOnDisk().toString()));
        assertThat(report.wrong())
                .contains("run directory", "is this container's alone", "mount the host's /run/sluice", "--ipc=host");
        assertThat(report.exitCode()).isEqualTo(77);
    }

    @Test
    void namesALedgerOfAnotherBoot(Node node) throws Exception {
        Tenant alice = node.tenant("alice", node.oddBytes(100, 200));
        try (FileChannel ledger = FileChannel.open(alice.ledgerFile(), StandardOpenOption.WRITE)) {
            int bootId = 48;
            ledger.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}), bootId);
        }
        Report report = doctor(node, "--sim");
        assertThat(report.wrong()).contains("ledger of alice", "is of an earlier boot: apply the tenant's file again");
    }

    @Test
    void namesATenantThatThisUserMayNotJoin(Node node) throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root, to become another user");
        Tenant alice = node.tenant("alice", node.oddBytes(100, 200));
        Files.setPosixFilePermissions(node.runDirectory(), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(node.runDirectory().getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(alice.folder().getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
        List<String> command = new ArrayList<>(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
        command.addAll(command(Build.HOME, "--sim", "--tenant", tenantFile(node).toString()));
        Path simulator = node.folderOnDisk();
        Files.setPosixFilePermissions(simulator, PosixFilePermissions.fromString("rwxrwxrwx"));
        Report report = run(node, command, Map.of("SLUICE_SIM_DIR", simulator.toString()));
        assertThat(report.wrong())
                .contains(
                        "tenant",
                        "this user may not join alice",
                        alice.ledgerFile().toString());
        assertThat(report.exitCode()).isEqualTo(77);
    }

    @Test
    void namesAProcessThatLoadedTheDriverWithoutTheLibwrapper(Node node) throws Exception {
        Client client = node.bareClient(Way.DLOPEN_SONAME);
        client.started();
        client.must("alloc 512");
        Report report = doctor(node, "--sim", "--pid", pid(client));
        assertThat(report.wrong())
                .contains(
                        "process",
                        "has loaded " + Build.SIMULATED_DRIVER + " without the libwrapper",
                        "start it again");
    }

    @Test
    void namesProgramsThatTheLoaderPreloadsNothingInto(Node node) throws Exception {
        assertThat(doctor(node, "--sim", "--", PROGRAMS.resolve("static").toString())
                        .wrong())
                .contains("command", "is statically linked");
        assertThat(doctor(node, "--sim", "--", PROGRAMS.resolve("musl").toString())
                        .wrong())
                .contains("command", "is built for musl", "glibc");
        Path script = node.file("script");
        Files.createFile(script, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Files.writeString(script, "#!" + PROGRAMS.resolve("static") + "\n");
        assertThat(doctor(node, "--sim", "--", script.toString()).wrong()).contains("is statically linked");
        Path privileged = node.file("privileged");
        Files.copy(Path.of("/bin/true"), privileged);
        assertThat(new ProcessBuilder("chmod", "4755", privileged.toString())
                        .start()
                        .waitFor())
                .isZero();
        assertThat(doctor(node, "--sim", "--", privileged.toString()).wrong()).contains("set-user-ID");
    }

    private static String pid(Client client) {
        return Long.toString(client.pid());
    }

    private static Path tenantFile(Node node) throws IOException {
        return Files.writeString(
                node.file("alice.yaml"),
                "tenant: alice\ngpus:\n  - gpu: " + node.card().id() + "\n    memory: 100MiB\n");
    }

    private static Report doctor(Node node, String... options) throws Exception {
        return doctor(node, Build.HOME, options);
    }

    private static Report doctor(Node node, Path home, String... options) throws Exception {
        return run(node, command(home, options), Map.of());
    }

    /** As bin/sluice starts it, for an installation that may be broken. */
    private static List<String> command(Path home, String... options) {
        Path cli = Build.HOME.resolve("shim-core/cli/target");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Dsluice.home=" + home,
                "-cp",
                cli.resolve("sluice-cli.jar") + ":" + cli.resolve("lib") + "/*",
                "io.sluice.cli.Main",
                "doctor"));
        command.addAll(List.of(options));
        return command;
    }

    private static Report run(Node node, List<String> command, Map<String, String> environment) throws Exception {
        Path report = node.file("report");
        Process process = node.builder(command, environment)
                .redirectErrorStream(true)
                .redirectOutput(report.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("doctor ended").isTrue();
        return new Report(process.exitValue(), Files.readString(report));
    }
}
