package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.OUT;
import static io.sluice.conformance.Result.INVALID_VALUE;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Group;
import io.sluice.conformance.Result;
import io.sluice.conformance.Section;
import io.sluice.conformance.Suite;
import io.sluice.conformance.Trial;

/** Names and descriptions of results. They need neither cuInit nor a context. */
final class ErrorChecks {
    /** No version of CUDA has given it a meaning. */
    private static final int NO_RESULT = 123_456;

    private ErrorChecks() {}

    static void declare(Suite suite) {
        Group errors = suite.section(Section.ERRORS).untouched("errors");
        errors.check(
                        "cuGetErrorName/every-result",
                        "each documented result has the name that the header gives it",
                        ErrorChecks::namesAreTheHeaders)
                .check(
                        "cuGetErrorString/every-result",
                        "each documented result has a description",
                        ErrorChecks::everyResultIsDescribed)
                .check(
                        "cuGetErrorName/unknown",
                        "a value that is no result is an invalid value, and the name is NULL",
                        trial -> putsNull(trial, "cuGetErrorName"))
                .check(
                        "cuGetErrorString/unknown",
                        "a value that is no result is an invalid value, and the description is NULL",
                        trial -> putsNull(trial, "cuGetErrorString"))
                .answers(INVALID_VALUE, "cuGetErrorName/null", "the place for the name must not be NULL", 0, NULL)
                .answers(INVALID_VALUE, "cuGetErrorString/null", "the place for the text must not be NULL", 0, NULL)
                .answers(INVALID_VALUE, "cuGetErrorName/negative", "a negative value is no result", -1, OUT)
                .answers(INVALID_VALUE, "cuGetErrorString/negative", "a negative value is no result", -1, OUT);
    }

    private static void namesAreTheHeaders(Trial trial) {
        for (Result result : Result.values()) {
            Pointer name = text(trial, "cuGetErrorName", result);
            trial.that(
                    result.headerName().equals(name.getString(0)),
                    result.code() + " is " + result.headerName() + ", and the driver calls it " + name.getString(0));
        }
    }

    private static void everyResultIsDescribed(Trial trial) {
        for (Result result : Result.values()) {
            trial.that(
                    !text(trial, "cuGetErrorString", result).getString(0).isBlank(),
                    result.headerName() + " has an empty description");
        }
    }

    private static Pointer text(Trial trial, String function, Result result) {
        Memory out = trial.room(8);
        trial.ok(function, result.code(), out);
        Pointer text = out.getPointer(0);
        if (text == null) {
            throw trial.failure(function + " succeeded for " + result.headerName() + " and put out NULL");
        }
        return text;
    }

    private static void putsNull(Trial trial, String function) {
        Memory out = trial.room(8);
        out.setLong(0, 1);
        trial.expect(INVALID_VALUE, function, NO_RESULT, out);
        trial.equal(0, out.getLong(0), "the address put out for an unknown result");
    }
}
