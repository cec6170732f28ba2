package io.sluice.bridge;

import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A processor that the native code was built for, and how a program of its build is started. */
public enum NativeTarget {
    OWN("native"),
    /** Built where Debian's cross compiler is, run by qemu-user. */
    AARCH64("native-aarch64");

    private static final String QEMU = "qemu-aarch64";

    private final String folder;

    NativeTarget(String folder) {
        this.folder = folder;
    }

    /** Skips the test where this processor's programs cannot be built or run. */
    public List<String> command(String program, String... arguments) {
        Path file = NativeBuild.folder().resolveSibling(folder).resolve(program);
        if (this == AARCH64) {
            assumeFalse("aarch64".equals(System.getProperty("os.arch")), "this machine is aarch64 itself");
            assumeTrue(
                    System.getProperty("sluice.sanitize", "").isEmpty(), "there is no aarch64 build with a sanitizer");
            assumeTrue(
                    Files.exists(file) && isInstalled(QEMU),
                    "aarch64 is not tested: install gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and qemu-user");
        }
        List<String> command =
                new ArrayList<>(this == AARCH64 ? List.of(QEMU, "-L", "/usr/aarch64-linux-gnu") : List.of());
        command.add(file.toString());
        command.addAll(List.of(arguments));
        return command;
    }

    private static boolean isInstalled(String tool) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
    }
}
