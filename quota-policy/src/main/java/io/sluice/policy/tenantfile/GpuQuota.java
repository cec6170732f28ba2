package io.sluice.policy.tenantfile;

import java.util.Optional;

/**
 * One entry of a tenant file: which GPUs, and what the tenant may use of each.
 *
 * @param sm of the GPU's time; empty for no quota
 */
public record GpuQuota(GpuSelector gpu, MemoryQuota memory, Optional<SmQuota> sm) {}
