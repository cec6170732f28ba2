package io.sluice.cli;

import io.sluice.control.ControlException;
import io.sluice.control.GpuInventory;
import io.sluice.control.GpuSetup;
import io.sluice.control.Overcommit;
import io.sluice.control.RunDirectory;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options that several commands take. */
final class CommonOptions {
    private CommonOptions() {}

    /** {@code --run-dir}. */
    static final class RunDir {
        @Option(
                names = "--run-dir",
                paramLabel = "DIR",
                description = "where tenants are kept (default: $SLUICE_RUN_DIR, /run/sluice, /dev/shm/sluice-UID)")
        private @Nullable Path runDir;

        RunDirectory resolve(Map<String, String> environment) throws ControlException {
            return RunDirectory.resolve(Optional.ofNullable(runDir), environment);
        }
    }

    /** {@code --sim}. */
    static final class Sim {
        @Option(names = "--sim", description = "use the simulated GPU")
        private boolean sim;

        boolean chosen() {
            return sim;
        }

        /** What the GPUs depend on, as long as that can be told without asking for them. */
        Optional<GpuSetup> setup(Installation installation, Map<String, String> environment) {
            return sim ? GpuSetup.ofSimulator(installation.simulator(), environment) : GpuSetup.ofDriver(environment);
        }

        GpuInventory inventory(Installation installation, Map<String, String> environment) throws ControlException {
            return sim ? GpuInventory.ofSimulator(installation.simulator()) : GpuInventory.ofDriver(environment);
        }
    }

    /** {@code --overcommit}. */
    static final class OvercommitSetting {
        @Option(
                names = "--overcommit",
                paramLabel = "refuse|warn|allow",
                description = "whether limits may add up to more than a GPU has (default: $SLUICE_OVERCOMMIT, warn)")
        private @Nullable String word;

        @Spec(Spec.Target.MIXEE)
        private CommandSpec command = CommandSpec.create();

        Overcommit resolve(Map<String, String> environment) {
            String given = word;
            String source = given == null ? Overcommit.VARIABLE : "--overcommit";
            String value = given == null ? environment.getOrDefault(Overcommit.VARIABLE, "") : given;
            if (given == null && value.isEmpty()) {
                return Overcommit.WARN;
            }
            return Overcommit.parse(value)
                    .orElseThrow(() -> new ParameterException(
                            command.commandLine(),
                            source + ": '" + value + "' is none of the settings: write refuse, warn or allow"));
        }
    }
}
