package io.sluice.cli;

import io.sluice.control.Apply;
import io.sluice.control.ApplyFiles;
import io.sluice.control.ApplyWatch;
import io.sluice.control.ControlException;
import io.sluice.control.ControlException.Reason;
import io.sluice.control.RunDirectory;
import io.sluice.control.TenantFiles;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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

    @Option(names = "--watch", description = "stay, and apply what changes, until stopped")
    private boolean watch;

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
        ApplyFiles files = new ApplyFiles(run, apply);
        return watch
                ? UntilStopped.run(() -> watch(run, files, report))
                : report.print(files.apply(TenantFiles.read(path)));
    }

    private int watch(RunDirectory run, ApplyFiles files, ApplyReport report) throws Exception {
        run.ensure();
        if (!run.mayApply()) {
            throw new ControlException(
                    Reason.NOT_PERMITTED, run.root() + " is not writable for this user: watch as its owner");
        }
        AtomicBoolean begun = new AtomicBoolean();
        new ApplyWatch(files, path).run(outcome -> {
            report.print(outcome);
            if (!begun.getAndSet(true)) {
                spec.commandLine().getOut().println("watching " + path);
                spec.commandLine().getOut().flush();
            }
        });
        return ExitCode.OK;
    }
}
