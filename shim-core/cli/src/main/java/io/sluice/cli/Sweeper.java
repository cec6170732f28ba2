package io.sluice.cli;

import io.sluice.bridge.ledger.NativeControl;
import io.sluice.control.ControlException;
import io.sluice.control.RunDirectory;
import io.sluice.policy.TenantName;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;

/**
 * Takes back what dead processes held, so that nobody is shown memory that nobody has. Where that cannot be done, what is
 * shown is still true of the books, and a line says so.
 */
final class Sweeper {
    private final Installation installation;
    private final PrintWriter err;
    private @Nullable NativeControl control;

    Sweeper(Installation installation, PrintWriter err) {
        this.installation = installation;
        this.err = err;
    }

    void sweep(RunDirectory run, TenantName tenant) {
        try {
            NativeControl loaded = control;
            if (loaded == null) {
                loaded = NativeControl.load(installation.controlLibrary());
                control = loaded;
            }
            loaded.sweep(run.root(), tenant);
        } catch (ControlException | IllegalStateException | UnsatisfiedLinkError e) {
            err.println("sluice: tenant '" + tenant + "': memory of dead processes may be counted: " + e.getMessage());
        }
    }
}
