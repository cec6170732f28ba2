package io.sluice.control;

import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import io.sluice.policy.TenantName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What the limits of all tenants promise of each GPU, once some plans hold. */
final class Commitments {
    private final Map<TenantName, Map<GpuId, Bytes>> before;
    private final Map<TenantName, Plan> plans;

    private Commitments(Map<TenantName, Map<GpuId, Bytes>> before, Map<TenantName, Plan> plans) {
        this.before = before;
        this.plans = plans;
    }

    /**
     * More is promised of a GPU than it has.
     *
     * @param raised whether one of the plans adds to it; a plan that lowers a limit is no reason to refuse anything
     * @param sentence which GPU, the sum, its memory, and who has the limits
     */
    record Excess(boolean raised, String sentence) {}

    /** The caller holds the run directory's lock. */
    static Commitments of(RunDirectory run, List<Plan> plans) throws ControlException {
        Map<TenantName, Plan> byTenant = new TreeMap<>((a, b) -> a.value().compareTo(b.value()));
        plans.forEach(plan -> byTenant.put(plan.tenant(), plan));
        Map<TenantName, Map<GpuId, Bytes>> before =
                new TreeMap<>((a, b) -> a.value().compareTo(b.value()));
        for (TenantName tenant : run.tenantsWithLimits()) {
            try {
                before.put(tenant, TenantBooks.limits(run, tenant));
            } catch (IOException e) {
                before.put(tenant, Map.of()); // a damaged file permits nothing, so it promises nothing
            }
        }
        byTenant.keySet().forEach(tenant -> before.putIfAbsent(tenant, Map.of()));
        return new Commitments(before, byTenant);
    }

    List<Excess> excess(GpuInventory inventory) {
        List<Excess> excess = new ArrayList<>();
        for (Gpu gpu : inventory.gpus()) {
            boolean raised = false;
            Bytes sum = Bytes.ZERO;
            List<String> shares = new ArrayList<>();
            for (Map.Entry<TenantName, Map<GpuId, Bytes>> entry : before.entrySet()) {
                Optional<Bytes> old = Optional.ofNullable(entry.getValue().get(gpu.id()));
                Plan plan = plans.get(entry.getKey());
                Optional<Bytes> limit =
                        plan == null ? old : Optional.ofNullable(plan.limits().get(gpu));
                if (limit.isPresent()) {
                    sum = sum.plus(limit.get());
                    shares.add(entry.getKey() + " (" + limit.get() + ")");
                    raised |= limit.get().compareTo(old.orElse(Bytes.ZERO)) > 0;
                }
            }
            if (sum.compareTo(gpu.memory()) > 0) {
                excess.add(new Excess(
                        raised,
                        "GPU " + gpu.index() + " is overcommitted: the limits of " + String.join(", ", shares)
                                + " add up to " + sum + ", and it has " + gpu.memory()));
            }
        }
        return excess;
    }
}
