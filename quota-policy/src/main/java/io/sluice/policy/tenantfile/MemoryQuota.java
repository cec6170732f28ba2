package io.sluice.policy.tenantfile;

/**
 * What a tenant may use of a GPU's memory. More than the limit is denied: no other answer to excess is built yet.
 *
 * @param limit the most that the tenant's processes may hold together
 */
public record MemoryQuota(MemoryLimit limit) {}
