package io.sluice.control;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks at the GPUs of this host as often as it is asked, through one NVML that stays open. Not for several threads. */
public final class GpuMonitor implements AutoCloseable {
    private final Nvml nvml;
    private final boolean simulated;
    private final String driverVersion;

    private GpuMonitor(Nvml nvml, boolean simulated) throws ControlException {
        this.nvml = nvml;
        this.simulated = simulated;
        this.driverVersion = nvml.driverVersion();
    }

    public static GpuMonitor ofSimulator(Path simulatorFolder) throws ControlException {
        return new GpuMonitor(
                Nvml.open(simulatorFolder.resolve(GpuInventory.LIBRARY).toString()), true);
    }

    /** The first NVML that can be loaded and started, in the order in which {@link GpuInventory} looks. */
    public static GpuMonitor ofDriver(Map<String, String> environment) throws ControlException {
        Optional<ControlException> why = Optional.empty();
        for (String candidate : GpuInventory.candidates(environment)) {
            try {
                return new GpuMonitor(Nvml.open(candidate), false);
            } catch (UnsatisfiedLinkError e) {
                // Not there, or not loadable here: the next one may be.
            } catch (ControlException e) {
                why = Optional.of(e);
            }
        }
        throw why.orElseGet(() -> GpuInventory.noDriver("no NVIDIA driver on this host"));
    }

    public List<GpuState> read() throws ControlException {
        return nvml.states();
    }

    public boolean simulated() {
        return simulated;
    }

    public String driverVersion() {
        return driverVersion;
    }

    @Override
    public void close() {
        nvml.close();
    }
}
