package io.sluice.bridge.ledger;

import io.sluice.policy.Bytes;

/**
 * What a tenant's ledger took back from processes that died.
 *
 * @param processes how many
 * @param bytes their memory, over all GPUs
 */
public record Reclaims(long processes, Bytes bytes) {}
