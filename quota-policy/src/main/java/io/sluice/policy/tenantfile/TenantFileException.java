package io.sluice.policy.tenantfile;

import java.util.List;
import java.util.stream.Collectors;

/** A tenant file that cannot be used, with everything that is wrong with it. */
public final class TenantFileException extends Exception {
    private final transient List<Problem> problems;

    public TenantFileException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    TenantFileException(Problem problem) {
        this(List.of(problem));
    }

    /** In the order of the file, never empty. */
    public List<Problem> problems() {
        return problems;
    }
}
