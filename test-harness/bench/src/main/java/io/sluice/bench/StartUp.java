package io.sluice.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Answers: how much later does an application start under Sluice? A JVM whose main does nothing, alone and with the agent,
 * and a C program that does nothing, alone and through {@code sluice run}; each pair in turn.
 */
final class StartUp {
    private static final int ROUNDS = 20;
    private static final int WARM_UP = 3;

    private final Path home;
    private final Path folder;

    private StartUp(Path home, Path folder) {
        this.home = home;
        this.folder = folder;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        PrintStream out = System.out;
        out.println("How much later does an application start under Sluice? From spawn to exit, " + ROUNDS
                + " starts each, in turn; ms, median and middle half.");
        Path home =
                Path.of(System.getProperty("sluice.home", ".")).toAbsolutePath().normalize();
        Path folder = Files.createTempDirectory(Path.of("/dev/shm"), "sluice-startup-");
        try {
            new StartUp(home, folder).compareAll(out);
        } finally {
            removeAll(folder);
        }
    }

    private void compareAll(PrintStream out) throws IOException, InterruptedException {
        Files.createDirectory(folder.resolve("gpus"));
        String tenant = Files.writeString(
                        folder.resolve("alice.yaml"), "tenant: alice\ngpus:\n  - gpu: 0\n    memory: 100MiB\n")
                .toString();
        String runDirectory = folder.resolve("run").toString();
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classes = home.resolve("test-harness/bench/target/classes").toString();
        String agent = "-javaagent:" + home.resolve("shim-core/agent/target/sluice-agent.jar") + "=tenant=" + tenant
                + ",run-dir=" + runDirectory + ",sim";
        List<String> jvm = List.of(java, "-cp", classes, Nothing.class.getName());
        List<String> run = List.of(
                home.resolve("bin/sluice").toString(),
                "run",
                "--tenant",
                tenant,
                "--run-dir",
                runDirectory,
                "--sim",
                "--");
        List<String> program = List.of("/bin/true");
        report(out, "agent alone (promised: 150 more)", jvm, join(List.of(java, agent), jvm.subList(1, jvm.size())));
        report(out, "'run' of a C program (promised: 400 more)", program, join(run, program));
        report(out, "'run' of a JVM, agent and all", jvm, join(run, jvm));
    }

    private void report(PrintStream out, String what, List<String> bare, List<String> governed)
            throws IOException, InterruptedException {
        double[] bareMs = new double[ROUNDS];
        double[] governedMs = new double[ROUNDS];
        for (int i = -WARM_UP; i < ROUNDS; i++) {
            double with = ms(governed);
            double without = ms(bare);
            if (i >= 0) {
                governedMs[i] = with;
                bareMs[i] = without;
            }
        }
        double[] added = new double[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            added[i] = governedMs[i] - bareMs[i];
        }
        Spread more = Spread.of(added);
        out.printf(
                "%-46s bare %6.0f  governed %6.0f  added %6.0f (%.0f–%.0f)%n",
                what,
                Spread.of(bareMs).median(),
                Spread.of(governedMs).median(),
                more.median(),
                more.low(),
                more.high());
    }

    private double ms(List<String> command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile());
        builder.environment().keySet().removeIf(name -> name.equals("JAVA_TOOL_OPTIONS") || name.startsWith("SLUICE_"));
        builder.environment().put("SLUICE_SIM_DIR", folder.resolve("gpus").toString());
        long start = System.nanoTime();
        int exitCode = builder.start().waitFor();
        double taken = (System.nanoTime() - start) / 1e6;
        if (exitCode != 0) {
            throw new IOException(
                    command + " ended with " + exitCode + ": " + Files.readString(folder.resolve("output")));
        }
        return taken;
    }

    @SafeVarargs
    private static List<String> join(List<String>... parts) {
        List<String> all = new ArrayList<>();
        for (List<String> part : parts) {
            all.addAll(part);
        }
        return all;
    }

    private static void removeAll(Path folder) throws IOException {
        try (var paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** The application. */
    static final class Nothing {
        private Nothing() {}

        public static void main(String[] arguments) {}
    }
}
