package io.sluice.simulator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Writes prototypes of the NVML functions that are written by hand, and stubs of all other names of the 535 driver. */
final class NvmlWriter {
    static final String FILE = "nvml-api.tsv";
    private static final String HEADER = "name\treturn\tparams";
    private static final String FROM = "// Generated from " + FILE + " by GenerateDriver.\n";
    private static final String EXPORTED = "__attribute__((visibility(\"default\"))) ";
    private static final String UNKNOWN = "?";

    private final List<Row> rows;
    private final Set<String> handwritten;

    /** A name that NVML of the 535 driver exports; result and parameters are "?" where no public header declares it. */
    record Row(String name, String result, String parameters) {}

    NvmlWriter(Path api, Set<String> handwritten) throws IOException {
        this.rows = read(api.resolve(FILE));
        this.handwritten = handwritten;
        Set<String> unknown = new TreeSet<>(handwritten);
        rows.stream().filter(row -> !row.result().equals(UNKNOWN)).forEach(row -> unknown.remove(row.name()));
        if (!unknown.isEmpty()) {
            throw new IOException("the simulated NVML defines " + unknown + ", which " + FILE + " does not declare");
        }
    }

    String prototypes() {
        return rows.stream()
                .filter(row -> handwritten.contains(row.name()))
                .map(row -> "%s%s %s(%s);%n".formatted(EXPORTED, row.result(), row.name(), row.parameters()))
                .collect(Collectors.joining("", FROM, ""));
    }

    String stubs() {
        return rows.stream()
                .filter(row -> !handwritten.contains(row.name()))
                .map(row -> "\n%sint %s(void);\nint %s(void) {\n    return (int)nvml_not_supported();\n}\n"
                        .formatted(EXPORTED, row.name(), row.name()))
                .collect(Collectors.joining("", FROM + "#include \"nvml/nvml.h\"\n", ""));
    }

    List<Row> rows() {
        return rows;
    }

    private static List<Row> read(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        if (lines.isEmpty() || !lines.get(0).equals(HEADER)) {
            throw new IOException(file + ":1: the header is not '" + HEADER + "'");
        }
        return lines.stream()
                .skip(1)
                .map(line -> line.split("\t", -1))
                .map(column -> new Row(column[0], column[1], column[2]))
                .toList();
    }
}
