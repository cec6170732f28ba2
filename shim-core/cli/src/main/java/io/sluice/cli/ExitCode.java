package io.sluice.cli;

import io.sluice.control.ControlException;

/** What {@code sluice} exits with when it is not the application that exits. From sysexits.h. */
final class ExitCode {
    static final int OK = 0;
    static final int USAGE = 64;
    static final int NO_DRIVER = 69;
    static final int OUR_FAULT = 70;
    static final int NOT_PERMITTED = 77;
    static final int TENANT_FILE = 78;

    private ExitCode() {}

    static int of(ControlException.Reason reason) {
        return switch (reason) {
            case NO_DRIVER -> NO_DRIVER;
            case NOT_PERMITTED -> NOT_PERMITTED;
            case TENANT_FILE -> TENANT_FILE;
            case OUR_FAULT -> OUR_FAULT;
        };
    }
}
