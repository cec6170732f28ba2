package io.sluice.conformance;

/** Ends a check before its last statement, with any verdict but PASS. */
final class CheckEnded extends RuntimeException {
    private final Verdict verdict;

    CheckEnded(Verdict verdict, String detail) {
        super(detail, null, false, false);
        this.verdict = verdict;
    }

    Verdict verdict() {
        return verdict;
    }

    String detail() {
        return String.valueOf(getMessage());
    }
}
