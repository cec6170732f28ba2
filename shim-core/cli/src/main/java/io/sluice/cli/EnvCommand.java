package io.sluice.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The environment of {@code run}, for launchers that start the application themselves. */
@Command(
        name = "env",
        description = "Print the environment that 'run' gives an application, as lines for a shell to evaluate.",
        footer = {"", "Example:  eval \"$(sluice env --tenant alice.yaml)\"; java -jar app.jar"})
class EnvCommand implements Callable<Integer> {
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
