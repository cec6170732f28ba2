package io.sluice.control;

import io.sluice.bridge.ledger.Ledger;
import io.sluice.bridge.ledger.LedgerException;
import io.sluice.bridge.ledger.Limits;
import io.sluice.control.ControlException.Reason;
import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import io.sluice.policy.TenantName;
import io.sluice.policy.tenantfile.GpuQuota;
import io.sluice.policy.tenantfile.TenantFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Makes a tenant file hold on this node: percentages become bytes, indices become UUIDs, and the tenant's limits and
 * ledger are as the file says when this returns. Running processes follow at once. Applying the same file again changes
 * nothing.
 */
public final class Apply {
    private final RunDirectory run;
    private final GpuInventory inventory;
    private final LedgerHolders holders;

    public Apply(RunDirectory run, GpuInventory inventory, LedgerHolders holders) {
        this.run = run;
        this.inventory = inventory;
        this.holders = holders;
    }

    /**
     * What applying did.
     *
     * @param limits per GPU that the tenant may use
     * @param warnings sentences for the person who applied it
     */
    public record Result(Map<Gpu, Bytes> limits, List<String> warnings) {}

    public Result apply(TenantSource source) throws ControlException {
        List<String> warnings = new ArrayList<>();
        Map<Gpu, Bytes> limits = resolve(source, warnings);
        run.ensure();
        if (!run.mayApply()) {
            requireApplied(source);
            return new Result(limits, warnings);
        }
        try {
            return run.whileLocked(() -> {
                write(source, limits, warnings);
                return new Result(limits, warnings);
            });
        } catch (LedgerException e) {
            throw new ControlException(Reason.OUR_FAULT, String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new ControlException(
                    Reason.NOT_PERMITTED, "the run directory " + run.root() + " cannot be used (" + e + ")", e);
        }
    }

    private void write(TenantSource source, Map<Gpu, Bytes> limits, List<String> warnings)
            throws IOException, ControlException {
        TenantName tenant = source.file().tenant();
        TenantStore store = new TenantStore(run);
        Optional<TenantSource> before = store.find(tenant);
        before.filter(old ->
                        !old.origin().equals(source.origin()) && !old.file().equals(source.file()))
                .ifPresent(old -> warnings.add("the limits of tenant '" + tenant + "' are now those of "
                        + source.origin() + "; they were those of " + old.origin()));
        run.ensureTenantFolder(tenant);
        run.ensureLocks(tenant);
        openLedger(tenant, limits);
        writeLimits(tenant, limits);
        if (before.isEmpty() || !before.get().equals(source)) {
            store.put(source);
        }
        KnownGpus.remember(run, inventory);
    }

    private Map<Gpu, Bytes> resolve(TenantSource source, List<String> warnings) throws ControlException {
        TenantFile file = source.file();
        Map<Gpu, Bytes> limits = new LinkedHashMap<>();
        for (Gpu gpu : inventory.gpus()) {
            file.quotaFor(gpu.index(), gpu.id())
                    .ifPresent(quota -> limits.put(gpu, quota.memory().limit().of(gpu.memory())));
        }
        for (GpuQuota quota : file.gpus()) {
            boolean here = inventory.gpus().stream().anyMatch(gpu -> quota.gpu().matches(gpu.index(), gpu.id()));
            if (!here) {
                warnings.add(source.origin() + ": this host has no GPU '" + quota.gpu() + "'; it has " + present());
            }
        }
        if (limits.isEmpty()) {
            throw new ControlException(
                    Reason.TENANT_FILE,
                    source.origin() + ": no entry of 'gpus' is about a GPU of this host, which has " + present());
        }
        return limits;
    }

    private String present() {
        return String.join(
                ", ",
                inventory.gpus().stream()
                        .map(gpu -> gpu.index() + " (" + gpu.id() + ")")
                        .toList());
    }

    /** Somebody else keeps the limits: the user's file must be the one that holds. */
    private void requireApplied(TenantSource source) throws ControlException {
        TenantName tenant = source.file().tenant();
        boolean same = new TenantStore(run)
                .find(tenant)
                .map(applied -> applied.file().equals(source.file()))
                .orElse(false);
        if (!same) {
            throw Folders.notPermitted(
                    run.root(),
                    "is not writable for this user, who therefore may not apply " + source.origin()
                            + ": have it applied, or use '--tenant " + tenant + "' for the limits that hold");
        }
    }

    /** Keeps the ledger that running processes use; one of another boot has none and makes room for a new one. */
    private void openLedger(TenantName tenant, Map<Gpu, Bytes> limits) throws IOException, ControlException {
        List<GpuId> gpus = limits.keySet().stream().map(Gpu::id).toList();
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
                    requireNobodyHoldsTheOldOne(tenant);
                    Ledger.create(run.ledger(tenant), tenant, gpus);
                }
                case OTHER_BOOT -> Ledger.create(run.ledger(tenant), tenant, gpus);
                default -> throw e;
            }
        }
    }

    /** Processes that map a removed ledger go on booking there: beside a new one, the tenant would have its quota twice. */
    private void requireNobodyHoldsTheOldOne(TenantName tenant) throws ControlException {
        OptionalInt holder = holders.find(run.root(), tenant);
        if (holder.isPresent()) {
            throw new ControlException(
                    Reason.OUR_FAULT,
                    run.ledger(tenant) + " was removed while processes of tenant '" + tenant
                            + "' still use it, among them " + holder.getAsInt()
                            + ": stop them first, or the tenant would have its quota twice");
        }
    }

    private void writeLimits(TenantName tenant, Map<Gpu, Bytes> wanted) throws IOException {
        Limits limits = Limits.createOrOpen(run.limits(tenant), tenant);
        wanted.forEach((gpu, limit) -> {
            if (!limits.limit(gpu.id()).equals(Optional.of(limit))) {
                limits.set(gpu.id(), limit);
            }
        });
        for (GpuId listed : limits.gpus()) {
            if (wanted.keySet().stream().noneMatch(gpu -> gpu.id().uuid().equals(listed.uuid()))) {
                limits.unlist(listed);
            }
        }
    }
}
