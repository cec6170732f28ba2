package io.sluice.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.control.ControlException.Reason;
import io.sluice.policy.TenantName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDirectoryTest {
    private static final TenantName ALICE = new TenantName("alice");

    @TempDir
    Path temp;

    @Test
    void givenWinsThenVariableThenNodeThenSharedMemory() throws Exception {
        Path node = Files.createDirectory(temp.resolve("node"));
        Path none = temp.resolve("none");
        Map<String, String> named = Map.of("SLUICE_RUN_DIR", "/a/../b");

        assertThat(RunDirectory.resolve(Optional.of(Path.of("/given")), named, node, temp)
                        .root())
                .isEqualTo(Path.of("/given"));
        assertThat(RunDirectory.resolve(Optional.empty(), named, node, temp).root())
                .isEqualTo(Path.of("/b"));
        assertThat(RunDirectory.resolve(Optional.empty(), Map.of(), node, temp).root())
                .isEqualTo(node);
        assertThat(RunDirectory.resolve(Optional.empty(), Map.of("SLUICE_RUN_DIR", ""), none, temp)
                        .root())
                .isEqualTo(temp.resolve("sluice-" + Folders.user()));
    }

    @Test
    void relativeVariableIsRefused() {
        ControlException refused = catchThrowableOfType(
                ControlException.class,
                () -> RunDirectory.resolve(Optional.empty(), Map.of("SLUICE_RUN_DIR", "run"), temp, temp));
        assertThat(refused).hasMessage("SLUICE_RUN_DIR='run' is not an absolute path: write one");
    }

    @Test
    void foldersHaveTheModesThatKeepOthersOut() throws Exception {
        RunDirectory run = new RunDirectory(temp.resolve("run"));
        run.ensure();
        run.ensureTenantFolder(ALICE);
        run.ensureLocks(ALICE);
        run.ensure();

        assertThat(mode(run.root())).isEqualTo("rwx------");
        assertThat(mode(run.root().resolve("tenants"))).isEqualTo("rwxr-xr-x");
        assertThat(mode(run.root().resolve("tenants/alice"))).isEqualTo("rwxrwx---");
        assertThat(mode(run.locks(ALICE))).isEqualTo("rw-rw----");
        assertThat(run.tenants()).containsExactly(ALICE);
    }

    @Test
    void symbolicLinkIsRefused() throws Exception {
        Path target = Files.createDirectory(temp.resolve("target"));
        Path link = Files.createSymbolicLink(temp.resolve("link"), target);
        refused(new RunDirectory(link), "is a symbolic link");

        Files.createSymbolicLink(target.resolve("tenants"), Files.createDirectory(temp.resolve("elsewhere")));
        refused(new RunDirectory(target), "tenants is a symbolic link");
        assertThat(target.resolve("limits")).doesNotExist();
    }

    @Test
    void danglingLinkIsRefused() throws Exception {
        Path link = Files.createSymbolicLink(temp.resolve("link"), temp.resolve("nothing"));
        refused(new RunDirectory(link), "is a symbolic link");
        assertThat(temp.resolve("nothing")).doesNotExist();
    }

    @Test
    void folderOfAnotherUserIsRefused() throws Exception {
        assumeTrue(Folders.user() == 0, "only root can give a folder away");
        Path foreign = Files.createDirectory(temp.resolve("foreign"));
        Files.setAttribute(foreign, "unix:uid", 12345);
        refused(new RunDirectory(foreign), "belongs to user 12345, not to user 0 or root");
    }

    @Test
    void folderThatEveryoneMayWriteIsRefused() throws Exception {
        Path open = Files.createDirectory(temp.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        refused(new RunDirectory(open), "is writable by every user");
    }

    @Test
    void fileInTheWayAndMissingParentAreRefused() throws Exception {
        refused(new RunDirectory(Files.createFile(temp.resolve("file"))), "is not a directory");
        refused(new RunDirectory(temp.resolve("no/such")), "no: is it a folder? create it first");
    }

    @Test
    void unwritableParentIsRefused() {
        refused(new RunDirectory(Path.of("/proc/sluice")), "cannot be made");
    }

    private static void refused(RunDirectory run, String why) {
        ControlException refused = catchThrowableOfType(ControlException.class, run::ensure);
        assertThat(refused).hasMessageContaining(why);
        assertThat(refused.reason()).isEqualTo(Reason.NOT_PERMITTED);
    }

    private static String mode(Path path) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
