package io.sluice.control;

import io.sluice.control.ControlException.Reason;
import io.sluice.policy.TenantName;
import io.sluice.policy.tenantfile.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Applies one tenant file or those of a folder. Each tenant is on its own: files that are right hold, and a tenant whose
 * file is wrong keeps the limits it had, which its {@link ReloadRecord} then says.
 */
public final class ApplyFiles {
    private final RunDirectory run;
    private final Apply apply;

    public ApplyFiles(RunDirectory run, Apply apply) {
        this.run = run;
        this.apply = apply;
    }

    /**
     * What it did.
     *
     * @param warnings sentences for the person who applied the files
     * @param failures what was not applied; empty if all was
     */
    public record Outcome(List<Apply.Result> applied, List<String> warnings, List<Failure> failures) {}

    /** One thing that was not applied, with its line for a person. */
    public record Failure(Reason reason, String line) {}

    public Outcome apply(TenantFiles files) throws ControlException {
        return apply(files.sources().values(), files.rejected(), files.problems());
    }

    /** Sources that hold already, and files that were rejected before, need not be given again. */
    Outcome apply(Collection<TenantSource> sources, List<Path> rejected, List<Problem> problems)
            throws ControlException {
        List<Failure> failures = new ArrayList<>();
        problems.forEach(problem -> failures.add(new Failure(Reason.TENANT_FILE, problem.toString())));
        markTenantsOf(rejected);
        List<Apply.Result> applied = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        if (!sources.isEmpty()) {
            try {
                Apply.Results results = apply.applyAll(List.copyOf(sources));
                applied.addAll(results.applied());
                results.applied().forEach(result -> warnings.addAll(result.warnings()));
                warnings.addAll(results.warnings());
                results.failed().values().forEach(failed -> failures.add(failure(failed)));
            } catch (ControlException e) {
                failures.add(failure(e));
            }
        }
        return new Outcome(applied, warnings, failures);
    }

    private static Failure failure(ControlException e) {
        return new Failure(e.reason(), String.valueOf(e.getMessage()));
    }

    /** A file that cannot be read does not tell its tenant; but the store knows whose limits came from there. */
    private void markTenantsOf(List<Path> rejected) throws ControlException {
        Set<String> origins = new LinkedHashSet<>();
        rejected.forEach(path -> origins.add(path.toAbsolutePath().normalize().toString()));
        if (origins.isEmpty()) {
            return;
        }
        run.ensure();
        if (!run.mayApply()) {
            return;
        }
        try {
            run.whileLocked(() -> {
                TenantStore store = new TenantStore(run);
                for (TenantName tenant : run.tenants()) {
                    Optional<String> origin = store.origin(tenant);
                    if (origin.filter(origins::contains).isPresent()) {
                        ReloadRecord.failed(run, tenant);
                    }
                }
                return origins;
            });
        } catch (IOException e) {
            throw Folders.notPermitted(
                    run.root(), "cannot be used (" + e.getMessage() + "): free some space or mend its permissions");
        }
    }
}
