package io.sluice.simulator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finds the functions that the C sources define: lines that begin with {@code CUresult cuName(} or {@code nvmlReturn_t
 * nvmlName(}.
 */
final class Handwritten {
    private static final Pattern DRIVER = Pattern.compile("^CUresult (cu[A-Z]\\w*)\\(", Pattern.MULTILINE);
    private static final Pattern NVML =
            Pattern.compile("^(?:nvmlReturn_t |const char \\*)(nvml[A-Z]\\w*)\\(", Pattern.MULTILINE);

    private Handwritten() {}

    static Set<String> ofDriver(Path sources) throws IOException {
        return scan(sources, DRIVER);
    }

    static Set<String> ofNvml(Path sources) throws IOException {
        return scan(sources, NVML);
    }

    private static Set<String> scan(Path sources, Pattern definition) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(sources)) {
            files = all.filter(file -> file.toString().endsWith(".c")).toList();
        }
        Set<String> names = new TreeSet<>();
        for (Path file : files) {
            Matcher matcher = definition.matcher(Files.readString(file));
            while (matcher.find()) {
                if (!names.add(matcher.group(1))) {
                    throw new IOException(file + ": " + matcher.group(1) + " is defined twice");
                }
            }
        }
        return names;
    }
}
