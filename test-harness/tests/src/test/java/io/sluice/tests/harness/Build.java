package io.sluice.tests.harness;

import io.sluice.bridge.ledger.NativeControl;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the build left what the tests run. */
public final class Build {
    public static final Path HOME =
            Path.of(System.getProperty("sluice.home", "../..")).toAbsolutePath().normalize();
    public static final Path SIMULATOR = HOME.resolve("test-harness/simulator/target/native");
    public static final Path SIMULATED_DRIVER = SIMULATOR.resolve("libcuda.so.1");
    public static final Path BRIDGE = HOME.resolve("shim-native-bridge/target/native");
    public static final Path LIBWRAPPER = BRIDGE.resolve("libcuda.so.1");
    public static final Path ALIAS = BRIDGE.resolve("libcuda.so");
    public static final Path DO_NOTHING_DRIVER = HOME.resolve("test-harness/bench/target/native/null/libcuda.so.1");
    public static final Path SHARE_CLIENT = HOME.resolve("test-harness/bench/target/native/share-client");
    public static final Path AGENT = HOME.resolve("shim-core/agent/target/sluice-agent.jar");
    public static final Path SLUICE = HOME.resolve("bin/sluice");
    public static final Path CLIENTS = HOME.resolve("test-harness/tests/target/native");

    private Build() {}

    /** What concerns ledgers, loaded into this JVM; never built for a sanitizer. */
    static NativeControl nativeControl() {
        return Control.LOADED;
    }

    private static final class Control {
        static final NativeControl LOADED = NativeControl.load(BRIDGE.resolve("libsluice-control.so"));
    }

    /** A preload that does not exist is ignored by the loader, and every test would run ungoverned. */
    static void require(Path... files) {
        for (Path file : files) {
            if (!Files.isReadable(file)) {
                throw new IllegalStateException(file + " is missing: build it with 'mvn package' first");
            }
        }
    }
}
