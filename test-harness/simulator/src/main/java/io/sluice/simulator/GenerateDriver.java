package io.sluice.simulator;

import io.sluice.bridge.api.DriverApi;
import io.sluice.bridge.api.DriverFunction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Generates the C that follows from the API description, so that the simulated driver exports exactly the names of the 535
 * driver and answers {@code cuGetProcAddress} exactly as it does:
 *
 * <ul>
 *   <li>{@code driver_prototypes.h}: prototypes of the functions that are written by hand;
 *   <li>{@code per_thread.c}: their {@code _ptds} and {@code _ptsz} variants;
 *   <li>{@code stubs.c}: all other names, answering {@code CUDA_ERROR_NOT_SUPPORTED};
 *   <li>{@code proc_address.c}: the table behind {@code cuGetProcAddress};
 *   <li>{@code nvml_prototypes.h} and {@code nvml/stubs.c}: the same for NVML.
 * </ul>
 */
public final class GenerateDriver {
    private GenerateDriver() {}

    /** Arguments: the folder of the API description, the output folder, the folder of the handwritten C. */
    public static void main(String[] arguments) throws IOException {
        Path api = Path.of(arguments[0]);
        Path output = Path.of(arguments[1]);
        List<DriverFunction> exported =
                DriverApi.read(api).stream().filter(DriverFunction::inDriver535).toList();
        Path sources = Path.of(arguments[2]);
        FunctionWriter functions = new FunctionWriter(exported, Handwritten.ofDriver(sources));
        NvmlWriter nvml = new NvmlWriter(api, Handwritten.ofNvml(sources));
        Files.createDirectories(output.resolve("nvml"));
        writeIfChanged(output.resolve("driver_prototypes.h"), functions.prototypes());
        writeIfChanged(output.resolve("per_thread.c"), functions.perThreadVariants());
        writeIfChanged(output.resolve("stubs.c"), functions.stubs());
        writeIfChanged(output.resolve("proc_address.c"), ProcAddressWriter.write(api, exported));
        writeIfChanged(output.resolve("nvml_prototypes.h"), nvml.prototypes());
        writeIfChanged(output.resolve("nvml/stubs.c"), nvml.stubs());
    }

    /** Leaves an equal file alone, so that make does not build it again. */
    private static void writeIfChanged(Path file, String text) throws IOException {
        if (!Files.exists(file) || !Files.readString(file).equals(text)) {
            Files.writeString(file, text);
        }
    }
}
