package io.sluice.tests.harness;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The command {@code sluice}, as a user of a {@link Node} would call it. */
public final class Command {
    public static final String CLIENT = Build.CLIENTS.resolve("client").toString();
    private static final int PATIENCE_SECONDS = 60;

    private Command() {}

    /** What a command left. */
    public record Result(int exitCode, String out, String err) {}

    /** A JVM of ours has no sanitizer's runtime, which the native parts would ask for. */
    public static void assumeNoSanitizer() {
        assumeTrue(Sanitizer.PRESENT == Sanitizer.NONE, "bin/sluice does not preload a sanitizer's runtime");
    }

    /** Runs {@code sluice} to its end. */
    public static Result sluice(Node node, String... arguments) throws IOException, InterruptedException {
        return toEnd(node, words(arguments), Map.of());
    }

    /** Runs any command to its end. */
    public static Result toEnd(Node node, List<String> command) throws IOException, InterruptedException {
        return toEnd(node, command, Map.of());
    }

    static Result toEnd(Node node, List<String> command, Map<String, String> environment)
            throws IOException, InterruptedException {
        Path out = node.file("out");
        Path err = node.file("err");
        Process process = node.builder(command, environment)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(command + " did not end; its stderr:\n" + Files.readString(err));
        }
        return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    /** The words of {@code sluice run} on the simulated GPU. */
    public static List<String> run(String tenant, String... command) {
        List<String> words = words("run", "--tenant", tenant, "--sim", "--");
        words.addAll(List.of(command));
        return words;
    }

    public static List<String> words(String... arguments) {
        List<String> words = new ArrayList<>(List.of(Build.SLUICE.toString()));
        words.addAll(List.of(arguments));
        return words;
    }
}
