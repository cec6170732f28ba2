package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tests.harness.Build;
import io.sluice.tests.harness.Command;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.OwnMounts;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.TenantFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file system that is full is an error of {@code run}, never a signal that ends the application. */
@SimulatedGpu
class FullRunDirectoryTest {
    @BeforeEach
    void withoutSanitizer() {
        Command.assumeNoSanitizer();
    }

    @ParameterizedTest
    @ValueSource(strings = {"4k", "64k", "300k", "900k"})
    void isRefusedInOneLine(String size, Node node) throws Exception {
        Path file = TenantFiles.alice(node, 9_001_000);
        Command.Result result = Command.toEnd(node, onFileSystemOf(size, node, file, "true", "init"));
        assertThat(result.exitCode()).as(result.err()).isEqualTo(77);
        assertThat(result.err().lines())
                .singleElement()
                .asString()
                .contains("No space left on device", "free some space")
                .doesNotContain("Exception");
    }

    @Test
    void harmsNobodyWhoHasStarted(Node node) throws Exception {
        Path file = TenantFiles.alice(node, 9_001_000);
        String fill = "cat /dev/zero >\"$SLUICE_RUN_DIR/fill\" 2>/dev/null; [ -s \"$SLUICE_RUN_DIR/fill\" ]";
        String commands =
                "init\\ncontext 0\\nalloc 9000000\\nalloc 1000\\nfree 0\\nalloc 5000\\nchurn 2000 1 99999 20 4\\n";
        Command.Result result = Command.toEnd(node, onFileSystemOf("3m", node, file, fill, commands));
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out().lines().map(line -> line.split(" ")[0]).toList())
                .as(result.out())
                .isEqualTo(List.of("0", "0", "0", "2", "0", "0", "0"));
    }

    /** {@code sluice run} with a run directory of so many bytes; the application runs {@code before}, then the test client's commands. */
    private static List<String> onFileSystemOf(String size, Node node, Path file, String before, String commands)
            throws Exception {
        Path small = Files.createDirectories(node.runDirectory());
        String application = before + "; printf '" + commands + "' | " + Command.CLIENT + " soname";
        List<String> run = List.of(
                Build.SLUICE.toString(), "run", "--tenant", file.toString(), "--sim", "--", "sh", "-c", application);
        return OwnMounts.command("mount -t tmpfs -o size=" + size + ",mode=700 small " + small, run);
    }
}
