package io.sluice.simulator;

import io.sluice.bridge.api.DriverApi;
import io.sluice.bridge.api.DriverFunction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The text of {@code docs/simulated-gpu-functions.md}, from the API description and the C sources. */
final class FunctionsPage {
    private final Path sources;

    FunctionsPage(Path sources) {
        this.sources = sources;
    }

    /**
     * The page.
     *
     * @param values what {@code cuDeviceGetAttribute} answers: by attribute, one value per card
     */
    String text(List<String> cards, Map<Integer, List<Integer>> values) throws IOException {
        return """
                # What the simulated GPU implements

                Generated from the API description, the C sources and what the driver answers, by `SimulatedFunctionsTest`, which
                keeps it current. [simulated-gpu.md](simulated-gpu.md) says how true the functions are that work.

                """ + driver() + attributes(cards, values) + nvml();
    }

    private String driver() throws IOException {
        List<DriverFunction> exported = DriverApi.read(Native.api()).stream()
                .filter(DriverFunction::inDriver535)
                .toList();
        FunctionWriter writer = new FunctionWriter(exported, Handwritten.ofDriver(sources));
        List<DriverFunction> works =
                exported.stream().filter(writer::isImplemented).toList();
        List<DriverFunction> missing = exported.stream()
                .filter(function -> !writer.isImplemented(function))
                .toList();
        return "## Driver functions that work\n\n%d of the %d names that the 535 driver exports.\n\n"
                        .formatted(works.size(), exported.size())
                + byCall(works)
                + "\n## Driver functions that do not\n\n%d names; they answer `CUDA_ERROR_NOT_SUPPORTED` (801).\n\n"
                        .formatted(missing.size())
                + byCall(missing) + "\n";
    }

    private static String byCall(List<DriverFunction> functions) {
        Map<String, List<DriverFunction>> forms = functions.stream()
                .collect(Collectors.groupingBy(DriverFunction::base, TreeMap::new, Collectors.toList()));
        StringBuilder text = new StringBuilder("| call | forms |\n|---|---|\n");
        forms.forEach((call, names) -> text.append("| `%s` | %s |\n"
                .formatted(call, names.stream().map(DriverFunction::name).collect(Collectors.joining(", ")))));
        return text.toString();
    }

    private static String attributes(List<String> cards, Map<Integer, List<Integer>> values) throws IOException {
        StringBuilder text = new StringBuilder("""
                ## Device attributes

                What `cuDeviceGetAttribute` answers for the card that is there without a `cards.conf`, and for each model. An
                attribute that is 0 for all of them is not claimed, or its answer is no.

                """);
        text.append("| | attribute | ").append(String.join(" | ", cards)).append(" |\n|---|---|");
        text.append("---|".repeat(cards.size())).append('\n');
        StringBuilder zeros = new StringBuilder();
        for (String line : Files.readAllLines(Native.api().resolve("device-attributes.tsv"))) {
            String[] column = line.split("\t", -1);
            List<Integer> answers = column[0].equals("number") ? null : values.get(Integer.valueOf(column[0]));
            String name = column[1].toLowerCase(Locale.ROOT).replace('_', ' ');
            if (answers != null && answers.stream().allMatch(answer -> answer == 0)) {
                zeros.append(zeros.isEmpty() ? "" : ", ").append("%s (%s)".formatted(name, column[0]));
            } else if (answers != null) {
                text.append("| %s | %s | ".formatted(column[0], name));
                text.append(answers.stream().map(String::valueOf).collect(Collectors.joining(" | ")));
                text.append(" |\n");
            }
        }
        return text + "\n0 for all: " + zeros + ".\n\n";
    }

    private String nvml() throws IOException {
        var handwritten = Handwritten.ofNvml(sources);
        Map<Boolean, List<String>> works = new NvmlWriter(Native.api(), handwritten)
                .rows().stream().map(NvmlWriter.Row::name).collect(Collectors.partitioningBy(handwritten::contains));
        List<String> missing = works.getOrDefault(false, List.of());
        return "## NVML functions that work\n\n%d of the %d names that the 535 driver's NVML exports.\n\n"
                        .formatted(handwritten.size(), handwritten.size() + missing.size())
                + String.join(", ", works.getOrDefault(true, List.of()))
                + "\n\n## NVML functions that do not\n\n%d names; they answer `NVML_ERROR_NOT_SUPPORTED` (3).\n\n"
                        .formatted(missing.size())
                + String.join(", ", missing) + "\n";
    }
}
