package io.sluice.control;

/** Something that a person must put right. The message is a sentence: what, where, what to do. */
public final class ControlException extends Exception {
    /** What kind of thing is in the way; each has an exit code of its own. */
    public enum Reason {
        NO_DRIVER,
        NOT_PERMITTED,
        TENANT_FILE,
        OUR_FAULT
    }

    private final Reason reason;

    public ControlException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public ControlException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
