package io.sluice.control;

import io.sluice.bridge.ledger.ArbiterFile;
import io.sluice.bridge.ledger.Limits;
import io.sluice.policy.GpuId;
import io.sluice.policy.TenantName;
import io.sluice.policy.time.Share;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tenants whose files set no share of a GPU's time take turns, too, where others' do: each with an equal part of what the shares
 * leave, but {@value #LEAST_PERCENT} % at least. Nothing else holds them back.
 */
final class TurnWeights {
    private static final int LEAST_PERCENT = 1;

    private TurnWeights() {}

    /** Writes them into all tenants' limits. The caller holds the run directory's lock. */
    static void write(RunDirectory run) throws IOException, ControlException {
        Map<GpuId, List<Limits>> byGpu = new LinkedHashMap<>();
        for (TenantName tenant : run.tenantsWithLimits()) {
            try {
                Limits limits = Limits.createOrOpen(run.limits(tenant), tenant);
                for (GpuId gpu : limits.gpus()) {
                    if (limits.limit(gpu).isPresent()) {
                        byGpu.computeIfAbsent(gpu, added -> new ArrayList<>()).add(limits);
                    }
                }
            } catch (IOException e) {
                // Damaged limits permit nothing, so that they take no turns either; status tells of them.
            }
        }
        for (Map.Entry<GpuId, List<Limits>> gpu : byGpu.entrySet()) {
            write(run, gpu.getKey(), gpu.getValue());
        }
    }

    private static void write(RunDirectory run, GpuId gpu, List<Limits> tenants) throws IOException {
        int shared = tenants.stream()
                .flatMap(limits -> limits.share(gpu).stream())
                .mapToInt(Share::millionths)
                .sum();
        List<Limits> others =
                tenants.stream().filter(limits -> limits.share(gpu).isEmpty()).toList();
        if (shared > 0) {
            ArbiterFile.ensure(run.arbiter(gpu));
        }
        for (Limits limits : others) {
            int rest = Math.max((Share.WHOLE - shared) / others.size(), LEAST_PERCENT * Share.WHOLE / 100);
            limits.setNoShare(gpu, shared > 0 ? Optional.of(new Share(rest)) : Optional.empty());
        }
    }
}
