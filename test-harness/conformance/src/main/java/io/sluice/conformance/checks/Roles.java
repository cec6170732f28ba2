package io.sluice.conformance.checks;

import io.sluice.conformance.OtherProcess.Role;
import java.util.Map;

/** What other processes of the checks do. */
public final class Roles {
    private static final Map<String, Role> BY_NAME = Map.of();

    private Roles() {}

    public static Role named(String name) {
        Role role = BY_NAME.get(name);
        if (role == null) {
            throw new IllegalArgumentException("there is no role '" + name + "'");
        }
        return role;
    }
}
