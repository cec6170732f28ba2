package io.sluice.cli;

import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** One look at all tenants. */
@Command(name = "status", description = "Show tenants, GPUs, limits, use and processes.")
final class StatusCommand implements Callable<Integer> {
    @Mixin
    private final CommonOptions.RunDir runDir = new CommonOptions.RunDir();

    @Option(names = "--json", description = "for programs: one JSON object")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Map<String, String> environment = System.getenv();
        Sweeper sweeper = new Sweeper(Installation.find(environment), err);
        Status status = Status.read(runDir.resolve(environment), sweeper);
        out.print(json ? StatusJson.of(status) : StatusText.of(status));
        out.flush();
        status.closed()
                .forEach(tenant -> err.println("sluice: tenant '" + tenant + "' belongs to another user: not shown"));
        status.unreadable().forEach((tenant, reason) -> err.println("sluice: tenant '" + tenant + "': " + reason));
        err.flush();
        return status.unreadable().isEmpty() ? ExitCode.OK : ExitCode.OUR_FAULT;
    }
}
