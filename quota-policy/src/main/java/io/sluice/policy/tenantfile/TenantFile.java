package io.sluice.policy.tenantfile;

import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import io.sluice.policy.TenantName;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A valid tenant file.
 *
 * @param gpus in the order of the file, no two with the same selector; a GPU that none matches is denied
 * @param pinned the most page-locked host memory that the tenant's processes may hold together; empty for no limit
 */
public record TenantFile(TenantName tenant, OnFailure onFailure, List<GpuQuota> gpus, Optional<Bytes> pinned) {
    public TenantFile {
        gpus = List.copyOf(gpus);
    }

    /**
     * The entry that holds for a GPU: UUID before index before {@code "*"}.
     *
     * @return empty if none matches: the tenant may not use that GPU
     */
    public Optional<GpuQuota> quotaFor(int index, GpuId gpu) {
        return gpus.stream()
                .filter(quota -> quota.gpu().matches(index, gpu))
                .max(Comparator.comparingInt(quota -> quota.gpu().specificity()));
    }
}
