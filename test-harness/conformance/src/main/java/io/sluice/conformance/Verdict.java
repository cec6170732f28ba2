package io.sluice.conformance;

/** How a check ended. */
public enum Verdict {
    PASS("PASS"),
    FAIL("FAIL"),
    /** This machine has not what the check needs, such as a second GPU. */
    NOT_APPLICABLE("NOT APPLICABLE"),
    /** The driver says that it, or the device, does not do this. */
    NOT_SUPPORTED("NOT SUPPORTED");

    private final String words;

    Verdict(String words) {
        this.words = words;
    }

    @Override
    public String toString() {
        return words;
    }
}
