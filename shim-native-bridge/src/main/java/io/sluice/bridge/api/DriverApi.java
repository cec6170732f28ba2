package io.sluice.bridge.api;

import io.sluice.bridge.api.DriverFunction.DefaultStream;
import io.sluice.bridge.api.DriverFunction.Entry;
import io.sluice.bridge.api.DriverFunction.Parameter;
import io.sluice.bridge.api.DriverFunction.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Reads the one description of the driver API, {@code src/main/api/cuda-driver-api.tsv}. */
public final class DriverApi {
    public static final String FILE = "cuda-driver-api.tsv";
    private static final String HEADER =
            "name\tbase\tversion\tstream\tsince\tin_header13\tin_driver535\trole\tentry\treturn\tparams";

    private DriverApi() {}

    /**
     * @param folder the folder that holds {@link #FILE}
     * @return every function, in the order of the file, which is sorted by name
     */
    public static List<DriverFunction> read(Path folder) throws IOException {
        List<String> lines = Files.readAllLines(folder.resolve(FILE));
        if (lines.isEmpty() || !lines.get(0).equals(HEADER)) {
            throw new IOException(folder.resolve(FILE) + ":1: the header is not '" + HEADER + "'");
        }
        List<DriverFunction> functions = new ArrayList<>();
        for (int i = 1; i < lines.size(); i++) {
            try {
                functions.add(parse(lines.get(i)));
            } catch (RuntimeException e) {
                throw new IOException(folder.resolve(FILE) + ":" + (i + 1) + ": " + e.getMessage(), e);
            }
        }
        return List.copyOf(functions);
    }

    private static DriverFunction parse(String line) {
        String[] column = line.split("\t", -1);
        if (column.length != 11) {
            throw new IllegalArgumentException("expected 11 columns, found " + column.length);
        }
        return new DriverFunction(
                column[0],
                column[1],
                Integer.parseInt(column[2].substring("_v".length())),
                column[3].equals("-") ? DefaultStream.LEGACY : DefaultStream.PER_THREAD,
                column[4].equals("?") ? 0 : Integer.parseInt(column[4]),
                column[6].equals("1"),
                Role.valueOf(column[7].toUpperCase(Locale.ROOT)),
                Entry.valueOf(column[8].toUpperCase(Locale.ROOT)),
                parameters(column[10]),
                !column[10].equals("?"));
    }

    private static List<Parameter> parameters(String column) {
        List<Parameter> parameters = new ArrayList<>();
        if (column.equals("void") || column.equals("?")) {
            return parameters;
        }
        for (String parameter : column.split(";", -1)) {
            parameters.add(Parameter.parse(parameter.strip()));
        }
        return List.copyOf(parameters);
    }
}
