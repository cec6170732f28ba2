package io.sluice.tests.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The sanitizer that the native parts were built with ({@code -Dsanitize=address|thread}). Its runtime must come first
 * in every process, since the programs themselves may be built without it.
 */
public enum Sanitizer {
    NONE(""),
    ADDRESS("libasan.so"),
    THREAD("libtsan.so");

    public static final Sanitizer PRESENT = switch (System.getProperty("sluice.sanitize", "")) {
        case "address" -> ADDRESS;
        case "thread" -> THREAD;
        default -> NONE;
    };

    private static final Pattern COMPLAINT =
            Pattern.compile("ERROR: AddressSanitizer|WARNING: ThreadSanitizer|ERROR: LeakSanitizer|: runtime error: ");

    private final String runtime;

    Sanitizer(String runtime) {
        this.runtime = runtime;
    }

    /** {@code preload} with the runtime before it. */
    String preload(String preload) throws IOException {
        return this == NONE ? preload : runtimePath() + (preload.isEmpty() ? "" : ":" + preload);
    }

    Map<String, String> environment() {
        return Map.of(
                "ASAN_OPTIONS", "handle_segv=0:detect_leaks=0:allow_user_segv_handler=1",
                "UBSAN_OPTIONS", "print_stacktrace=1",
                "TSAN_OPTIONS", "report_signal_unsafe=0:report_thread_leaks=0:atexit_sleep_ms=0:die_after_fork=0");
    }

    /** GCC 12's TSan does not find its way in a widely randomised address space. */
    List<String> commandPrefix() {
        return this == THREAD
                ? List.of("setarch", System.getProperty("os.arch").replace("amd64", "x86_64"), "-R")
                : List.of();
    }

    static boolean complains(String output) {
        return COMPLAINT.matcher(output).find();
    }

    private String runtimePath() throws IOException {
        Process gcc = new ProcessBuilder("gcc", "-print-file-name=" + runtime).start();
        return new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }
}
