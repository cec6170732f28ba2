package io.sluice.cli;

import java.util.Map;
import java.util.stream.Collectors;

/** Environment variables as lines that any POSIX shell can evaluate, whatever is in the values. */
final class Exports {
    private Exports() {}

    static String lines(Map<String, String> variables) {
        return variables.entrySet().stream()
                .map(variable -> "export " + variable.getKey() + "=" + quote(variable.getValue()) + "\n")
                .collect(Collectors.joining());
    }

    /** Within single quotes a shell reads everything as it is but the single quote itself. */
    static String quote(String value) {
        return "'" + value.replace("'", "'\\''") + "'";
    }
}
