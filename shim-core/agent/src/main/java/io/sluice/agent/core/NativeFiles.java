package io.sluice.agent.core;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import io.sluice.bridge.libwrapper.Libwrapper;
import io.sluice.control.ControlException;
import io.sluice.control.ControlException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

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
    private static final String NVML = "libnvidia-ml.so.1";
    private static final String NVML_ALIAS = "libnvidia-ml.so";
    private static final String BRIDGE = "libsluice-jni.so";
    private static final String JNA = "libjnidispatch.so";
    private static final String[] NAMES = {LIBWRAPPER, ALIAS, NVML, NVML_ALIAS, BRIDGE, JNA};
    private static final int PERMISSIONS = 0777;
    private static final int OWNERS_ALONE = 0700;

    /** @param chosen the folder that the user named for it */
    static NativeFiles unpack(Optional<Path> chosen) throws ControlException {
        Path place = chosen.orElseGet(() -> Path.of(System.getProperty("java.io.tmpdir", "/tmp")));
        try (JarFile jar = new JarFile(OwnJar.path().toFile(), false)) {
            int user = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
            Path root = place.toAbsolutePath().normalize().resolve("sluice-agent-" + user);
            ensurePrivate(root, user);
            Path folder = root.resolve(address(jar));
            ensurePrivate(folder, user);
            for (String name : NAMES) {
                put(folder.resolve(name), jar, entry(jar, name));
            }
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

    /** Loads the library by which the libwrapper is called. */
    void loadBridge() throws ControlException {
        Path bridge = folder.resolve(BRIDGE);
        try {
            Libwrapper.bridge(bridge);
        } catch (UnsatisfiedLinkError e) {
            throw notLoadable(bridge, e);
        } catch (IllegalCallerException e) {
            throw new ControlException(
                    Reason.OUR_FAULT,
                    "this JVM forbids native access, and the agent needs it: add --enable-native-access=ALL-UNNAMED",
                    e);
        }
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

    /** Of what the jar holds, as its own directory tells it, so that nothing need be read. */
    private static String address(JarFile jar) throws IOException {
        long address = 0;
        for (String name : NAMES) {
            address = address * 31 + entry(jar, name).getCrc();
        }
        return Long.toHexString(address);
    }

    private static JarEntry entry(JarFile jar, String name) throws IOException {
        JarEntry entry = jar.getJarEntry("native/" + name);
        if (entry == null) {
            throw new IOException("the agent's jar lacks " + name);
        }
        return entry;
    }

    /** The name stands for the content, and the folder is this user's alone: a file that has its size is whole. */
    private static void put(Path file, JarFile jar, JarEntry entry) throws IOException {
        if (Files.isRegularFile(file, NOFOLLOW_LINKS) && Files.size(file) == entry.getSize()) {
            return;
        }
        Path beside = file.resolveSibling(
                "." + file.getFileName() + "." + ProcessHandle.current().pid() + "." + System.nanoTime());
        try (InputStream in = jar.getInputStream(entry)) {
            Files.copy(in, beside);
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(beside);
        }
    }
}
