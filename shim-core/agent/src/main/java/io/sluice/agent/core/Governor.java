package io.sluice.agent.core;

import io.sluice.bridge.ledger.NativeControl;
import io.sluice.bridge.libwrapper.Libwrapper;
import io.sluice.control.AlreadyApplied;
import io.sluice.control.Apply;
import io.sluice.control.Container;
import io.sluice.control.ControlException;
import io.sluice.control.ControlException.Reason;
import io.sluice.control.GpuInventory;
import io.sluice.control.GpuSetup;
import io.sluice.control.Overcommit;
import io.sluice.control.RunDirectory;
import io.sluice.control.TenantArgument;
import io.sluice.control.TenantSource;
import io.sluice.policy.tenantfile.OnFailure;
import io.sluice.policy.tenantfile.TenantFile;
import io.sluice.policy.tenantfile.TenantFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Puts this process under its tenant's quota without a launcher: applies the tenant file, then makes the libwrapper the
 * library that the process gets for {@code libcuda.so}. One use, one thread.
 */
final class Governor {
    private static final String TENANT = "SLUICE_TENANT";

    private final AgentOptions options;
    private final Map<String, String> environment;
    private OnFailure onFailure = OnFailure.DENY;
    private String tenant = "";
    private boolean alone;

    Governor(AgentOptions options) {
        this.options = options;
        this.environment = new HashMap<>(System.getenv());
        options.driver().ifPresent(driver -> environment.put("SLUICE_DRIVER", driver.toString()));
    }

    /** What the tenant file says as far as it could be read: deny until then. */
    OnFailure onFailure() {
        return onFailure;
    }

    /** Known once {@link #govern} is done. */
    String tenant() {
        return tenant;
    }

    /** Whether nothing but the agent has put the libwrapper in front; known once {@link #govern} is done. */
    boolean alone() {
        return alone;
    }

    /** @return the libwrapper that governs this process now */
    Libwrapper govern() throws ControlException, TenantFileException {
        NativeFiles files = NativeFiles.unpack(options.natives());
        files.loadBridge();
        RunDirectory run = RunDirectory.resolve(options.runDirectory(), environment);
        Optional<AlreadyApplied> holding = AlreadyApplied.find(run, options.tenant(), setup());
        Jna jna = new Jna(files);
        if (holding.isEmpty()) {
            jna.begin();
        }
        Optional<TenantSource> source = holding.isPresent()
                ? Optional.empty()
                : Optional.of(TenantArgument.read("tenant=", options.tenant(), run));
        AlreadyApplied asks = holding.isPresent()
                ? holding.get()
                : wanted(source.orElseThrow().file());
        tenant = asks.tenant().value();
        onFailure = asks.onFailure();
        Optional<Libwrapper> preloaded = Libwrapper.preloaded();
        alone = preloaded.isEmpty();
        String governing = environment.getOrDefault(TENANT, "");
        if (preloaded.isPresent() && !governing.isEmpty()) {
            requireSameTenant(governing);
            return preloaded.get();
        }
        if (source.isPresent()) {
            apply(run, source.get(), files, jna);
        }
        if (!options.simulated()) { // a simulated GPU is as much the container's own as its books
            Container.here().requireShared(run, environment);
        }
        Libwrapper libwrapper = takeHold(preloaded, run, files);
        Libwrapper.Probe probe = libwrapper.probe();
        if (source.isEmpty() && probe.exitCode() != 0) { // it holds no more
            apply(run, TenantArgument.read("tenant=", options.tenant(), run), files, jna);
            probe = libwrapper.probe();
        }
        if (probe.exitCode() != 0) {
            throw new ControlException(Reason.of(probe.exitCode()), probe.text());
        }
        return libwrapper;
    }

    private static AlreadyApplied wanted(TenantFile file) {
        return new AlreadyApplied(file.tenant(), file.onFailure());
    }

    private Optional<GpuSetup> setup() throws ControlException {
        return options.simulated()
                ? GpuSetup.ofSimulator(Simulator.folder(), environment)
                : GpuSetup.ofDriver(environment);
    }

    /** Who started this process has put it under a tenant already, and that holds for the application's every call. */
    private void requireSameTenant(String governing) throws ControlException {
        if (!tenant.equals(governing)) {
            throw new ControlException(
                    Reason.TENANT_FILE,
                    "this process is already governed as tenant '" + governing
                            + "', by 'sluice run' or its environment," + " and the agent is told tenant '" + tenant
                            + "': leave one out");
        }
    }

    /** By what reads NVML and ledgers: only here does the agent need JNA. */
    private void apply(RunDirectory run, TenantSource source, NativeFiles files, Jna jna) throws ControlException {
        jna.require();
        GpuInventory inventory =
                options.simulated() ? GpuInventory.ofSimulator(Simulator.folder()) : GpuInventory.ofDriver(environment);
        Apply.Result applied = new Apply(
                        run,
                        inventory,
                        (directory, name) ->
                                NativeControl.load(files.libwrapper()).holder(directory, name),
                        overcommit())
                .apply(source);
        AlreadyApplied.remember(run, source, setup());
        applied.warnings().forEach(Agent::say);
    }

    private Overcommit overcommit() throws ControlException {
        String word = environment.getOrDefault(Overcommit.VARIABLE, Overcommit.WARN.toString());
        return Overcommit.parse(word)
                .orElseThrow(() -> new ControlException(
                        Reason.TENANT_FILE,
                        Overcommit.VARIABLE + ": '" + word + "' is none of the settings: write refuse, warn or allow"));
    }

    private Libwrapper takeHold(Optional<Libwrapper> preloaded, RunDirectory run, NativeFiles files)
            throws ControlException {
        try {
            Libwrapper libwrapper = preloaded.isPresent() ? preloaded.get() : Libwrapper.load(files.libwrapper());
            libwrapper.configure(tenant, run.root(), driver(), onFailure.toString());
            libwrapper.takeHold(files.alias());
            return libwrapper;
        } catch (UnsatisfiedLinkError e) {
            throw files.notLoadable(files.libwrapper(), e);
        } catch (IllegalStateException e) {
            throw new ControlException(Reason.OUR_FAULT, String.valueOf(e.getMessage()), e);
        }
    }

    private Optional<Path> driver() throws ControlException {
        return options.simulated() ? Optional.of(Simulator.driver()) : options.driver();
    }
}
