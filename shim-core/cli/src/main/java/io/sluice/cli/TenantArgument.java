package io.sluice.cli;

import io.sluice.control.ControlException;
import io.sluice.control.ControlException.Reason;
import io.sluice.control.RunDirectory;
import io.sluice.control.TenantSource;
import io.sluice.control.TenantStore;
import io.sluice.policy.TenantName;
import io.sluice.policy.tenantfile.TenantFileException;
import java.nio.file.Files;
import java.nio.file.Path;

/** {@code --tenant FILE|NAME}: with a dot or a slash it is a file, without it is the name of a tenant applied before. */
final class TenantArgument {
    private TenantArgument() {}

    static TenantSource read(String argument, RunDirectory run) throws ControlException, TenantFileException {
        if (argument.contains(".") || argument.contains("/")) {
            return TenantSource.read(Path.of(argument));
        }
        TenantName tenant;
        try {
            tenant = new TenantName(argument);
        } catch (IllegalArgumentException e) {
            throw new ControlException(Reason.TENANT_FILE, "--tenant: " + e.getMessage(), e);
        }
        return new TenantStore(run)
                .find(tenant)
                .orElseThrow(() -> new ControlException(
                        Reason.TENANT_FILE,
                        "no file of tenant '" + tenant + "' was applied in " + run.root() + ": give its file"
                                + (Files.exists(Path.of(argument)) ? " as --tenant ./" + argument : "")));
    }
}
