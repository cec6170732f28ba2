package io.sluice.cli;

import io.sluice.control.AlreadyApplied;
import io.sluice.control.Apply;
import io.sluice.control.Container;
import io.sluice.control.ControlException;
import io.sluice.control.GpuInventory;
import io.sluice.control.Overcommit;
import io.sluice.control.RunDirectory;
import io.sluice.control.TenantArgument;
import io.sluice.control.TenantSource;
import io.sluice.policy.tenantfile.OnFailure;
import io.sluice.policy.tenantfile.TenantFileException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * What has to be true before an application may start: its tenant file holds, and the libwrapper answers in the
 * environment that the application will have.
 */
final class RunPlan {
    private static final String JAVA_OPTIONS = "JAVA_TOOL_OPTIONS";

    /** Where bin/sluice keeps that variable of the user's from the JVM that plans. */
    private static final String USERS_JAVA_OPTIONS = "SLUICE_USERS_JAVA_TOOL_OPTIONS";

    @Option(
            names = "--tenant",
            required = true,
            paramLabel = "FILE|NAME",
            description = "the tenant's file, or the name of a tenant whose file was applied before")
    private @Nullable String tenant;

    @Mixin
    private final CommonOptions.Sim sim = new CommonOptions.Sim();

    @Mixin
    private final CommonOptions.RunDir runDir = new CommonOptions.RunDir();

    @Mixin
    private final CommonOptions.OvercommitSetting overcommit = new CommonOptions.OvercommitSetting();

    @Option(
            names = "--no-agent",
            description = "do not add the javaagent, which names in a denial the line of Java that asked")
    private boolean noAgent;

    /** @return the variables that the application needs, with what the user had in them */
    Map<String, String> make(Map<String, String> user, PrintWriter err) throws ControlException, TenantFileException {
        Installation installation = Installation.find(user);
        RunDirectory run = runDir.resolve(user);
        String argument = String.valueOf(tenant);
        Optional<AlreadyApplied> holding = AlreadyApplied.find(run, argument, sim.setup(installation, user));
        Probe probe = new Probe(installation.probe());
        if (holding.isPresent()) {
            requireShared(run, user);
            Map<String, String> variables = variables(installation, run, holding.get(), user);
            if (probe.finds(user, variables)) {
                return variables;
            }
        }
        AlreadyApplied holds = apply(installation, run, argument, user, err);
        Map<String, String> variables = variables(installation, run, holds, user);
        probe.ask(user, variables, holds.onFailure() == OnFailure.FORWARD, err);
        return variables;
    }

    private AlreadyApplied apply(
            Installation installation, RunDirectory run, String argument, Map<String, String> user, PrintWriter err)
            throws ControlException, TenantFileException {
        TenantSource source = TenantArgument.read("--tenant ", argument, run);
        Overcommit allowed = overcommit.resolve(user);
        GpuInventory inventory = sim.inventory(installation, user);
        requireShared(run, user);
        Apply.Result applied = new Apply(run, inventory, installation.ledgerHolders(), allowed).apply(source);
        AlreadyApplied.remember(run, source, sim.setup(installation, user));
        applied.warnings().forEach(warning -> err.println("sluice: " + warning));
        err.flush();
        return new AlreadyApplied(source.file().tenant(), source.file().onFailure());
    }

    /** A simulated GPU is as much the container's own as its books. */
    private void requireShared(RunDirectory run, Map<String, String> user) throws ControlException {
        if (!sim.chosen()) {
            Container.here().requireShared(run, user);
        }
    }

    private Map<String, String> variables(
            Installation installation, RunDirectory run, AlreadyApplied holds, Map<String, String> user)
            throws ControlException {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("SLUICE_TENANT", holds.tenant().value());
        variables.put(RunDirectory.VARIABLE, run.root().toString());
        variables.put("SLUICE_ON_FAILURE", holds.onFailure().toString());
        variables.putAll(loading(installation, sim.chosen(), user));
        if (!noAgent) {
            variables.put(JAVA_OPTIONS, agent(installation.agent(), user.getOrDefault(USERS_JAVA_OPTIONS, "")));
        }
        return variables;
    }

    /** What makes the loader take the libwrapper, and the libwrapper take its driver. */
    static Map<String, String> loading(Installation installation, boolean simulated, Map<String, String> user)
            throws ControlException {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("LD_PRELOAD", before(installation.preload(), user.getOrDefault("LD_PRELOAD", ""), "[: ]"));
        if (simulated) {
            variables.put("SLUICE_DRIVER", installation.simulatedDriver().toString());
            String folder = installation.simulator().toString();
            variables.put("LD_LIBRARY_PATH", before(folder, user.getOrDefault("LD_LIBRARY_PATH", ""), ":"));
        }
        return variables;
    }

    /** The user's options as they are, then ours, once. */
    static String agent(Path jar, String users) {
        String ours = "-javaagent:" + jar + "=explain";
        if (users.contains(ours)) {
            return users;
        }
        return users.isBlank() ? ours : users + " " + ours;
    }

    /** Ours first, then the user's in their order, so that running under Sluice twice adds nothing twice. */
    static String before(String ours, String users, String separator) {
        List<String> first = List.of(ours.split(":"));
        return Stream.concat(
                        first.stream(),
                        Arrays.stream(users.split(separator))
                                .filter(entry -> !entry.isEmpty() && !first.contains(entry)))
                .collect(Collectors.joining(":"));
    }
}
