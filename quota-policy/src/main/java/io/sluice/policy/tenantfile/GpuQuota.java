package io.sluice.policy.tenantfile;

/** One entry of a tenant file: which GPUs, and what the tenant may use of each. */
public record GpuQuota(GpuSelector gpu, MemoryQuota memory) {}
