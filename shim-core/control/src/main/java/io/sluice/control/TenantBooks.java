package io.sluice.control;

import io.sluice.bridge.ledger.Ledger;
import io.sluice.bridge.ledger.LedgerException;
import io.sluice.bridge.ledger.Limits;
import io.sluice.control.ControlException.Reason;
import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import io.sluice.policy.TenantName;
import io.sluice.policy.tenantfile.GpuQuota;
import io.sluice.policy.tenantfile.MemoryQuota;
import io.sluice.policy.tenantfile.SmQuota;
import io.sluice.policy.time.Share;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BiFunction;

/** The ledger and the limits of one tenant. Whoever changes them holds the run directory's lock. */
record TenantBooks(RunDirectory run, TenantName tenant, LedgerHolders holders) {

    /** The memory limits that hold now; nothing where the tenant has none. */
    static Map<GpuId, Bytes> limits(RunDirectory run, TenantName tenant) throws IOException {
        return held(run, tenant, Limits::limit);
    }

    /** The shares of GPUs' time that hold now, likewise. */
    static Map<GpuId, Share> shares(RunDirectory run, TenantName tenant) throws IOException {
        return held(run, tenant, Limits::share);
    }

    private static <T> Map<GpuId, T> held(
            RunDirectory run, TenantName tenant, BiFunction<Limits, GpuId, Optional<T>> what) throws IOException {
        Map<GpuId, T> held = new LinkedHashMap<>();
        try {
            Limits limits = Limits.open(run.limits(tenant));
            for (GpuId gpu : limits.gpus()) {
                if (limits.limit(gpu).isPresent()) {
                    what.apply(limits, gpu).ifPresent(value -> held.put(gpu, value));
                }
            }
        } catch (LedgerException e) {
            if (e.reason() != LedgerException.Reason.MISSING) {
                throw e;
            }
        }
        return held;
    }

    void write(Plan plan) throws IOException, ControlException {
        run.ensureTenantFolder(tenant);
        run.ensureLocks(tenant);
        openLedger(plan.limits().keySet().stream().map(Gpu::id).toList());
        writeLimits(plan);
    }

    /** Keeps the ledger that running processes use; one of another boot has none and makes room for a new one. */
    private void openLedger(List<GpuId> gpus) throws IOException, ControlException {
        try {
            Ledger ledger = Ledger.open(run.ledger(tenant));
            if (!ledger.tenant().equals(tenant)) {
                throw new ControlException(
                        Reason.OUR_FAULT,
                        run.ledger(tenant) + " is the ledger of tenant '" + ledger.tenant() + "': remove it");
            }
            for (GpuId gpu : gpus) {
                ledger.addGpu(gpu);
            }
        } catch (LedgerException e) {
            switch (e.reason()) {
                case MISSING -> {
                    requireNobodyHoldsTheOldOne();
                    Ledger.create(run.ledger(tenant), tenant, gpus);
                }
                case OTHER_BOOT -> Ledger.create(run.ledger(tenant), tenant, gpus);
                default -> throw e;
            }
        }
    }

    /** Processes that map a removed ledger go on booking there: beside a new one, the tenant would have its quota twice. */
    private void requireNobodyHoldsTheOldOne() throws ControlException {
        OptionalInt holder = holders.find(run.root(), tenant);
        if (holder.isPresent()) {
            throw new ControlException(
                    Reason.OUR_FAULT,
                    run.ledger(tenant) + " was removed while processes of tenant '" + tenant
                            + "' still use it, among them " + holder.getAsInt()
                            + ": stop them first, or the tenant would have its quota twice");
        }
    }

    private void writeLimits(Plan plan) throws IOException {
        Map<Gpu, Bytes> wanted = plan.limits();
        Limits limits = Limits.createOrOpen(run.limits(tenant), tenant);
        limits.setPinned(plan.source().file().pinned());
        wanted.forEach((gpu, limit) -> {
            if (!limits.limit(gpu.id()).equals(Optional.of(limit))) {
                limits.set(gpu.id(), limit);
            }
            GpuQuota quota = plan.quotas().get(gpu);
            if (quota != null) {
                MemoryQuota memory = quota.memory();
                limits.setExcess(gpu.id(), memory.warnAt(limit).orElse(Bytes.ZERO), memory.onExcess());
                writeShare(limits, gpu.id(), quota.sm());
            }
        });
        ContextFigures.write(run, limits);
        for (GpuId listed : limits.gpus()) {
            if (wanted.keySet().stream().noneMatch(gpu -> gpu.id().uuid().equals(listed.uuid()))) {
                limits.unlist(listed);
            }
        }
    }

    /** Which part of the rest a tenant without a share has, all tenants' shares decide: see {@link TurnWeights}. */
    private static void writeShare(Limits limits, GpuId gpu, Optional<SmQuota> quota) {
        if (quota.isPresent()) {
            limits.setShare(gpu, quota.get());
        } else if (limits.share(gpu).isPresent()) {
            limits.setNoShare(gpu, Optional.empty());
        }
    }
}
