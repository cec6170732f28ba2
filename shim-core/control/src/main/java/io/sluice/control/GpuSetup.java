package io.sluice.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a host's GPUs depend on, in one line: as long as it is the same, NVML need not be asked again. Loading NVML and asking
 * it takes longer than all else that a start needs.
 */
public record GpuSetup(String line) {
    private static final Path DRIVER = Path.of("/proc/driver/nvidia");
    private static final int MIG_DEPTH = 5; // capabilities/gpu0/mig/gi1/ci0

    /** Empty where the driver does not tell by files what it drives, as under WSL. */
    public static Optional<GpuSetup> ofDriver(Map<String, String> environment) {
        return ofDriver(environment, DRIVER);
    }

    static Optional<GpuSetup> ofDriver(Map<String, String> environment, Path driver) {
        try (Stream<Path> gpus = Files.list(driver.resolve("gpus"))) {
            List<String> parts = List.of(
                    environment.getOrDefault("SLUICE_DRIVER", ""),
                    environment.getOrDefault("LD_LIBRARY_PATH", ""),
                    Files.readString(driver.resolve("version")),
                    names(gpus),
                    slices(driver.resolve("capabilities")));
            return of(parts);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Of the simulated GPU. Empty where it has not been used yet.
     *
     * @param folder where its libraries lie
     */
    public static Optional<GpuSetup> ofSimulator(Path folder, Map<String, String> environment) {
        try {
            String named = environment.getOrDefault("SLUICE_SIM_DIR", "");
            Path cards = named.isEmpty() ? Path.of("/dev/shm/sluice-sim-" + Folders.user()) : Path.of(named);
            return of(List.of("simulated", folder.toString(), Files.readString(cards.resolve("cards.conf"))));
        } catch (IOException | ControlException e) {
            return Optional.empty();
        }
    }

    /** The slices that MIG has made. */
    private static String slices(Path capabilities) throws IOException {
        if (!Files.isDirectory(capabilities)) {
            return "";
        }
        try (Stream<Path> found = Files.walk(capabilities, MIG_DEPTH)) {
            return names(found);
        }
    }

    private static String names(Stream<Path> paths) {
        return paths.map(Path::toString).sorted().collect(Collectors.joining(" "));
    }

    private static Optional<GpuSetup> of(List<String> parts) {
        return Optional.of(new GpuSetup(String.join("|", parts).replace('\n', ' ')));
    }
}
