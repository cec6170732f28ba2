package io.sluice.conformance;

/**
 * What came of a check.
 *
 * @param detail what was expected and got, or why it could not be tried; empty if passed. It has no address and no time in it, so
 *     that two runs can be compared.
 */
record Outcome(Check check, Verdict verdict, String detail) {
    String line() {
        String line = String.format(
                "%-14s %s  [%s] %s", verdict, check.id(), check.section().title(), check.statement());
        return detail.isEmpty() ? line : line + "\n" + " ".repeat(15) + detail;
    }
}
