package io.sluice.agent.core;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import io.sluice.control.ControlException;
import io.sluice.control.ControlException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * The native libraries of the agent's jar as files, which is what a loader takes. They lie in a folder that only this
 * user can write, named after what is in them, so that all processes of one release share them and no release meets
 * another's. A file that is there is used if it holds the same bytes, else it is replaced as a whole.
 *
 * @param folder absolute
 */
record NativeFiles(Path folder) {
    private static final String LIBWRAPPER = "libcuda.so.1";
    private static final String ALIAS = "libcuda.so";
    private static final String JNA = "libjnidispatch.so";
    private static final int PERMISSIONS = 0777;
    private static final int OWNERS_ALONE = 0700;

    /** @param chosen the folder that the user named for it */
    static NativeFiles unpack(Optional<Path> chosen) throws ControlException {
        Path place = chosen.orElseGet(() -> Path.of(System.getProperty("java.io.tmpdir", "/tmp")));
        try {
            int user = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
            Path root = place.toAbsolutePath().normalize().resolve("sluice-agent-" + user);
            ensurePrivate(root, user);
            List<byte[]> contents = new ArrayList<>();
            CRC32 address = new CRC32();
            for (String name : List.of(LIBWRAPPER, ALIAS, JNA)) {
                byte[] content = read(name);
                contents.add(content);
                address.update(content);
            }
            Path folder = root.resolve(Long.toHexString(address.getValue()));
            ensurePrivate(folder, user);
            put(folder.resolve(LIBWRAPPER), contents.get(0));
            put(folder.resolve(ALIAS), contents.get(1));
            put(folder.resolve(JNA), contents.get(2));
            return new NativeFiles(folder);
        } catch (IOException e) {
            throw new ControlException(
                    Reason.OUR_FAULT,
                    "the agent's native libraries cannot be unpacked in " + place + " (" + e
                            + "): name another folder with natives=DIR",
                    e);
        }
    }

    Path libwrapper() {
        return folder.resolve(LIBWRAPPER);
    }

    Path alias() {
        return folder.resolve(ALIAS);
    }

    Path jna() {
        return folder.resolve(JNA);
    }

    /** What to tell a user for whom the loader refuses one of the files. */
    ControlException notLoadable(Path library, UnsatisfiedLinkError why) {
        String text = String.valueOf(why.getMessage()).replace('\n', ' ');
        String advice = text.contains("failed to map segment")
                ? ": the folder is mounted noexec, name another with natives=DIR"
                : "";
        return new ControlException(Reason.OUR_FAULT, library + " cannot be loaded (" + text + ")" + advice, why);
    }

    /** Makes the folder where there is none. Whoever else could write it could have us load what they like. */
    private static void ensurePrivate(Path folder, int user) throws IOException {
        try {
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (FileAlreadyExistsException e) {
            // Somebody made it before: that it is this user's is seen below.
        }
        Map<String, Object> found = Files.readAttributes(folder, "unix:uid,mode,isDirectory", NOFOLLOW_LINKS);
        boolean directory = Boolean.TRUE.equals(found.get("isDirectory"));
        boolean own = Integer.valueOf(user).equals(found.get("uid"));
        int mode = found.get("mode") instanceof Integer bits ? bits & PERMISSIONS : PERMISSIONS;
        if (!directory || !own || mode != OWNERS_ALONE) {
            throw new IOException(folder + " is not a folder of user " + user + " alone: remove it");
        }
    }

    private static byte[] read(String name) throws IOException {
        try (InputStream in = NativeFiles.class.getClassLoader().getResourceAsStream("native/" + name)) {
            if (in == null) {
                throw new IOException("the agent's jar lacks " + name);
            }
            return in.readAllBytes();
        }
    }

    private static void put(Path file, byte[] content) throws IOException {
        if (holds(file, content)) {
            return;
        }
        Path beside = file.resolveSibling(
                "." + file.getFileName() + "." + ProcessHandle.current().pid() + "." + System.nanoTime());
        try {
            Files.write(beside, content, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(beside);
        }
    }

    private static boolean holds(Path file, byte[] content) throws IOException {
        try {
            return Files.isRegularFile(file, NOFOLLOW_LINKS)
                    && Files.size(file) == content.length
                    && Arrays.equals(Files.readAllBytes(file), content);
        } catch (NoSuchFileException e) {
            return false;
        }
    }
}
