package io.sluice.agent.core;

import io.sluice.control.ControlException;
import io.sluice.control.ControlException.Reason;
import java.net.URISyntaxException;
import java.nio.file.Path;

/** The jar that the agent was started from. */
final class OwnJar {
    private OwnJar() {}

    static Path path() throws ControlException {
        try {
            return Path.of(OwnJar.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new ControlException(Reason.OUR_FAULT, "where the agent's jar lies cannot be told", e);
        }
    }
}
