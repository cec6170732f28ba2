package io.sluice.policy.tenantfile;

import java.util.Locale;

/** What happens to an application's CUDA calls when Sluice cannot do its work. */
public enum OnFailure {
    /** CUDA refuses; the application lives. */
    DENY,
    /** Calls pass ungoverned, and each one is counted. */
    FORWARD;

    /** As the tenant file and {@code SLUICE_ON_FAILURE} spell it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
