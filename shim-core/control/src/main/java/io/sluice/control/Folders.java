package io.sluice.control;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import io.sluice.control.ControlException.Reason;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/**
 * Folders that nobody else can have prepared for us. A folder is used only if it is no link, belongs to this user or to
 * root, and is not writable by everyone; so what is in it was put there by us, by root, or by whom they let in.
 */
final class Folders {
    private static final int ROOT = 0;
    private static final int WRITABLE_BY_OTHERS = 0002;

    private Folders() {}

    /** The user whose rights this process has. */
    static int user() throws ControlException {
        try {
            return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        } catch (IOException e) {
            throw new ControlException(
                    Reason.OUR_FAULT, "cannot tell who is running this: /proc/self cannot be read", e);
        }
    }

    /** Makes a folder where there is none, then checks it as {@link #check} does. */
    static void ensure(Path folder, String permissions) throws ControlException {
        try {
            Files.createDirectory(folder);
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(permissions));
        } catch (FileAlreadyExistsException e) {
            // Somebody made it before: the check below decides.
        } catch (AccessDeniedException e) {
            throw notPermitted(folder, "cannot be made: " + folder.getParent() + " is not writable for this user");
        } catch (NoSuchFileException e) {
            throw notPermitted(folder, "cannot be made in " + folder.getParent() + ": is it a folder? create it first");
        } catch (IOException e) {
            throw notPermitted(folder, "cannot be made (" + e.getMessage() + ")");
        }
        check(folder);
    }

    /** @throws ControlException unless the folder is there and is ours or root's */
    static void check(Path folder) throws ControlException {
        Map<String, Object> found;
        try {
            found = Files.readAttributes(folder, "unix:uid,mode,isSymbolicLink,isDirectory", NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            throw notPermitted(folder, "does not exist: apply a tenant file first");
        } catch (IOException e) {
            throw notPermitted(folder, "cannot be looked at (" + e.getMessage() + ")");
        }
        if (found.get("isSymbolicLink") == Boolean.TRUE) {
            throw notPermitted(
                    folder,
                    "is a symbolic link, which another user could have put there: name the folder"
                            + " itself, or remove the link");
        }
        if (found.get("isDirectory") != Boolean.TRUE) {
            throw notPermitted(folder, "is not a directory: remove it");
        }
        int owner = found.get("uid") instanceof Integer uid ? uid : -1;
        int user = user();
        if (owner != user && owner != ROOT) {
            throw notPermitted(
                    folder,
                    "belongs to user " + owner + ", not to user " + user
                            + " or root: choose another run directory with SLUICE_RUN_DIR or --run-dir");
        }
        int mode = found.get("mode") instanceof Integer bits ? bits : 0777;
        if ((mode & WRITABLE_BY_OTHERS) != 0) {
            throw notPermitted(
                    folder,
                    "is writable by every user: run 'chmod o-w " + folder + "', or choose another"
                            + " run directory with SLUICE_RUN_DIR or --run-dir");
        }
    }

    static ControlException notPermitted(Path path, String what) {
        return new ControlException(Reason.NOT_PERMITTED, path + " " + what);
    }
}
