package io.sluice.simulator;

import io.sluice.bridge.api.DriverFunction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Writes the table of what the 535 driver answers to {@code cuGetProcAddress}. */
final class ProcAddressWriter {
    static final String FILE = "proc-address-535.tsv";
    private static final String HEADER = "base\tflags\tfrom_version\tsymbol\tstatus";

    private ProcAddressWriter() {}

    private record Row(String base, int flags, int fromVersion, String symbol, int status) {}

    static String write(Path api, List<DriverFunction> exported) throws IOException {
        Set<String> names = exported.stream().map(DriverFunction::name).collect(Collectors.toSet());
        List<Row> rows = read(api.resolve(FILE), names);
        Set<String> symbols = new TreeSet<>();
        for (Row row : rows) {
            if (!row.symbol().equals("-")) {
                symbols.add(row.symbol());
            }
        }
        StringBuilder text = new StringBuilder("// Generated from " + FILE + " by GenerateDriver.\n")
                .append("#include \"driver/proc_address.h\"\n\n")
                .append("// Only their addresses are used here.\n");
        for (String symbol : symbols) {
            text.append("void %s(void);\n".formatted(symbol));
        }
        text.append("\nconst struct proc_address proc_address[] = {\n");
        for (Row row : rows) {
            text.append("    {\"%s\", %d, %d, %s, %d},\n"
                    .formatted(
                            row.base(),
                            row.flags(),
                            row.fromVersion(),
                            row.symbol().equals("-") ? "0" : row.symbol(),
                            row.status()));
        }
        return text.append("};\nconst size_t proc_address_count = sizeof proc_address / sizeof *proc_address;\n")
                .toString();
    }

    private static List<Row> read(Path file, Set<String> names) throws IOException {
        List<String> lines = Files.readAllLines(file);
        if (lines.isEmpty() || !lines.get(0).equals(HEADER)) {
            throw new IOException(file + ":1: the header is not '" + HEADER + "'");
        }
        List<Row> rows = new ArrayList<>();
        for (int i = 1; i < lines.size(); i++) {
            String[] column = lines.get(i).split("\t", -1);
            if (column.length != 5 || (!column[3].equals("-") && !names.contains(column[3]))) {
                throw new IOException(file + ":" + (i + 1) + ": expected 5 columns and a symbol of the 535 driver");
            }
            rows.add(new Row(
                    column[0],
                    Integer.parseInt(column[1]),
                    Integer.parseInt(column[2]),
                    column[3],
                    Integer.parseInt(column[4])));
        }
        rows.sort(Comparator.comparing(Row::base).thenComparingInt(Row::flags).thenComparingInt(Row::fromVersion));
        return rows;
    }
}
