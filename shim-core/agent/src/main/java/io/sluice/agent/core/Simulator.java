package io.sluice.agent.core;

import io.sluice.control.ControlException;
import io.sluice.control.ControlException.Reason;
import java.net.URISyntaxException;
import java.nio.file.Path;

/** The simulated GPU of the checkout that the agent's jar lies in. */
final class Simulator {
    private Simulator() {}

    static Path folder() throws ControlException {
        try {
            Path jar = Path.of(Simulator.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return jar.resolve("../../../../test-harness/simulator/target/native")
                    .normalize();
        } catch (URISyntaxException e) {
            throw new ControlException(Reason.OUR_FAULT, "where the agent's jar lies cannot be told", e);
        }
    }

    static Path driver() throws ControlException {
        return folder().resolve("libcuda.so.1");
    }
}
