package io.sluice.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Reached only for help and for what cannot be run: bin/sluice does the running. */
@Command(
        name = "run",
        description = "Run a command under a tenant's quota. Nothing of Sluice stays around it.",
        customSynopsis = "sluice run --tenant FILE|NAME [--sim] [--run-dir DIR] [--no-agent] -- CMD...",
        footer = {"", "Example:  sluice run --tenant alice.yaml -- java -jar app.jar"})
final class RunCommand implements Callable<Integer> {
    @Parameters(arity = "0..*", paramLabel = "CMD", hidden = true)
    private List<String> command = List.of();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        throw new ParameterException(
                spec.commandLine(),
                command.isEmpty()
                        ? "run: no command: write it after '--'"
                        : "run: write '--' before the command: sluice run --tenant FILE|NAME -- " + command.get(0));
    }
}
