package io.sluice.cli;

import io.sluice.bridge.ledger.NativeControl;
import io.sluice.control.ControlException;
import io.sluice.control.ControlException.Reason;
import io.sluice.control.LedgerHolders;
import io.sluice.control.LedgerSweeper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where the parts of this Sluice lie.
 *
 * @param home the repository's root
 */
record Installation(Path home) {
    /** {@code -Dsluice.home}, which bin/sluice gives, else {@code SLUICE_HOME}. */
    static Installation find(Map<String, String> environment) throws ControlException {
        String home = System.getProperty("sluice.home", environment.getOrDefault("SLUICE_HOME", ""));
        if (home.isEmpty()) {
            throw new ControlException(
                    Reason.OUR_FAULT, "where Sluice is installed is not known: start it with bin/sluice");
        }
        return new Installation(Path.of(home).toAbsolutePath().normalize());
    }

    /** Both names under which applications ask for the driver, as LD_PRELOAD wants them. */
    String preload() throws ControlException {
        String libraries = libwrapper() + ":" + bridge().resolve("libcuda.so");
        if (libraries.chars().filter(c -> c == ':').count() != 1
                || libraries.chars().anyMatch(Character::isWhitespace)) {
            throw new ControlException(
                    Reason.OUR_FAULT,
                    "Sluice lies in '" + home + "', and LD_PRELOAD cannot hold a path with a space or a colon:"
                            + " move it");
        }
        return libraries;
    }

    Path libwrapper() throws ControlException {
        return built(bridge().resolve("libcuda.so.1"));
    }

    /** What a JVM finds in JAVA_TOOL_OPTIONS, which divides at spaces as LD_PRELOAD does. */
    Path agent() throws ControlException {
        return built(home.resolve("shim-core/agent/target/sluice-agent.jar"));
    }

    /** What our own tools call to sweep ledgers. */
    Path controlLibrary() throws ControlException {
        return built(bridge().resolve("libsluice-control.so"));
    }

    /** Loads the library when it is first asked. */
    LedgerHolders ledgerHolders() {
        return (run, tenant) -> NativeControl.load(controlLibrary()).holder(run, tenant);
    }

    /** Loads the library when it is first asked. */
    LedgerSweeper ledgerSweeper() {
        return (run, tenant) -> NativeControl.load(controlLibrary()).sweep(run, tenant);
    }

    Path probe() throws ControlException {
        return built(bridge().resolve("sluice-probe"));
    }

    Path simulator() {
        return home.resolve("test-harness/simulator/target/native");
    }

    Path simulatedDriver() throws ControlException {
        return built(simulator().resolve("libcuda.so.1"));
    }

    Path command() throws ControlException {
        return built(home.resolve("bin/sluice"));
    }

    /** The class path of the program that {@code demo} runs. */
    String demoApp() {
        Path target = home.resolve("test-harness/demo-app/target");
        return target.resolve("classes") + ":" + target.resolve("lib") + "/*";
    }

    private Path bridge() {
        return home.resolve("shim-native-bridge/target/native");
    }

    private static Path built(Path part) throws ControlException {
        if (!Files.exists(part)) {
            throw new ControlException(
                    Reason.OUR_FAULT, part + " is missing: build it with 'mvn -Dquick -DskipTests package'");
        }
        return part;
    }
}
