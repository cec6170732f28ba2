package io.sluice.bench;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * @param home the repository root
 * @param rounds rounds of each row
 * @param durationNs how long one side of a round measures
 * @param json print one JSON document instead of a table
 * @param only the calls to measure ({@code current}, {@code launch}, {@code alloc}, {@code names}); null for all
 */
record OverheadOptions(
        Path home,
        int rounds,
        long durationNs,
        boolean json,
        @Nullable String only) {
    private static final String USAGE =
            "usage: run [--rounds N] [--millis N] [--only current|launch|alloc|names] [--json]";

    static OverheadOptions parse(String[] arguments) {
        int rounds = 21;
        long millis = 15;
        boolean json = false;
        String only = null;
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--json" -> json = true;
                case "--rounds" -> rounds = Math.max(3, Integer.parseInt(value(arguments, ++i)));
                case "--millis" -> millis = Long.parseLong(value(arguments, ++i));
                case "--only" -> only = value(arguments, ++i);
                default -> throw new IllegalArgumentException("'" + arguments[i] + "' is no option; " + USAGE);
            }
        }
        Path home = Path.of(System.getProperty("sluice.home", "")).toAbsolutePath();
        return new OverheadOptions(home, rounds, millis * 1_000_000, json, only);
    }

    private static String value(String[] arguments, int i) {
        if (i >= arguments.length) {
            throw new IllegalArgumentException("a value is missing; " + USAGE);
        }
        return arguments[i];
    }

    boolean selects(Workload workload) {
        return only == null || only.equals(workload.call().argument);
    }
}
