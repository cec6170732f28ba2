package io.sluice.cli;

import io.sluice.control.ControlException;
import io.sluice.control.ControlException.Reason;
import io.sluice.control.GpuInventory;
import io.sluice.control.TenantFiles;
import io.sluice.control.TenantSource;
import io.sluice.policy.tenantfile.TenantFileException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Validates tenant files without applying them. */
@Command(
        name = "check",
        description =
                "Validate a tenant file, or each *.yaml and *.yml of a folder, and add up the limits of each GPU.")
final class CheckCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE|DIR", description = "what to check")
    private @Nullable Path path;

    @Mixin
    private final CommonOptions.Sim sim = new CommonOptions.Sim();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        TenantFiles files = TenantFiles.read(Objects.requireNonNull(path));
        if (!files.problems().isEmpty()) {
            throw new TenantFileException(files.problems());
        }
        List<TenantSource> sources = List.copyOf(files.sources().values());
        PrintWriter out = spec.commandLine().getOut();
        files.sources()
                .forEach((file, source) ->
                        out.println(file + ": tenant " + source.file().tenant() + " is valid"));
        Optional<GpuInventory> inventory = inventory();
        out.println();
        out.print(inventory.map(gpus -> LimitSums.perGpu(sources, gpus)).orElseGet(() -> LimitSums.asWritten(sources)));
        out.flush();
        return ExitCode.OK;
    }

    /** A machine without a GPU can check files too; a driver that fails when it was asked for cannot. */
    private Optional<GpuInventory> inventory() throws ControlException {
        Map<String, String> environment = System.getenv();
        try {
            return Optional.of(
                    sim.chosen()
                            ? sim.inventory(Installation.find(environment), environment)
                            : GpuInventory.ofDriver(environment));
        } catch (ControlException e) {
            if (e.reason() == Reason.NO_DRIVER && !sim.chosen()) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
