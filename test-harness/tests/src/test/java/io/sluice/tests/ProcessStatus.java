package io.sluice.tests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What {@code /proc/PID/status} said of a process at one instant. */
record ProcessStatus(Map<String, String> fields) {

    static ProcessStatus of(long pid) throws IOException {
        return new ProcessStatus(Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                .map(line -> line.split(":\\s*", 2))
                .collect(Collectors.toMap(words -> words[0], words -> words[1])));
    }

    /** How many files a process has open. */
    static long openFiles(long pid) throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            return files.count();
        }
    }

    String text(String field) {
        return fields.getOrDefault(field, "");
    }
}
