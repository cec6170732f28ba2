package io.sluice.bridge.generator;

import io.sluice.bridge.api.DriverApi;
import io.sluice.bridge.api.DriverFunction;
import io.sluice.bridge.api.DriverFunction.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Generates {@code docs/driver-functions.md}: what Sluice does with every function of the driver API. */
public final class GenerateFunctionTable {
    private GenerateFunctionTable() {}

    /**
     * Runs the generator.
     *
     * @param arguments the folder of the API description, the file to write
     */
    public static void main(String[] arguments) throws IOException {
        Files.writeString(Path.of(arguments[1]), generate(DriverApi.read(Path.of(arguments[0]))));
    }

    static String generate(List<DriverFunction> functions) {
        StringBuilder text = new StringBuilder("""
                # What happens to each driver function

                Generated from the API description by `GenerateFunctionTable`; a test keeps it current. Forms of one call
                (`_v2`, `_ptsz`, `_ptds`) share a row.

                """);
        section(
                text,
                "Governed",
                "Charged, released, or answered as the tenant's quota has it.",
                functions,
                List.of(Entry.HOOK));
        section(
                text,
                "Counted as launches",
                "Forwarded; where the tenant has a share of the GPU's time, once that and its turn have come.",
                functions,
                List.of(Entry.LAUNCH));
        section(
                text,
                "Refused under a quota",
                "They take device memory in ways that cannot be charged yet. They answer `CUDA_ERROR_NOT_SUPPORTED` (801) with"
                        + " one line on stderr, and `cuDeviceGetAttribute` tells that the feature is absent.",
                functions,
                List.of(Entry.REFUSE));
        section(
                text,
                "Ungoverned",
                "Forwarded and counted as `ungoverned`: they take memory that is not charged yet. Contexts that nobody has measured, and"
                        + " modules whose image is packed, count here too.",
                functions,
                List.of(Entry.COUNT));
        section(
                text,
                "Forwarded",
                "No quota concerns them: one jump, with every argument left where it is. Those that put work into a stream, or ask"
                        + " whether it is over, first end what is being measured of the calling thread's launches.",
                functions,
                List.of(Entry.JUMP, Entry.CLOSE, Entry.REBIND));
        return text.toString();
    }

    private static void section(
            StringBuilder text, String title, String what, List<DriverFunction> functions, List<Entry> entries) {
        Map<String, List<DriverFunction>> byBase = functions.stream()
                .filter(f -> entries.contains(f.entry()))
                .collect(Collectors.groupingBy(DriverFunction::base, TreeMap::new, Collectors.toList()));
        int names = byBase.values().stream().mapToInt(List::size).sum();
        text.append("## ")
                .append(title)
                .append("\n\n")
                .append(what)
                .append(" ")
                .append(names)
                .append(" names.\n\n");
        if (entries.contains(Entry.JUMP)) {
            text.append(String.join(", ", new ArrayList<>(byBase.keySet()))).append("\n\n");
            return;
        }
        text.append("| call | role | forms |\n|---|---|---|\n");
        byBase.forEach((base, forms) -> text.append("| `%s` | %s | %s |%n"
                .formatted(
                        base,
                        forms.get(0).role().name().toLowerCase(java.util.Locale.ROOT),
                        forms.stream().map(DriverFunction::name).collect(Collectors.joining(", ")))));
        text.append('\n');
    }
}
