package io.sluice.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What bin/sluice calls for {@code run}: it evaluates the lines and becomes the application. */
@Command(name = "run")
final class PlanRunCommand implements Callable<Integer> {
    @Mixin
    private final RunPlan plan = new RunPlan();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        var out = spec.commandLine().getOut();
        out.print(Exports.lines(plan.make(System.getenv(), spec.commandLine().getErr())));
        out.flush();
        return ExitCode.OK;
    }
}
