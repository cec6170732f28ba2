package io.sluice.cli;

import io.sluice.control.Apply;
import io.sluice.control.ApplyFiles;
import io.sluice.control.RunDirectory;
import io.sluice.control.TenantFiles;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes tenant files hold. */
@Command(
        name = "apply",
        description = "Apply a tenant file, or each *.yaml and *.yml of a folder. Running processes follow at once.")
final class ApplyCommand implements Callable<Integer> {
    @Parameters(
            arity = "0..1",
            paramLabel = "FILE|DIR",
            defaultValue = "/etc/sluice/tenants.d",
            description = "what to apply (default: ${DEFAULT-VALUE})")
    private Path path = Path.of("");

    @Mixin
    private final CommonOptions.Sim sim = new CommonOptions.Sim();

    @Mixin
    private final CommonOptions.RunDir runDir = new CommonOptions.RunDir();

    @Mixin
    private final CommonOptions.OvercommitSetting overcommit = new CommonOptions.OvercommitSetting();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        Map<String, String> environment = System.getenv();
        Installation installation = Installation.find(environment);
        RunDirectory run = runDir.resolve(environment);
        Apply apply = new Apply(
                run,
                sim.inventory(installation, environment),
                installation.ledgerHolders(),
                overcommit.resolve(environment));
        ApplyReport report =
                new ApplyReport(spec.commandLine().getOut(), spec.commandLine().getErr());
        return report.print(new ApplyFiles(run, apply).apply(TenantFiles.read(path)));
    }
}
