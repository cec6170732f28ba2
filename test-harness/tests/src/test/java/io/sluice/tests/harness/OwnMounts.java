package io.sluice.tests.harness;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Gives a process file systems that nobody else sees, where this machine allows it. */
public final class OwnMounts {
    private static final List<String> UNSHARE = List.of("unshare", "--map-root-user", "--mount");

    private OwnMounts() {}

    /** @param mount shell commands that go before {@code command} */
    public static List<String> command(String mount, List<String> command) throws IOException, InterruptedException {
        List<String> trial = new ArrayList<>(UNSHARE);
        trial.addAll(List.of("mount", "-t", "tmpfs", "none", "/mnt"));
        assumeTrue(
                new ProcessBuilder(trial).start().waitFor() == 0,
                "this machine lets no process have mounts of its own (unshare)");
        List<String> whole = new ArrayList<>(UNSHARE);
        whole.addAll(List.of("sh", "-c", "(" + mount + ") || exit 99; exec \"$@\"", "sh"));
        whole.addAll(command);
        return whole;
    }
}
