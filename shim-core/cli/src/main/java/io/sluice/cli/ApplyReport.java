package io.sluice.cli;

import io.sluice.control.AppliedLimit;
import io.sluice.control.Apply;
import io.sluice.control.ApplyFiles;
import io.sluice.policy.Bytes;
import java.io.PrintWriter;
import java.util.Optional;

/** What {@code apply} tells: limits on stdout, one line per tenant and GPU; all that a person must look at on stderr. */
final class ApplyReport {
    private final PrintWriter out;
    private final PrintWriter err;

    ApplyReport(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    /** @return the exit code: that of the first thing that was not applied */
    int print(ApplyFiles.Outcome outcome) {
        for (Apply.Result result : outcome.applied()) {
            for (AppliedLimit limit : result.limits()) {
                out.println("tenant " + result.tenant() + ": GPU " + name(limit) + ": " + amount(limit.limit())
                        + (limit.changed() ? " (was " + amount(limit.before()) + ")" : ""));
            }
        }
        out.flush();
        outcome.warnings().forEach(this::warn);
        outcome.failures().forEach(failure -> warn(failure.line()));
        return outcome.failures().stream()
                .findFirst()
                .map(failure -> failure.reason().exitCode())
                .orElse(ExitCode.OK);
    }

    void warn(String line) {
        err.println("sluice: " + line);
        err.flush();
    }

    private static String name(AppliedLimit limit) {
        return limit.known()
                .map(known -> known.gpu().index() + (known.simulated() ? " (sim)" : ""))
                .orElseGet(() -> limit.gpu().toString());
    }

    private static String amount(Optional<Bytes> limit) {
        return limit.map(Bytes::toString).orElse("none");
    }
}
