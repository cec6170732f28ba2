package io.sluice.bench.share;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Answers: what share of the GPU's time does a tenant receive, whose file sets one? */
@Command(
        name = "share",
        mixinStandardHelpOptions = true,
        description = "Measure what share of the simulated GPU's time tenants receive, by its own books.")
final class ShareBench implements Callable<Integer> {
    @Option(names = "--seconds", description = "how long each row is measured (default: ${DEFAULT-VALUE})")
    private double seconds = 4;

    @Option(names = "--only", description = "alone, shapes, together or victim")
    private @Nullable String only;

    @Option(names = "--percent", description = "rows with this share alone")
    private int percent;

    @Option(names = "--noise", description = "on or off (default: ${DEFAULT-VALUE})")
    private Noise noise = Noise.on;

    @Option(names = "--json", description = "one JSON document instead of a table")
    private boolean json;

    /** As the option is written. */
    enum Noise {
        on,
        off
    }

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ShareBench()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Path home = Path.of(System.getProperty("sluice.home", "")).toAbsolutePath();
        PrintStream out = System.out;
        ShareReport report = new ShareReport(out, json);
        report.begin(seconds, noise == Noise.on);
        for (Scenario scenario : selected()) {
            try (ShareNode node = new ShareNode(home, noise == Noise.on)) {
                report.row(Measurement.of(scenario, node, Math.round(seconds * 1e9)));
            }
        }
        report.end();
        return 0;
    }

    private List<Scenario> selected() {
        return Scenario.all().stream()
                .filter(scenario -> only == null || only.equals(scenario.group()))
                .filter(scenario ->
                        percent == 0 || scenario.tenants().stream().anyMatch(tenant -> tenant.percent() == percent))
                .toList();
    }
}
