package io.sluice.conformance.checks;

import io.sluice.conformance.Expected;
import io.sluice.conformance.Result;

/** Answers that many functions share. */
final class Handles {
    /** The documentation lists both for most functions and does not say which of them a NULL handle gets. */
    static final Expected REFUSED_HANDLE = Result.INVALID_VALUE.or(Result.INVALID_HANDLE, Result.INVALID_CONTEXT);

    private Handles() {}
}
