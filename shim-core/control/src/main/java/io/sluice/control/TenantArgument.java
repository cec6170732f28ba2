package io.sluice.control;

import io.sluice.control.ControlException.Reason;
import io.sluice.policy.TenantName;
import io.sluice.policy.tenantfile.TenantFileException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * {@code FILE|NAME}, as commands and the agent take it: with a dot or a slash it is a file, without it is the name of a
 * tenant applied before.
 */
public final class TenantArgument {
    private TenantArgument() {}

    static boolean isFile(String argument) {
        return argument.contains(".") || argument.contains("/");
    }

    /**
     * The valid tenant file that the argument means.
     *
     * @param option how the user wrote it, up to the argument itself: {@code "--tenant "}, {@code "tenant="}
     */
    public static TenantSource read(String option, String argument, RunDirectory run)
            throws ControlException, TenantFileException {
        if (isFile(argument)) {
            return TenantSource.read(Path.of(argument));
        }
        TenantName tenant;
        try {
            tenant = new TenantName(argument);
        } catch (IllegalArgumentException e) {
            throw new ControlException(Reason.TENANT_FILE, option.strip() + ": " + e.getMessage(), e);
        }
        return new TenantStore(run)
                .find(tenant)
                .orElseThrow(() -> new ControlException(
                        Reason.TENANT_FILE,
                        "no file of tenant '" + tenant + "' was applied in " + run.root() + ": give its file"
                                + (Files.exists(Path.of(argument)) ? " as " + option + "./" + argument : "")));
    }
}
