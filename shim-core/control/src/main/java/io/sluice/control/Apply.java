package io.sluice.control;

import io.sluice.bridge.ledger.LedgerException;
import io.sluice.control.ControlException.Reason;
import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import io.sluice.policy.TenantName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes tenant files hold on this node: percentages become bytes, indices become UUIDs, and the tenants' limits and
 * ledgers are as the files say when this returns. Running processes follow at once. Applying the same file again changes
 * nothing.
 */
public final class Apply {
    private final RunDirectory run;
    private final GpuInventory inventory;
    private final LedgerHolders holders;
    private final Overcommit overcommit;

    public Apply(RunDirectory run, GpuInventory inventory, LedgerHolders holders, Overcommit overcommit) {
        this.run = run;
        this.inventory = inventory;
        this.holders = holders;
        this.overcommit = overcommit;
    }

    /**
     * What applying one file did.
     *
     * @param limits of each GPU that the tenant may use, or might use before
     * @param warnings sentences for the person who applied it
     */
    public record Result(TenantName tenant, List<AppliedLimit> limits, List<String> warnings) {}

    /**
     * What applying several files did.
     *
     * @param failed tenants whose limits stay as they were, with the reason
     * @param warnings about no single tenant
     */
    public record Results(List<Result> applied, Map<TenantName, ControlException> failed, List<String> warnings) {}

    /** Applies the file of an application that is about to start. What was overcommitted before is not said again. */
    public Result apply(TenantSource source) throws ControlException {
        Plan plan = Plan.of(source, inventory);
        run.ensure();
        if (!run.mayApply()) {
            requireApplied(source);
            return unchanged(plan);
        }
        return whileLocked(() -> {
            Map<GpuId, Bytes> before = TenantBooks.limits(run, plan.tenant());
            List<String> warnings = new ArrayList<>(plan.warnings());
            if (!before.equals(plan.limitsById())
                    || !TenantBooks.shares(run, plan.tenant()).equals(plan.shares())) {
                warnings.addAll(judge(List.of(plan), true));
            }
            Result result = write(plan, before, warnings);
            TurnWeights.write(run);
            return result;
        });
    }

    /**
     * Applies files of different tenants, each for itself.
     *
     * @throws ControlException if nothing was changed: the run directory cannot be used, or overcommitting is refused
     */
    public Results applyAll(List<TenantSource> sources) throws ControlException {
        Map<TenantName, ControlException> failed = new LinkedHashMap<>();
        List<Result> applied = new ArrayList<>();
        List<Plan> plans = new ArrayList<>();
        run.ensure();
        boolean mayApply = run.mayApply();
        for (TenantSource source : sources) {
            try {
                Plan plan = Plan.of(source, inventory);
                if (mayApply) {
                    plans.add(plan);
                } else {
                    requireApplied(source);
                    applied.add(unchanged(plan));
                }
            } catch (ControlException e) {
                failed.put(source.file().tenant(), e);
            }
        }
        return mayApply ? whileLocked(() -> writeAll(plans, applied, failed)) : new Results(applied, failed, List.of());
    }

    private Results writeAll(List<Plan> plans, List<Result> applied, Map<TenantName, ControlException> failed)
            throws IOException, ControlException {
        List<String> warnings;
        try {
            warnings = judge(plans, false);
        } catch (ControlException e) {
            for (Plan plan : plans) {
                ReloadRecord.failed(run, plan.tenant());
            }
            throw e;
        }
        for (Plan plan : plans) {
            try {
                applied.add(write(plan, TenantBooks.limits(run, plan.tenant()), plan.warnings()));
                ReloadRecord.succeeded(run, plan.tenant());
            } catch (LedgerException e) {
                failed.put(plan.tenant(), damaged(e));
            } catch (ControlException e) {
                failed.put(plan.tenant(), e);
            }
        }
        TurnWeights.write(run);
        for (TenantName tenant : failed.keySet()) {
            ReloadRecord.failed(run, tenant);
        }
        return new Results(applied, failed, warnings);
    }

    private Result write(Plan plan, Map<GpuId, Bytes> before, List<String> warnings)
            throws IOException, ControlException {
        TenantSource source = plan.source();
        TenantName tenant = plan.tenant();
        AlreadyApplied.forget(run, tenant);
        TenantStore store = new TenantStore(run);
        Optional<TenantSource> stored = store.find(tenant);
        List<String> all = new ArrayList<>(warnings);
        stored.filter(old ->
                        !old.origin().equals(source.origin()) && !old.file().equals(source.file()))
                .ifPresent(old -> all.add("the limits of tenant '" + tenant + "' are now those of " + source.origin()
                        + "; they were those of " + old.origin()));
        new TenantBooks(run, tenant, holders).write(plan);
        if (stored.isEmpty() || !stored.get().equals(source)) {
            store.put(source);
            ReloadRecord.succeeded(run, tenant);
        }
        KnownGpus.remember(run, inventory);
        return new Result(tenant, AppliedLimit.compare(before, plan.limits(), KnownGpus.read(run)), all);
    }

    /** What is to be said of GPUs of which more is promised than they have. */
    private List<String> judge(List<Plan> plans, boolean onlyRaised) throws ControlException {
        if (overcommit == Overcommit.ALLOW) {
            return List.of();
        }
        List<String> warnings = new ArrayList<>();
        for (Commitments.Excess excess : Commitments.of(run, plans).excess(inventory)) {
            if (excess.raised() && overcommit == Overcommit.REFUSE) {
                throw new ControlException(
                        Reason.TENANT_FILE,
                        excess.sentence() + "; nothing was changed: lower a limit, 'sluice forget' a tenant that is"
                                + " gone, or permit it with --overcommit warn");
            }
            if (excess.raised() || !onlyRaised) {
                warnings.add(excess.sentence());
            }
        }
        return warnings;
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

    private Result unchanged(Plan plan) {
        Map<GpuId, Bytes> limits = plan.limitsById();
        return new Result(
                plan.tenant(), AppliedLimit.compare(limits, plan.limits(), KnownGpus.read(run)), plan.warnings());
    }

    private <T> T whileLocked(RunDirectory.Work<T> work) throws ControlException {
        try {
            return run.whileLocked(work);
        } catch (LedgerException e) {
            throw damaged(e);
        } catch (IOException e) {
            throw Folders.notPermitted(
                    run.root(),
                    "cannot be used (" + e.getMessage()
                            + "): free some space or mend its permissions, or name another run directory");
        }
    }

    private static ControlException damaged(LedgerException e) {
        return new ControlException(Reason.OUR_FAULT, String.valueOf(e.getMessage()), e);
    }
}
