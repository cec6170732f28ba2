package io.sluice.cli;

import io.sluice.control.Forget;
import io.sluice.policy.TenantName;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Removes what is kept of an idle tenant. */
@Command(
        name = "forget",
        description = "Remove an idle tenant: its ledger, its limits and the file that was applied last.")
final class ForgetCommand implements Callable<Integer> {
    @Parameters(paramLabel = "TENANT", description = "the tenant's name")
    private String tenant = "";

    @Mixin
    private final CommonOptions.RunDir runDir = new CommonOptions.RunDir();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        Map<String, String> environment = System.getenv();
        Installation installation = Installation.find(environment);
        new Forget(runDir.resolve(environment), installation.ledgerHolders(), installation.ledgerSweeper())
                .forget(name());
        PrintWriter out = spec.commandLine().getOut();
        out.println("tenant " + tenant + " is forgotten");
        out.flush();
        return ExitCode.OK;
    }

    private TenantName name() {
        try {
            return new TenantName(tenant);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }
}
