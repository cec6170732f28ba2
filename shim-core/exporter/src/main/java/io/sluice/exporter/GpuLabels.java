package io.sluice.exporter;

import io.sluice.control.Gpu;
import io.sluice.control.GpuState;
import io.sluice.control.KnownGpus;
import io.sluice.policy.GpuId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * What the label {@code gpu} says: NVML's index. A GPU that is not here now has the index it was last seen with, or its
 * UUID where that is not known or another GPU has it.
 */
final class GpuLabels {
    private final Map<UUID, String> labels = new HashMap<>();
    private final Set<String> taken = new HashSet<>();
    private final KnownGpus known;

    GpuLabels(List<GpuState> present, KnownGpus known) {
        this.known = known;
        present.stream().map(GpuState::gpu).forEach(this::put);
    }

    private void put(Gpu gpu) {
        String index = Integer.toString(gpu.index());
        labels.put(gpu.id().uuid(), index);
        taken.add(index);
    }

    String of(GpuId gpu) {
        return labels.computeIfAbsent(
                gpu.uuid(),
                uuid -> known.find(gpu)
                        .map(seen -> Integer.toString(seen.gpu().index()))
                        .filter(taken::add)
                        .orElse(gpu.toString()));
    }
}
