package io.sluice.conformance;

import io.sluice.conformance.checks.Roles;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A second process of a check: it makes a context of device 0 current, plays one role, says one line and ends. */
public final class OtherProcess {
    private static final String SAYS = "\u0001says ";
    private static final int PATIENCE_SECONDS = 30;

    private OtherProcess() {}

    /** What the other process does, with the arguments that the check gave; it returns what it says. */
    @FunctionalInterface
    public interface Role {
        String play(Trial trial, List<String> arguments);
    }

    /** Runs a role in another process, to its end. */
    @FunctionalInterface
    interface Starter {
        String run(String role, List<String> arguments);
    }

    static Starter starter(String driver) {
        return (role, arguments) -> run(new Jvm(driver, Map.of()), role, arguments);
    }

    private static String run(Jvm jvm, String role, List<String> arguments) {
        List<String> all = new ArrayList<>(List.of(role));
        all.addAll(arguments);
        try {
            Process process = jvm.start(OtherProcess.class, all);
            try (BufferedReader output = process.inputReader()) {
                String said = lastSaid(output);
                if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || said == null) {
                    throw new CheckEnded(Verdict.FAIL, "the other process ended without an answer");
                }
                return said;
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException("the other process could not be run", e);
        }
    }

    private static @Nullable String lastSaid(BufferedReader output) throws IOException {
        String said = null;
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith(SAYS)) {
                said = line.substring(SAYS.length());
            }
        }
        return said;
    }

    public static void main(String[] arguments) {
        Cuda cuda = Cuda.load(arguments[0]);
        Trial trial = new Trial(cuda, starter(arguments[0]), new Support.Always());
        String said;
        try {
            Home.open(trial);
            said = Roles.named(arguments[1])
                    .play(trial, Arrays.asList(arguments).subList(2, arguments.length));
        } catch (CheckEnded ended) {
            said = ended.detail();
        }
        System.out.println(SAYS + said);
        System.out.flush();
        // Nothing is given back: that is what some roles are about.
        Runtime.getRuntime().halt(0);
    }
}
