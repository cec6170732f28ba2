package io.sluice.control;

import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import io.sluice.policy.TenantName;
import io.sluice.policy.time.Share;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.LongFunction;

/** What the limits of all tenants promise of each GPU, once some plans hold: of its memory and of its time. */
final class Commitments {
    private static final Comparator<TenantName> BY_NAME = Comparator.comparing(TenantName::value);

    /** How many bytes, or millionths of a GPU's time, each tenant has of each GPU. */
    private record Promised(Map<TenantName, Map<GpuId, Long>> before, Map<TenantName, Map<GpuId, Long>> after) {}

    private final Promised memory;
    private final Promised time;

    private Commitments(Promised memory, Promised time) {
        this.memory = memory;
        this.time = time;
    }

    /**
     * More is promised of a GPU than it has.
     *
     * @param raised whether one of the plans adds to it; a plan that lowers a limit is no reason to refuse anything
     * @param sentence which GPU, the sum, what it has, and who has the limits
     */
    record Excess(boolean raised, String sentence) {}

    /** The caller holds the run directory's lock. */
    static Commitments of(RunDirectory run, List<Plan> plans) throws ControlException {
        Promised memory = new Promised(new TreeMap<>(BY_NAME), new TreeMap<>(BY_NAME));
        Promised time = new Promised(new TreeMap<>(BY_NAME), new TreeMap<>(BY_NAME));
        for (TenantName tenant : run.tenantsWithLimits()) {
            try {
                Map<GpuId, Long> bytes = amounts(TenantBooks.limits(run, tenant), Bytes::value);
                Map<GpuId, Long> shares = amounts(TenantBooks.shares(run, tenant), share -> (long) share.millionths());
                memory.before.put(tenant, bytes);
                time.before.put(tenant, shares);
            } catch (IOException e) {
                // a damaged file permits nothing, so it promises nothing
            }
        }
        memory.after.putAll(memory.before);
        time.after.putAll(time.before);
        for (Plan plan : plans) {
            memory.after.put(plan.tenant(), amounts(plan.limitsById(), Bytes::value));
            time.after.put(plan.tenant(), amounts(plan.shares(), share -> (long) share.millionths()));
        }
        return new Commitments(memory, time);
    }

    List<Excess> excess(GpuInventory inventory) {
        List<Excess> excess = new ArrayList<>();
        for (Gpu gpu : inventory.gpus()) {
            LongFunction<String> bytes = amount -> Bytes.of(amount).toString();
            excess(gpu, memory, "limits", gpu.memory().value(), bytes).ifPresent(excess::add);
            excess(gpu, time, "shares", Share.WHOLE, Share::percent).ifPresent(excess::add);
        }
        return excess;
    }

    private static Optional<Excess> excess(
            Gpu gpu, Promised promised, String what, long present, LongFunction<String> text) {
        boolean raised = false;
        BigInteger sum = BigInteger.ZERO;
        List<String> parts = new ArrayList<>();
        for (Map.Entry<TenantName, Map<GpuId, Long>> tenant : promised.after.entrySet()) {
            long amount = tenant.getValue().getOrDefault(gpu.id(), 0L);
            long before =
                    promised.before.getOrDefault(tenant.getKey(), Map.of()).getOrDefault(gpu.id(), 0L);
            if (amount > 0) {
                sum = sum.add(BigInteger.valueOf(amount));
                parts.add(tenant.getKey() + " (" + text.apply(amount) + ")");
                raised |= amount > before;
            }
        }
        if (sum.compareTo(BigInteger.valueOf(present)) <= 0) {
            return Optional.empty();
        }
        String total = text.apply(sum.min(BigInteger.valueOf(Long.MAX_VALUE)).longValueExact());
        return Optional.of(new Excess(
                raised,
                "GPU " + gpu.index() + " is overcommitted: the " + what + " of " + String.join(", ", parts)
                        + " add up to " + total + ", and it has " + text.apply(present)));
    }

    private static <T> Map<GpuId, Long> amounts(Map<GpuId, T> of, Function<T, Long> amount) {
        Map<GpuId, Long> amounts = new LinkedHashMap<>();
        of.forEach((gpu, value) -> amounts.put(gpu, amount.apply(value)));
        return amounts;
    }
}
