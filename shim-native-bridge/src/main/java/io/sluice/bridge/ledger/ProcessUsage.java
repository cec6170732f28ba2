package io.sluice.bridge.ledger;

import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import java.util.Map;

/**
 * One process in a tenant's ledger. It may have died since: a dead process stays listed until somebody sweeps.
 *
 * @param pid in the process' own pid namespace
 * @param pidNamespace the inode of that namespace
 * @param held what it is charged for, on GPUs where that is not zero
 */
public record ProcessUsage(int slot, long pid, long pidNamespace, Map<GpuId, Bytes> held) {}
