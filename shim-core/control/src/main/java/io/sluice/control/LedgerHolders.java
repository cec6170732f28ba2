package io.sluice.control;

import io.sluice.policy.TenantName;
import java.nio.file.Path;
import java.util.OptionalInt;

/** Asks whether processes of a tenant still live that have joined a ledger. Only native code may look at their locks. */
@FunctionalInterface
public interface LedgerHolders {
    /** The id of one such process. */
    OptionalInt find(Path runDirectory, TenantName tenant) throws ControlException;
}
