package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.tests.harness.Command;
import io.sluice.tests.harness.GpuWork;
import io.sluice.tests.harness.GpuWork.Worker;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.Service;
import io.sluice.tests.harness.SimulatedGpu;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code sluice top}, into a pipe and on a terminal. */
@SimulatedGpu
class TopTest {
    private static final long MIB = 1L << 20;
    private static final Path SCRIPT = Path.of("/usr/bin/script");
    private static final String TO_THE_FIRST_SCREEN = "\u001b[?1049l";

    @BeforeEach
    void withoutSanitizer() {
        Command.assumeNoSanitizer();
    }

    @Test
    void printsBlocksIntoAPipe(Node node) throws Exception {
        work(node);
        Command.Result top = Command.sluice(node, "top", "--count", "2", "--interval", "0.5");
        assertThat(top.exitCode()).as(top.err()).isZero();
        assertThat(top.out().split("\n\n(?=sluice top)")).hasSize(2);
        assertThat(top.out().lines()).allMatch(line -> line.length() <= 80).noneMatch(line -> line.contains("\u001b"));
        assertThat(top.out()).containsPattern("alice .*/64 MiB .*% of 30% .*").containsPattern("bob .*% of 60% ");
        assertThat(top.out()).containsPattern("turn: (alice|bob), ");
    }

    @Test
    void drawsOnATerminalUntilQIsPressed(Node node) throws Exception {
        assumeTrue(Files.isExecutable(SCRIPT), SCRIPT + ", of util-linux, is not installed");
        work(node);
        Service top = terminal(node, "stty cols 100 rows 10; " + String.join(" ", Command.words("top")));
        top.awaitOut("(?s)of 30%.*of 30%");
        top.tell("q");
        top.awaitOut(Pattern.quote(TO_THE_FIRST_SCREEN));
        assertThat(top.exitCode()).isZero();
    }

    @Test
    void leavesTheTerminalAsItWasWhenItIsInterrupted(Node node) throws Exception {
        assumeTrue(Files.isExecutable(SCRIPT), SCRIPT + ", of util-linux, is not installed");
        work(node);
        Service top = terminal(
                node,
                "before=$(stty -g); trap : INT; " + String.join(" ", Command.words("top"))
                        + "; test \"$before\" = \"$(stty -g)\" && echo 'as it was'");
        top.awaitOut("of 30%");
        top.tell("\u0003"); // what Ctrl-C sends
        top.awaitOut("as it was");
    }

    @Test
    void refusesTimesThatMakeNoSense(Node node) throws Exception {
        assertThat(Command.sluice(node, "top", "--interval", "0").err())
                .contains("--interval takes 0.1 to 3600 seconds");
        assertThat(Command.sluice(node, "top", "--interval", "0").exitCode()).isEqualTo(64);
        assertThat(Command.sluice(node, "top", "--count", "-1").exitCode()).isEqualTo(64);
    }

    private static Service terminal(Node node, String command) throws IOException {
        return node.service(
                List.of(SCRIPT.toString(), "-qec", command, "/dev/null"), Map.of("TERM", "xterm", "SHELL", "/bin/sh"));
    }

    private static void work(Node node) throws Exception {
        GpuWork work = new GpuWork(node);
        Worker alice = work.worker(node.tenant("alice", 64 * MIB).share(30), "lengths=200000")
                .ready();
        Worker bob = work.worker(node.tenant("bob", 64 * MIB).share(60), "lengths=200000")
                .ready();
        alice.work(Duration.ofSeconds(60));
        bob.work(Duration.ofSeconds(60));
    }
}
