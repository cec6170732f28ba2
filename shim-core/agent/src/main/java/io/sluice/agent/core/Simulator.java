package io.sluice.agent.core;

import io.sluice.control.ControlException;
import java.nio.file.Path;

/** The simulated GPU of the checkout that the agent's jar lies in. */
final class Simulator {
    private Simulator() {}

    static Path folder() throws ControlException {
        return OwnJar.path()
                .resolve("../../../../test-harness/simulator/target/native")
                .normalize();
    }

    static Path driver() throws ControlException {
        return folder().resolve("libcuda.so.1");
    }
}
