package io.sluice.bridge.ledger;

import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;

/**
 * What one tenant has on one GPU. Counters cover all its processes, past ones too, since the ledger was made.
 *
 * @param used charged now, by all live processes and by dead ones that nobody has swept yet
 * @param peak the most that was ever charged at once
 * @param allocations granted
 * @param denialsByLimit allocations over the limit
 * @param denialsByDeviceFull within the limit, but the GPU itself had no memory left
 * @param denialsByFailure refused because the account could not be used
 * @param refusedCalls calls of families that cannot be charged yet
 * @param launches kernels and graphs
 * @param ungovernedCalls calls forwarded that take memory Sluice does not charge yet
 */
public record GpuUsage(
        GpuId gpu,
        Bytes used,
        Bytes peak,
        long allocations,
        long denialsByLimit,
        long denialsByDeviceFull,
        long denialsByFailure,
        long refusedCalls,
        long launches,
        long ungovernedCalls,
        Excess excess,
        GpuTime time) {

    public long denials() {
        return denialsByLimit + denialsByDeviceFull + denialsByFailure;
    }
}
