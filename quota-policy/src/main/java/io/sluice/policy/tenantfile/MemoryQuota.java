package io.sluice.policy.tenantfile;

import io.sluice.policy.Bytes;
import java.util.Optional;

/**
 * What a tenant may use of a GPU's memory.
 *
 * @param limit the most that the tenant's processes may hold together
 * @param warn how much of the limit may be used before it is told; a part is one of the limit, not of the GPU
 * @param onExcess what happens to a request for more
 */
public record MemoryQuota(MemoryLimit limit, Optional<MemoryLimit> warn, OnExcess onExcess) {

    /** Denies what is more than the limit. */
    public static MemoryQuota of(MemoryLimit limit) {
        return new MemoryQuota(limit, Optional.empty(), new OnExcess.Deny());
    }

    /** @param limitBytes what the limit is on the GPU in question */
    public Optional<Bytes> warnAt(Bytes limitBytes) {
        return warn.map(part -> part.of(limitBytes));
    }
}
