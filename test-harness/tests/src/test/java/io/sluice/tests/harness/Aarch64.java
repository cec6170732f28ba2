package io.sluice.tests.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The aarch64 build, simulated GPU and client included, run by qemu-user on a machine of another processor. */
public final class Aarch64 {
    public static final Path BRIDGE = beside(Build.BRIDGE);
    public static final Path SIMULATOR = beside(Build.SIMULATOR);

    private static final String QEMU = "qemu-aarch64";
    private static final String PRELOAD =
            "LD_PRELOAD=" + BRIDGE.resolve("libcuda.so.1") + ":" + BRIDGE.resolve("libcuda.so");
    private static final Path CLIENT = beside(Build.CLIENTS).resolve("client");

    private final Node node;

    public Aarch64(Node node) {
        this.node = node;
    }

    /** Skips the tests where aarch64 programs cannot be built or run. */
    public static void require() {
        assumeFalse("aarch64".equals(System.getProperty("os.arch")), "this machine is aarch64 itself");
        assumeTrue(Sanitizer.PRESENT == Sanitizer.NONE, "there is no aarch64 build with a sanitizer");
        boolean installed = Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, QEMU)));
        assumeTrue(
                installed && Files.exists(CLIENT),
                "aarch64 is not tested: install gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and qemu-user");
    }

    private static Path beside(Path folder) {
        return folder.resolveSibling(folder.getFileName() + "-aarch64");
    }

    /** A client that no quota concerns. */
    public Client bareClient(Way way) throws IOException {
        return node.start(command(client(way)), Map.of());
    }

    public Client client(Tenant tenant, Way way) throws IOException {
        return node.start(command(client(way), "-E", PRELOAD), governed(tenant));
    }

    /** Starts {@code sluice-probe} as {@code run} does. Returns its exit code. */
    public int probe(Tenant tenant) throws IOException, InterruptedException {
        List<String> command = command(List.of(BRIDGE.resolve("sluice-probe").toString()), "-E", PRELOAD);
        return node.builder(command, governed(tenant)).inheritIO().start().waitFor();
    }

    private static List<String> client(Way way) {
        assertThat(way).as("a way of the client in C alone").isNotIn(Way.LINKED, Way.JCUDA);
        List<String> command = new ArrayList<>(way.command());
        command.set(0, CLIENT.toString());
        command.replaceAll(word -> word.equals(Build.SIMULATED_DRIVER.toString()) ? driver() : word);
        return command;
    }

    /** The variables of the loader are for the program, and not for qemu itself. */
    private static List<String> command(List<String> program, String... options) {
        List<String> command = new ArrayList<>(List.of(QEMU, "-L", "/usr/aarch64-linux-gnu"));
        command.addAll(List.of("-E", "LD_LIBRARY_PATH=" + SIMULATOR));
        command.addAll(List.of(options));
        command.addAll(program);
        return command;
    }

    private static Map<String, String> governed(Tenant tenant) {
        Map<String, String> environment = new HashMap<>(tenant.environment(Map.of("SLUICE_DRIVER", driver())));
        environment.remove("LD_PRELOAD");
        return environment;
    }

    private static String driver() {
        return SIMULATOR.resolve("libcuda.so.1").toString();
    }
}
