package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A JVM of its own that runs one static method of a test class: the driver reads its environment once in a process, and a test
 * of several processes needs several. Assertions inside fail the child, and its output is the failure's message.
 */
final class Child implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 60;

    private final Process process;
    private final Path errors;
    private final BufferedReader output;
    private final PrintWriter input;

    private Child(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
        this.output = process.inputReader(StandardCharsets.UTF_8);
        this.input = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
    }

    /** Runs {@code owner.method()} to its end and expects it to succeed. */
    static void run(Path cards, Class<?> owner, String method) throws Exception {
        run(cards, Map.of(), owner, method);
    }

    static void run(Path cards, Map<String, String> environment, Class<?> owner, String method) throws Exception {
        try (Child child = start(cards, environment, owner, method)) {
            child.awaitSuccess();
        }
    }

    static Child start(Path cards, Map<String, String> environment, Class<?> owner, String method) throws IOException {
        assumeFalse(Native.isSanitizedBy("thread"), "a JVM does not run under the thread sanitizer; StressTest does");
        Path errors = Files.createTempFile(cards, method, ".err");
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Dsluice.home=" + System.getProperty("sluice.home"),
                "-classpath",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                owner.getName(),
                method);
        builder.redirectError(errors.toFile());
        builder.environment().put("SLUICE_SIM_DIR", cards.toString());
        builder.environment().putAll(Native.sanitizerEnvironment());
        builder.environment().putAll(environment);
        return new Child(builder.start(), errors);
    }

    public static void main(String[] arguments) throws Throwable {
        try {
            var method = Class.forName(arguments[0]).getDeclaredMethod(arguments[1]);
            method.setAccessible(true);
            method.invoke(null);
        } catch (InvocationTargetException e) {
            Throwable cause = e.getCause();
            throw cause == null ? e : cause;
        }
    }

    /** The next line that the child prints. */
    String line() throws IOException {
        String line = output.readLine();
        assertThat(line).as("a line of the child, which said: %s", errorText()).isNotNull();
        return line;
    }

    /** Lets a child go on that waits in {@link #awaitParent}. */
    void go() {
        input.println("go");
    }

    /** Called in the child. */
    static void awaitParent() throws IOException {
        assertThat(System.in.read()).isNotNegative();
        while (System.in.read() != '\n') {}
    }

    /** Called in the child. */
    static void tell(Object value) {
        System.out.println(value);
        System.out.flush();
    }

    void kill() throws InterruptedException {
        process.destroyForcibly();
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    void awaitSuccess() throws Exception {
        List<String> rest = output.lines().toList();
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .as("the child ends in time")
                .isTrue();
        assertThat(process.exitValue())
                .as("exit code of the child, which said: %s%n%s", rest, errorText())
                .isZero();
    }

    long pid() {
        return process.pid();
    }

    String errorText() throws IOException {
        return Files.readString(errors);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
