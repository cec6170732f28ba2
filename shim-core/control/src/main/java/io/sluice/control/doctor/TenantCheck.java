package io.sluice.control.doctor;

import io.sluice.control.ControlException;
import io.sluice.control.ControlException.Reason;
import io.sluice.control.RunDirectory;
import io.sluice.control.TenantArgument;
import io.sluice.policy.TenantName;
import io.sluice.policy.tenantfile.Problem;
import io.sluice.policy.tenantfile.TenantFileException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/** Is the tenant's file right, and may this user join the tenant? */
public final class TenantCheck implements Check {
    private static final String SUBJECT = "tenant";

    private final String argument;
    private final RunDirectory run;

    /** @param argument {@code FILE|NAME} */
    public TenantCheck(String argument, RunDirectory run) {
        this.argument = argument;
        this.run = run;
    }

    @Override
    public List<Finding> look() {
        try {
            return List.of(rights(
                    TenantArgument.read("--tenant ", argument, run).file().tenant()));
        } catch (TenantFileException e) {
            return e.problems().stream()
                    .map(Problem::toString)
                    .map(problem -> Finding.wrong(SUBJECT, Reason.TENANT_FILE, problem))
                    .toList();
        } catch (ControlException e) {
            return List.of(Finding.wrong(SUBJECT, e));
        }
    }

    private Finding rights(TenantName tenant) {
        Path folder = run.tenantFolder(tenant);
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            boolean canBeMade = !Files.exists(run.root(), LinkOption.NOFOLLOW_LINKS) || run.mayApply();
            return canBeMade
                    ? Finding.right(SUBJECT, tenant + ": its file is right; it is applied by the first 'sluice run'")
                    : Finding.wrong(
                            SUBJECT,
                            Reason.NOT_PERMITTED,
                            tenant + " was never applied in " + run.root() + ", where this user may not: have "
                                    + argument + " applied by who owns it");
        }
        if (!Files.isWritable(run.ledger(tenant)) || !Files.isReadable(run.limits(tenant))) {
            return Finding.wrong(
                    SUBJECT,
                    Reason.NOT_PERMITTED,
                    "this user may not join " + tenant + ": " + run.ledger(tenant)
                            + " cannot be written; run as the user or in the group that " + folder + " belongs to");
        }
        return Finding.right(SUBJECT, tenant + ": its file is right, and this user may join it");
    }
}
