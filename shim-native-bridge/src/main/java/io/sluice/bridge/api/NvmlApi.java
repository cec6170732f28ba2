package io.sluice.bridge.api;

import io.sluice.bridge.api.DriverFunction.Parameter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Reads the description of NVML, {@code src/main/api/nvml-api.tsv}. */
public final class NvmlApi {
    public static final String FILE = "nvml-api.tsv";
    private static final String HEADER = "name\treturn\tparams";

    /** Those that tell what a quota changes: a GPU's memory, and who has it or uses it. */
    private static final Set<String> TELLING = Set.of(
            "nvmlDeviceGetMemoryInfo",
            "nvmlDeviceGetMemoryInfo_v2",
            "nvmlDeviceGetComputeRunningProcesses",
            "nvmlDeviceGetComputeRunningProcesses_v2",
            "nvmlDeviceGetComputeRunningProcesses_v3",
            "nvmlDeviceGetGraphicsRunningProcesses",
            "nvmlDeviceGetGraphicsRunningProcesses_v2",
            "nvmlDeviceGetGraphicsRunningProcesses_v3",
            "nvmlDeviceGetMPSComputeRunningProcesses",
            "nvmlDeviceGetMPSComputeRunningProcesses_v2",
            "nvmlDeviceGetMPSComputeRunningProcesses_v3",
            "nvmlDeviceGetRunningProcessDetailList",
            "nvmlDeviceGetProcessUtilization",
            "nvmlDeviceGetAccountingPids",
            "nvmlDeviceGetAccountingStats");

    private NvmlApi() {}

    /**
     * One exported name of NVML.
     *
     * @param tells whether its answer is the tenant's, not the GPU's
     * @param parameters types and names, in order; empty also where no public header declares it
     */
    public record NvmlFunction(String name, boolean tells, List<Parameter> parameters) {}

    /**
     * @param folder the folder that holds {@link #FILE}
     * @return every function, in the order of the file, which is sorted by name
     */
    public static List<NvmlFunction> read(Path folder) throws IOException {
        List<String> lines = Files.readAllLines(folder.resolve(FILE));
        if (lines.isEmpty() || !lines.get(0).equals(HEADER)) {
            throw new IOException(folder.resolve(FILE) + ":1: the header is not '" + HEADER + "'");
        }
        return lines.stream()
                .skip(1)
                .map(line -> line.split("\t", -1))
                .map(column -> new NvmlFunction(column[0], TELLING.contains(column[0]), parameters(column[2])))
                .toList();
    }

    private static List<Parameter> parameters(String column) {
        if (column.equals("void") || column.equals("?")) {
            return List.of();
        }
        return Arrays.stream(column.split(",", -1))
                .map(parameter -> Parameter.parse(parameter.strip()))
                .toList();
    }
}
