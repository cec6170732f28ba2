package io.sluice.conformance;

import io.sluice.conformance.checks.AllChecks;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** All checks, in the order in which they run and are told. */
public final class Suite {
    private final Map<String, Check> checks = new LinkedHashMap<>();

    private Suite() {}

    static Suite whole() {
        Suite suite = new Suite();
        AllChecks.declare(suite);
        return suite;
    }

    /** Checks of this section, in the shared process; being refused is a failure. */
    public Group section(Section section) {
        return new Group(this::add, section, Place.SHARED, new Support.Always());
    }

    /** @param pattern of ids; a star stands for anything */
    List<Check> matching(String pattern) {
        Pattern ids = Pattern.compile(
                Arrays.stream(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")));
        return checks.values().stream()
                .filter(check -> ids.matcher(check.id()).matches())
                .toList();
    }

    Check check(String id) {
        Check check = checks.get(id);
        if (check == null) {
            throw new IllegalArgumentException("there is no check '" + id + "'");
        }
        return check;
    }

    private void add(Check check) {
        if (check.id().indexOf('/') <= 0 || checks.putIfAbsent(check.id(), check) != null) {
            throw new IllegalStateException("'" + check.id() + "' is no id, or another check has it");
        }
    }
}
