package io.sluice.policy.time;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Who may launch while several contexts want one GPU: exclusive turns, by start-time fair queuing over tenants (Goyal, Vin, Cheng:
 * "Start-time Fair Queueing", 1996).
 *
 * <p>A tenant's virtual time moves on by what it uses, divided by its weight; the next turn is the tenant's whose virtual time is
 * least. A turn ends when its quantum is used up and the holder's work has drained. A kernel is never cut short: what it used too
 * much puts off the tenant's next turns. So it is the virtual time that makes the shares, and the quantum only how finely
 * turns are cut.
 *
 * <p>Worked: weights 30 and 70, quanta of 5 ms: a turn moves the first on by 16.7 ms, the second by 7.1 ms; in 50 ms
 * they have three and seven turns.
 *
 * <p>A tenant that returns from idling starts at the virtual time of the running turn, and so is next: it waits for one
 * turn at most, and what it did not use while it was idle is nobody's.
 */
public final class Turns {
    public static final long LATENCY_QUANTUM_NS = 2_000_000;
    public static final long NORMAL_QUANTUM_NS = 5_000_000;
    public static final long BATCH_QUANTUM_NS = 10_000_000;
    /** A holder whose work runs on for longer than this, and than 4 times its estimate, is no longer alone. */
    public static final long PATIENCE_NS = 10_000_000;

    private static final int PATIENCE_FACTOR = 4;

    private static final class Tenant {
        private final Share weight;
        private final long quantumNs;
        private final List<Integer> backlogged = new ArrayList<>();
        private long virtualNs;
        private long served;

        private Tenant(Share weight, long quantumNs) {
            this.weight = weight;
            this.quantumNs = quantumNs;
        }
    }

    private final Map<Integer, Tenant> tenants = new LinkedHashMap<>();
    private long virtualNs;
    private long turns;
    private Tenant holdingTenant = new Tenant(new Share(Share.LEAST), 0);
    private OptionalInt holder = OptionalInt.empty();
    private long turnLeftNs;
    private boolean exclusive = true;

    /** @param weight the share set, or {@link #partOfTheRest} of a tenant that has none */
    public void add(int tenant, Share weight, long quantumNs) {
        tenants.put(tenant, new Tenant(weight, quantumNs));
    }

    /** The weight of each of {@code others} tenants (at least 1) without a share: an equal part of what is left, if little the least. */
    public static Share partOfTheRest(List<Share> given, int others) {
        long left = Share.WHOLE - given.stream().mapToLong(Share::millionths).sum();
        return new Share((int) Math.max(Share.LEAST, left / others));
    }

    /** A context has something to launch that its bucket would admit. */
    public void backlogged(int context, int tenant) {
        Tenant of = tenant(tenant);
        if (of.backlogged.contains(context)) {
            return;
        }
        of.backlogged.add(context);
        if (of.backlogged.size() == 1) {
            of.virtualNs = Math.max(of.virtualNs, virtualNs);
        }
        if (holder.isEmpty()) {
            next();
        }
    }

    /** A context has nothing to launch and nothing on the GPU; or its process has died or is stopped, and its last kernel has ended. */
    public void idle(int context, int tenant) {
        Tenant of = tenant(tenant);
        of.backlogged.remove((Integer) context);
        if (holds(context)) {
            exclusive = true;
            next();
        }
    }

    /** All that the context launched has ended. */
    public void drained(int context) {
        if (holds(context)) {
            exclusive = true;
            if (turnLeftNs <= 0) {
                next();
            }
        }
    }

    /** Whether a context may launch now: the only one that wants to, the holder of an unused turn, or nobody is alone. */
    public boolean mayLaunch(int context) {
        return !contended() || !exclusive || (holds(context) && turnLeftNs > 0);
    }

    /** Takes device time off a tenant: an estimate at launch, then what was wrong in it, which may be negative. */
    public void used(int tenant, long deviceNs) {
        Tenant of = tenant(tenant);
        of.virtualNs += deviceNs < 0 ? -of.weight.wallNs(-deviceNs) : of.weight.wallNs(deviceNs);
        if (of == holdingTenant) {
            turnLeftNs -= deviceNs;
        }
    }

    /**
     * Looks whether the holder's work runs on for too long, so that kernels which wait for each other cannot deadlock.
     * Then all may launch until it drains, and what passes is taken off by {@link #split}.
     *
     * @param runningNs wall time since the holder's last kernel began
     */
    public void watch(long runningNs, long estimateNs) {
        exclusive &=
                runningNs <= Math.max(PATIENCE_NS, PATIENCE_FACTOR * Math.min(estimateNs, TimeBucket.LONGEST_WORK_NS));
    }

    /** Takes wall time in which nobody was alone off the tenants of the contexts that had work, in equal parts. */
    public void split(long elapsedNs, List<Integer> tenantsOfContexts) {
        tenantsOfContexts.forEach(tenant -> used(tenant, elapsedNs / tenantsOfContexts.size()));
    }

    /** Whether two contexts or more want the GPU. */
    public boolean contended() {
        int contexts = 0;
        for (Tenant tenant : tenants.values()) {
            contexts += tenant.backlogged.size();
        }
        return contexts > 1;
    }

    public OptionalInt holder() {
        return holder;
    }

    private void next() {
        Optional<Tenant> least = tenants.values().stream()
                .filter(tenant -> !tenant.backlogged.isEmpty())
                .min(Comparator.<Tenant>comparingLong(tenant -> tenant.virtualNs)
                        .thenComparingLong(tenant -> tenant.served));
        if (least.isEmpty()) {
            holder = OptionalInt.empty();
            holdingTenant = new Tenant(new Share(Share.LEAST), 0);
            return;
        }
        Tenant chosen = least.get();
        int context = chosen.backlogged.remove(0);
        chosen.backlogged.add(context);
        chosen.served = ++turns;
        virtualNs = chosen.virtualNs;
        holdingTenant = chosen;
        holder = OptionalInt.of(context);
        turnLeftNs = chosen.quantumNs;
    }

    private boolean holds(int context) {
        return holder.isPresent() && holder.getAsInt() == context;
    }

    private Tenant tenant(int number) {
        Tenant tenant = tenants.get(number);
        if (tenant == null) {
            throw new IllegalArgumentException("no tenant " + number + " takes turns: add it first");
        }
        return tenant;
    }
}
