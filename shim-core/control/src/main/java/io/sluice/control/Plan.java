package io.sluice.control;

import io.sluice.control.ControlException.Reason;
import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import io.sluice.policy.TenantName;
import io.sluice.policy.tenantfile.GpuQuota;
import io.sluice.policy.tenantfile.TenantFile;
import io.sluice.policy.time.Share;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a tenant file means on this node.
 *
 * @param limits in bytes, of each GPU that the tenant may use, in the order of NVML's indices
 * @param quotas what the file says of each of these GPUs
 * @param warnings sentences for the person who applies the file
 */
record Plan(TenantSource source, Map<Gpu, Bytes> limits, Map<Gpu, GpuQuota> quotas, List<String> warnings) {
    Plan {
        limits = Collections.unmodifiableMap(new LinkedHashMap<>(limits));
        quotas = Map.copyOf(quotas);
        warnings = List.copyOf(warnings);
    }

    TenantName tenant() {
        return source.file().tenant();
    }

    Map<GpuId, Bytes> limitsById() {
        Map<GpuId, Bytes> byId = new LinkedHashMap<>();
        limits.forEach((gpu, limit) -> byId.put(gpu.id(), limit));
        return byId;
    }

    /** Of each GPU's time, where the file sets one. */
    Map<GpuId, Share> shares() {
        Map<GpuId, Share> shares = new LinkedHashMap<>();
        quotas.forEach((gpu, quota) -> quota.sm().ifPresent(sm -> shares.put(gpu.id(), sm.share())));
        return shares;
    }

    /** @throws ControlException if the file is about no GPU of this host */
    static Plan of(TenantSource source, GpuInventory inventory) throws ControlException {
        TenantFile file = source.file();
        Map<Gpu, Bytes> limits = new LinkedHashMap<>();
        Map<Gpu, GpuQuota> quotas = new LinkedHashMap<>();
        for (Gpu gpu : inventory.gpus()) {
            file.quotaFor(gpu.index(), gpu.id()).ifPresent(quota -> {
                limits.put(gpu, quota.memory().limit().of(gpu.memory()));
                quotas.put(gpu, quota);
            });
        }
        List<String> warnings = new ArrayList<>();
        for (GpuQuota quota : file.gpus()) {
            boolean here = inventory.gpus().stream().anyMatch(gpu -> quota.gpu().matches(gpu.index(), gpu.id()));
            if (!here) {
                warnings.add(
                        source.origin() + ": this host has no GPU '" + quota.gpu() + "'; it has " + present(inventory));
            }
        }
        if (limits.isEmpty()) {
            throw new ControlException(
                    Reason.TENANT_FILE,
                    source.origin() + ": no entry of 'gpus' is about a GPU of this host, which has "
                            + present(inventory));
        }
        return new Plan(source, limits, quotas, warnings);
    }

    private static String present(GpuInventory inventory) {
        return String.join(
                ", ",
                inventory.gpus().stream()
                        .map(gpu -> gpu.index() + " (" + gpu.id() + ")")
                        .toList());
    }
}
