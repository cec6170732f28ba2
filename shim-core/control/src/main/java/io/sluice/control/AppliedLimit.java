package io.sluice.control;

import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The limit of one tenant on one GPU, and what it was before it was applied.
 *
 * @param known its index and name, if this run directory has seen it
 * @param limit empty if the tenant may not use the GPU
 * @param before empty if it might not
 */
public record AppliedLimit(GpuId gpu, Optional<KnownGpus.Known> known, Optional<Bytes> limit, Optional<Bytes> before) {

    public boolean changed() {
        return !limit.equals(before);
    }

    static List<AppliedLimit> compare(Map<GpuId, Bytes> before, Map<Gpu, Bytes> now, KnownGpus known) {
        Map<GpuId, Optional<Bytes>> limits = new LinkedHashMap<>();
        now.forEach((gpu, limit) -> limits.put(gpu.id(), Optional.of(limit)));
        before.keySet().forEach(gpu -> limits.putIfAbsent(gpu, Optional.empty()));
        List<AppliedLimit> compared = new ArrayList<>();
        limits.forEach((gpu, limit) ->
                compared.add(new AppliedLimit(gpu, known.find(gpu), limit, Optional.ofNullable(before.get(gpu)))));
        return compared;
    }
}
