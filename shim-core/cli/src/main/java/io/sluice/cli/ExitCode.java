package io.sluice.cli;

import io.sluice.control.ControlException.Reason;

/** What {@code sluice} exits with when it is not the application that exits. From sysexits.h. */
final class ExitCode {
    static final int OK = 0;
    static final int USAGE = 64;
    static final int NO_DRIVER = Reason.NO_DRIVER.exitCode();
    static final int OUR_FAULT = Reason.OUR_FAULT.exitCode();
    static final int NOT_PERMITTED = Reason.NOT_PERMITTED.exitCode();
    static final int TENANT_FILE = Reason.TENANT_FILE.exitCode();

    private ExitCode() {}
}
