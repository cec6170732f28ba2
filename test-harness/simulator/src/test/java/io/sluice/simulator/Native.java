package io.sluice.simulator;

import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** Where the built libraries are, and what a process needs to load them. */
final class Native {
    private Native() {}

    static Path folder() {
        return Path.of(System.getProperty("sluice.home"), "test-harness", "simulator", "target", "native");
    }

    static Path library(String name) {
        return folder().resolve(name);
    }

    static Path api() {
        return Path.of(System.getProperty("sluice.home"), "shim-native-bridge", "src", "main", "api");
    }

    static boolean hasZstd() {
        try {
            return NativeLibrary.getInstance("libzstd.so.1") != null;
        } catch (UnsatisfiedLinkError e) {
            return false;
        }
    }

    static boolean isSanitizedBy(String sanitizer) {
        return System.getProperty("sluice.sanitize", "").equals(sanitizer);
    }

    /** A sanitizer's runtime must be loaded first; a JVM raises and handles SIGSEGV itself, and frees little at its end. */
    static Map<String, String> sanitizerEnvironment() throws IOException {
        if (!isSanitizedBy("address")) {
            return Map.of();
        }
        Process gcc = new ProcessBuilder("gcc", "-print-file-name=libasan.so").start();
        String library = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return Map.of(
                "LD_PRELOAD",
                library,
                "ASAN_OPTIONS",
                "handle_segv=0:allow_user_segv_handler=1:detect_leaks=0:abort_on_error=1");
    }
}
