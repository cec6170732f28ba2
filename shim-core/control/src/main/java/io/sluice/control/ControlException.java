package io.sluice.control;

/** Something that a person must put right. The message is a sentence: what, where, what to do. */
public final class ControlException extends Exception {
    /** What kind of thing is in the way; each has an exit code of its own, from sysexits.h. */
    public enum Reason {
        NO_DRIVER(69),
        OUR_FAULT(70),
        /** Something is in use that has to be free first. */
        BUSY(75),
        NOT_PERMITTED(77),
        TENANT_FILE(78);

        private final int exitCode;

        Reason(int exitCode) {
            this.exitCode = exitCode;
        }

        /** What a process ends with that this keeps from its work. */
        public int exitCode() {
            return exitCode;
        }

        /** The reason behind an exit code of the probe; our own fault where it is none of them. */
        public static Reason of(int exitCode) {
            for (Reason reason : values()) {
                if (reason.exitCode == exitCode) {
                    return reason;
                }
            }
            return OUR_FAULT;
        }
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
