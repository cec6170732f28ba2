package io.sluice.control;

import io.sluice.control.ControlException.Reason;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The GPUs of this host.
 *
 * @param gpus by index
 * @param simulated whether they are simulated
 */
public record GpuInventory(List<Gpu> gpus, boolean simulated) {
    static final String LIBRARY = "libnvidia-ml.so.1";

    private static final List<String> WELL_KNOWN_FOLDERS = List.of(
            "/usr/lib/x86_64-linux-gnu",
            "/usr/lib/aarch64-linux-gnu",
            "/usr/lib/aarch64-linux-gnu/nvidia",
            "/usr/lib64",
            "/usr/local/nvidia/lib64",
            "/usr/lib/wsl/lib",
            "/run/opengl-driver/lib");

    public GpuInventory {
        gpus = List.copyOf(gpus);
    }

    /** The simulated GPUs, described by the NVML in the simulator's folder. */
    public static GpuInventory ofSimulator(Path simulatorFolder) throws ControlException {
        Path library = simulatorFolder.resolve(LIBRARY);
        if (!Files.exists(library)) {
            throw new ControlException(Reason.OUR_FAULT, library + " does not exist: the simulated GPU is not built");
        }
        return new GpuInventory(Nvml.read(library.toString()), true);
    }

    /**
     * The GPUs that the NVIDIA driver reports.
     *
     * @throws ControlException with {@link Reason#NO_DRIVER} if there is no driver or no GPU
     */
    public static GpuInventory ofDriver(Map<String, String> environment) throws ControlException {
        Optional<ControlException> why = Optional.empty();
        for (String candidate : candidates(environment)) {
            try {
                List<Gpu> gpus = Nvml.read(candidate);
                if (!gpus.isEmpty()) {
                    return new GpuInventory(gpus, false);
                }
                why = Optional.of(noDriver("the NVIDIA driver reports no GPU on this host"));
            } catch (UnsatisfiedLinkError e) {
                // Not there, or not loadable here: the next one may be.
            } catch (ControlException e) {
                why = Optional.of(e);
            }
        }
        throw why.orElseGet(() -> noDriver("no NVIDIA driver on this host: " + LIBRARY + " was not found"));
    }

    /** Beside the driver that was named, then where the loader looks, then where containers and distributions put it. */
    static List<String> candidates(Map<String, String> environment) {
        List<String> candidates = new ArrayList<>();
        String driver = environment.getOrDefault("SLUICE_DRIVER", "");
        if (driver.startsWith("/")) {
            addIfThere(candidates, Path.of(driver).resolveSibling(LIBRARY));
        }
        for (String folder : environment.getOrDefault("LD_LIBRARY_PATH", "").split(File.pathSeparator)) {
            if (folder.startsWith("/")) {
                addIfThere(candidates, Path.of(folder, LIBRARY));
            }
        }
        candidates.add(LIBRARY);
        WELL_KNOWN_FOLDERS.forEach(folder -> addIfThere(candidates, Path.of(folder, LIBRARY)));
        return candidates;
    }

    private static void addIfThere(List<String> candidates, Path library) {
        if (Files.exists(library)) {
            candidates.add(library.toString());
        }
    }

    static ControlException noDriver(String what) {
        return new ControlException(
                Reason.NO_DRIVER, what + "; with --sim Sluice runs the application on a simulated GPU");
    }
}
