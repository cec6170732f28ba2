package io.sluice.cli;

import io.sluice.control.ControlException;
import io.sluice.control.ControlException.Reason;
import io.sluice.control.GpuInventory;
import io.sluice.control.TenantSource;
import io.sluice.policy.tenantfile.Problem;
import io.sluice.policy.tenantfile.TenantFileException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
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
        List<TenantSource> sources = new ArrayList<>();
        List<Problem> problems = new ArrayList<>();
        Map<String, String> origins = new TreeMap<>();
        for (Path file : files(java.util.Objects.requireNonNull(path))) {
            try {
                TenantSource source = TenantSource.read(file);
                String tenant = source.file().tenant().value();
                String other = origins.putIfAbsent(tenant, file.toString());
                if (other != null) {
                    problems.add(new Problem(
                            file.toString(),
                            0,
                            0,
                            "tenant",
                            "'" + tenant + "' is also the tenant of " + other + ": keep one of them"));
                }
                sources.add(source);
            } catch (TenantFileException e) {
                problems.addAll(e.problems());
            }
        }
        if (!problems.isEmpty()) {
            throw new TenantFileException(problems);
        }
        PrintWriter out = spec.commandLine().getOut();
        origins.forEach((tenant, file) -> out.println(file + ": tenant " + tenant + " is valid"));
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

    private static List<Path> files(Path path) throws TenantFileException {
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        try (Stream<Path> entries = Files.list(path)) {
            List<Path> files =
                    entries.filter(CheckCommand::isTenantFile).sorted().toList();
            if (files.isEmpty()) {
                throw wrong(path, "no *.yaml or *.yml file in this folder");
            }
            return files;
        } catch (IOException e) {
            throw wrong(path, "cannot be listed (" + e.getMessage() + ")");
        }
    }

    private static boolean isTenantFile(Path path) {
        String name = String.valueOf(path.getFileName());
        return !name.startsWith(".") && (name.endsWith(".yaml") || name.endsWith(".yml"));
    }

    private static TenantFileException wrong(Path path, String sentence) {
        return new TenantFileException(List.of(new Problem(path.toString(), 0, 0, "", sentence)));
    }
}
