package io.sluice.cli;

import io.sluice.control.ControlException;
import io.sluice.policy.tenantfile.TenantFileException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;

/** Turns what went wrong into lines for a person and an exit code. A stack trace goes to a file, never to a terminal. */
final class Failures {
    private Failures() {}

    static int report(Exception failure, PrintWriter err) {
        if (failure instanceof TenantFileException wrong) {
            wrong.problems().forEach(problem -> err.println("sluice: " + problem));
            err.flush();
            return ExitCode.TENANT_FILE;
        }
        if (failure instanceof ControlException told) {
            err.println("sluice: " + told.getMessage());
            err.flush();
            return told.reason().exitCode();
        }
        return internal(failure, err);
    }

    static int internal(Throwable failure, PrintWriter err) {
        err.println("sluice: internal error (" + failure + "); " + keep(failure));
        err.flush();
        return ExitCode.OUR_FAULT;
    }

    private static String keep(Throwable failure) {
        try {
            Path log = Files.createTempFile("sluice-error-", ".log");
            try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(log))) {
                failure.printStackTrace(out);
            }
            return "please report it with " + log;
        } catch (IOException e) {
            return "its details could not be written to " + System.getProperty("java.io.tmpdir");
        }
    }
}
