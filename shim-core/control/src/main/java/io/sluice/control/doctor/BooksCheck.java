package io.sluice.control.doctor;

import io.sluice.bridge.ledger.Ledger;
import io.sluice.bridge.ledger.Limits;
import io.sluice.control.ControlException;
import io.sluice.control.ControlException.Reason;
import io.sluice.control.RunDirectory;
import io.sluice.policy.TenantName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.ArrayList;
import java.util.List;

/** Can the ledger and the limits of every tenant that is open to this user be used? */
public final class BooksCheck implements Check {
    private final RunDirectory run;

    public BooksCheck(RunDirectory run) {
        this.run = run;
    }

    @Override
    public List<Finding> look() {
        List<Finding> findings = new ArrayList<>();
        if (!Files.exists(run.root(), LinkOption.NOFOLLOW_LINKS)) {
            return findings;
        }
        try {
            for (TenantName tenant : run.tenants()) {
                findings.add(look(tenant));
            }
        } catch (ControlException e) {
            findings.add(Finding.wrong("ledgers", e));
        }
        return findings;
    }

    private Finding look(TenantName tenant) {
        String subject = "ledger of " + tenant;
        if (!Files.isWritable(run.tenantFolder(tenant))) {
            return Finding.right(subject, "belongs to another user: not looked at");
        }
        try {
            Ledger ledger = Ledger.open(run.ledger(tenant));
            Limits limits = Limits.open(run.limits(tenant));
            if (!ledger.tenant().equals(tenant) || !limits.tenant().equals(tenant)) {
                return Finding.wrong(
                        subject,
                        Reason.OUR_FAULT,
                        run.tenantFolder(tenant) + " holds the books of tenant '" + ledger.tenant()
                                + "': stop its processes, remove them, and apply the tenant's file again");
            }
            return Finding.right(
                    subject,
                    ledger.processes().size() + " processes, may use "
                            + limits.gpus().size() + " GPUs");
        } catch (IOException e) {
            return Finding.wrong(subject, Reason.OUR_FAULT, String.valueOf(e.getMessage()));
        }
    }
}
