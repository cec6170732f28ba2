package io.sluice.bridge;

import java.nio.file.Path;

/** Where this module's native build lies. */
public final class NativeBuild {
    private NativeBuild() {}

    public static Path folder() {
        return Path.of(System.getProperty("sluice.home"), "shim-native-bridge", "target", "native");
    }

    public static Path control() {
        return folder().resolve("libsluice-control.so");
    }

    public static Path libwrapper() {
        return folder().resolve("libcuda.so.1");
    }
}
