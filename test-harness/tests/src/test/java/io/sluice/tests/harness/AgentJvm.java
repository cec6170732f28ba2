package io.sluice.tests.harness;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How to start a JVM with the agent and nothing preloaded, as {@code java -javaagent:… -jar app.jar} does.
 *
 * @param java the JDK's folder
 * @param agent the agent's options; "none" for no agent
 * @param options of the JVM
 * @param libraries of the application, besides JCuda
 * @param program what follows the options: a class name, or {@code -jar} and a file
 */
public record AgentJvm(
        Node node,
        Path java,
        String agent,
        List<String> options,
        List<Path> libraries,
        List<String> program,
        Map<String, String> environment) {
    private static final Path TARGET = Build.HOME.resolve("test-harness/tests/target");
    private static final long PATIENCE_SECONDS = 60;

    /** The JDK that runs the tests, the JCuda client, and a tenant file that the agent applies. */
    public static AgentJvm of(Node node, Path tenantFile) {
        assumeTrue(Sanitizer.PRESENT == Sanitizer.NONE, "the agent does not preload a sanitizer's runtime");
        Build.require(Build.AGENT);
        return new AgentJvm(
                node,
                Path.of(System.getProperty("java.home")),
                "tenant=" + tenantFile,
                List.of("-Xmx256m"),
                List.of(),
                List.of("io.sluice.tests.client.JCudaClient"),
                Map.of());
    }

    public AgentJvm java(Path home) {
        return new AgentJvm(node, home, agent, options, libraries, program, environment);
    }

    public AgentJvm agent(String agentOptions) {
        return new AgentJvm(node, java, agentOptions, options, libraries, program, environment);
    }

    public AgentJvm options(String... more) {
        List<String> all = Stream.concat(options.stream(), Stream.of(more)).toList();
        return new AgentJvm(node, java, agent, all, libraries, program, environment);
    }

    /** Jars of {@code target/app-libraries}, which the application has on its class path. */
    public AgentJvm libraries(String... names) {
        return jars(Stream.of(names).map(AgentJvm::library).toList());
    }

    /** Jars of the application, wherever they lie. */
    public AgentJvm jars(List<Path> jars) {
        return new AgentJvm(node, java, agent, options, jars, program, environment);
    }

    public AgentJvm program(String... words) {
        return new AgentJvm(node, java, agent, options, libraries, List.of(words), environment);
    }

    public AgentJvm environment(String name, String value) {
        Map<String, String> more = new HashMap<>(environment);
        more.put(name, value);
        return new AgentJvm(node, java, agent, options, libraries, program, more);
    }

    public static Path library(String name) {
        return TARGET.resolve("app-libraries").resolve(name + ".jar");
    }

    /** The classes of the test clients alone: nothing of Sluice's own is on an application's class path. */
    public static Path clients() {
        return TARGET.resolve("test-classes");
    }

    public static List<Path> jcuda() throws IOException {
        try (Stream<Path> jars = Files.list(Build.HOME.resolve("test-harness/demo-app/target/lib"))) {
            return jars.sorted().toList();
        }
    }

    public Client start() throws IOException {
        return node.start(command(), environment);
    }

    /** How a JVM ended that ends by itself. */
    public record End(int exitCode, String output, String errors) {
        /** The lines of Sluice on stderr. */
        public List<String> sluiceLines() {
            return errors.lines().filter(line -> line.startsWith("sluice: ")).toList();
        }
    }

    public End run() throws IOException, InterruptedException {
        Path output = node.file("stdout");
        Path errors = node.file("stderr");
        Process process = node.builder(command(), environment)
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .redirectInput(new File("/dev/null"))
                .start();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(command() + " does not end; its stderr:\n" + Files.readString(errors));
        }
        return new End(process.exitValue(), Files.readString(output), Files.readString(errors));
    }

    /** The command of an application that asks once for more than its tenant may have, with no agent of its own. */
    public static String[] denied(long bytes) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new String[] {
            java, "-cp", classPath(List.of()), "io.sluice.tests.client.DenialsClient", "once", String.valueOf(bytes)
        };
    }

    private static String classPath(List<Path> libraries) throws IOException {
        return Stream.of(Stream.of(clients()), libraries.stream(), jcuda().stream())
                .flatMap(paths -> paths)
                .map(Path::toString)
                .collect(Collectors.joining(":"));
    }

    public List<String> command() throws IOException {
        List<String> command = new ArrayList<>();
        command.add(java.resolve("bin/java").toString());
        if (!agent.equals("none")) {
            command.add("-javaagent:" + Build.AGENT + (agent.isEmpty() ? "" : "=" + agent));
        }
        command.addAll(options);
        if (!program.get(0).equals("-jar")) {
            command.add("-cp");
            command.add(classPath(libraries));
        }
        command.addAll(program);
        return command;
    }
}
