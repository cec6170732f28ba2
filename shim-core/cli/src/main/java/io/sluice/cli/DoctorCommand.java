package io.sluice.cli;

import io.sluice.control.ContextMeasure;
import io.sluice.control.ControlException;
import io.sluice.control.GpuMonitor;
import io.sluice.control.RunDirectory;
import io.sluice.control.doctor.BooksCheck;
import io.sluice.control.doctor.Check;
import io.sluice.control.doctor.ContextCalibration;
import io.sluice.control.doctor.Finding;
import io.sluice.control.doctor.GpuCheck;
import io.sluice.control.doctor.LibwrapperCheck;
import io.sluice.control.doctor.ProcessCheck;
import io.sluice.control.doctor.ProgramCheck;
import io.sluice.control.doctor.RunDirectoryCheck;
import io.sluice.control.doctor.SystemCheck;
import io.sluice.control.doctor.TenantCheck;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Everything that could keep an application from its quota, looked at in turn. */
@Command(
        name = "doctor",
        description = "Look at everything that stands between an application and its quota: which driver, why, does"
                + " interception work, what is wrong and what to do. Changes nothing, but for --calibrate.")
final class DoctorCommand implements Callable<Integer> {
    @Option(
            names = "--tenant",
            paramLabel = "FILE|NAME",
            description = "also: is this tenant's file right, and may this user join it?")
    private @Nullable String tenant;

    @Option(names = "--pid", paramLabel = "PID", description = "also: is this process, which runs already, governed?")
    private @Nullable Long pid;

    @Option(
            names = "--calibrate",
            description = "also: measure what a context takes of each GPU; that is charged from now on")
    private boolean calibrate;

    @Parameters(
            paramLabel = "CMD",
            description = "also: would this command, given behind '--', be governed?",
            arity = "0..*")
    private List<String> command = new ArrayList<>();

    @Mixin
    private final CommonOptions.Sim sim = new CommonOptions.Sim();

    @Mixin
    private final CommonOptions.RunDir runDir = new CommonOptions.RunDir();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        List<Finding> findings = new ArrayList<>();
        for (Check check : checks(System.getenv())) {
            findings.addAll(check.look());
        }
        PrintWriter out = spec.commandLine().getOut();
        int width = findings.stream()
                .mapToInt(finding -> finding.subject().length())
                .max()
                .orElse(0);
        for (Finding finding : findings) {
            String mark = finding.wrong().isPresent() ? "WRONG" : "ok";
            out.printf("%-5s  %-" + width + "s  %s%n", mark, finding.subject(), finding.text());
        }
        out.flush();
        return findings.stream()
                .flatMap(finding -> finding.wrong().stream())
                .findFirst()
                .map(ControlException.Reason::exitCode)
                .orElse(ExitCode.OK);
    }

    private List<Check> checks(Map<String, String> user) throws ControlException {
        Installation installation = Installation.find(user);
        RunDirectory run = runDir.resolve(user);
        Map<String, String> environment = new HashMap<>(user);
        environment.putAll(RunPlan.loading(installation, sim.chosen(), user));
        List<Check> checks = new ArrayList<>(List.of(
                new SystemCheck(Path.of("/proc/self/maps")),
                new LibwrapperCheck(installation.libwrapper(), installation.probe(), environment),
                new GpuCheck(() -> sim.inventory(installation, user)),
                new RunDirectoryCheck(run, user),
                new BooksCheck(run)));
        if (tenant != null) {
            checks.add(new TenantCheck(tenant, run));
        }
        if (!command.isEmpty()) {
            checks.add(new ProgramCheck(command.get(0), user.getOrDefault("PATH", "")));
        }
        if (calibrate) {
            checks.add(new ContextCalibration(
                    run,
                    sim.chosen() ? installation.simulatedDriver().toString() : ContextMeasure.driver(user),
                    () -> sim.chosen() ? GpuMonitor.ofSimulator(installation.simulator()) : GpuMonitor.ofDriver(user)));
        }
        if (pid != null) {
            checks.add(new ProcessCheck(pid));
        }
        return checks;
    }
}
