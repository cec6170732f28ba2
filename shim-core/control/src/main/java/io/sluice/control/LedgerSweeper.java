package io.sluice.control;

import io.sluice.policy.TenantName;
import java.nio.file.Path;

/** Takes back what dead processes of a tenant held. Only native code may do that. */
@FunctionalInterface
public interface LedgerSweeper {
    /** @throws IllegalStateException if the ledger cannot be used, with a sentence that says why */
    void sweep(Path runDirectory, TenantName tenant) throws ControlException;
}
