package io.sluice.bridge.ledger;

import java.io.IOException;
import java.nio.file.Path;

/** A ledger or limits file that cannot be used. The message is a sentence: what, where, what to do. */
public final class LedgerException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Reason {
        MISSING,
        /** Too short, no magic, or never finished. */
        TORN,
        /** Another layout, or another tenant's. */
        FOREIGN,
        /** Made before the machine was started last. */
        OTHER_BOOT
    }

    private final Reason reason;

    LedgerException(Reason reason, Path file, String what) {
        super(file + " " + what);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
