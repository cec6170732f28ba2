package io.sluice.bridge.ledger;

import io.sluice.policy.Bytes;

/**
 * What one tenant has of its node's page-locked host memory. Counters cover all its processes, past ones too, since the
 * ledger was made.
 *
 * @param used in whole pages, by all live processes and by dead ones that nobody has swept yet
 * @param peak the most that was ever used at once
 * @param denialsByLimit requests over the limit
 * @param denialsByFailure refused because the account could not be used
 */
public record PinnedUsage(Bytes used, Bytes peak, long denialsByLimit, long denialsByFailure) {}
