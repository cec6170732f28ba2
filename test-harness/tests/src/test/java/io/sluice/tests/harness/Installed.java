package io.sluice.tests.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** A copy of what {@code sluice run} needs of this build, for a test that breaks it. */
public record Installed(Path home) {
    private static final List<String> PARTS =
            List.of("libcuda.so.1", "libcuda.so", "libsluice-control.so", "sluice-probe");

    public static Installed copy(Node node) throws IOException {
        Installed copy = new Installed(node.file("home"));
        Files.createDirectories(copy.bridge());
        for (String part : PARTS) {
            Files.copy(Build.BRIDGE.resolve(part), copy.bridge().resolve(part), StandardCopyOption.COPY_ATTRIBUTES);
        }
        Files.createSymbolicLink(copy.home().resolve("test-harness"), Build.HOME.resolve("test-harness"));
        return copy;
    }

    public Path libwrapper() {
        return bridge().resolve("libcuda.so.1");
    }

    private Path bridge() {
        return home.resolve("shim-native-bridge/target/native");
    }
}
