package io.sluice.bench;

import java.io.PrintStream;
import java.util.Locale;

/** Prints rows as they come: a table for people, or one JSON document. */
final class OverheadReport {
    private static final double PROMISED_START_UP_MS = 5;

    private final PrintStream out;
    private final boolean json;
    private String separator = "";

    OverheadReport(PrintStream out, boolean json) {
        this.out = out;
        this.json = json;
    }

    void begin(OverheadOptions options) {
        int cores = Runtime.getRuntime().availableProcessors();
        String machine = "%d cores, Linux %s, Java %s"
                .formatted(cores, System.getProperty("os.version"), System.getProperty("java.version"));
        if (json) {
            line(
                    "{\"question\":\"what does a CUDA call cost more through the libwrapper\",\"machine\":\"%s\","
                            + "\"rounds\":%d,\"round_ms\":%d,\"rows\":[",
                    machine, options.rounds(), options.durationNs() / 1_000_000);
            return;
        }
        line("What does a CUDA call cost more when it goes through the libwrapper?");
        line(
                "The driver does nothing. Medians of %d rounds, bare and governed in turn; in brackets the middle half.",
                options.rounds());
        line("ns = processor time of one call. %s.", machine);
        line("");
        line(
                "%-38s %4s %5s %9s %9s %22s %24s  %s",
                "call", "proc", "thr", "bare ns", "gov. ns", "governed / bare", "added ns", "promised");
    }

    void row(Workload workload, Comparison comparison) {
        if (json) {
            line(
                    "%s{\"call\":\"%s\",\"live\":%d,\"processes\":%d,\"threads\":%d,%s}",
                    separator,
                    workload.call().argument,
                    workload.live(),
                    workload.processes(),
                    workload.threads(),
                    fields(comparison));
            separator = ",";
            return;
        }
        boolean promised = workload.threads() == 1 && workload.processes() == 1;
        line(
                "%-38s %4d %5d %9.1f %9.1f %22s %24s  %s",
                workload.title(),
                workload.processes(),
                workload.threads(),
                comparison.bareNs().median(),
                comparison.governedNs().median(),
                spread(comparison.ratio(), 2),
                spread(comparison.addedNs(), 1),
                promised ? verdict(comparison.addedNs().median(), workload.call().promisedNs, "ns") : "");
    }

    void startUp(Comparison comparison) {
        if (json) {
            line("],\"start_up\":{%s},", fields(comparison));
            return;
        }
        double addedMs = comparison.addedNs().median() / 1e6;
        line("");
        line(
                "start of a C program to after cuInit: bare %.2f ms, governed %.2f ms, governed / bare %s, added %s ms  %s",
                comparison.bareNs().median() / 1e6,
                comparison.governedNs().median() / 1e6,
                spread(comparison.ratio(), 2),
                spread(milliseconds(comparison.addedNs()), 2),
                verdict(addedMs, PROMISED_START_UP_MS, "ms"));
    }

    /** @param launches launches that the ledger counted: governed clients were governed */
    void end(long launches) {
        if (json) {
            line("\"launches_counted\":%d}", launches);
        } else {
            line("The ledger counted %d launches of the governed clients.", launches);
        }
    }

    private static String verdict(double value, double promised, String unit) {
        return String.format(Locale.ROOT, "<= %.0f %s: %s", promised, unit, value <= promised ? "kept" : "NOT kept");
    }

    private static Spread milliseconds(Spread ns) {
        return new Spread(ns.low() / 1e6, ns.median() / 1e6, ns.high() / 1e6);
    }

    private static String spread(Spread spread, int digits) {
        String number = "%." + digits + "f";
        return String.format(
                Locale.ROOT,
                number + " (" + number + ".." + number + ")",
                spread.median(),
                spread.low(),
                spread.high());
    }

    private static String fields(Comparison comparison) {
        return jsonField("bare_ns", comparison.bareNs()) + "," + jsonField("governed_ns", comparison.governedNs()) + ","
                + jsonField("ratio", comparison.ratio()) + "," + jsonField("added_ns", comparison.addedNs());
    }

    private static String jsonField(String name, Spread spread) {
        return String.format(
                Locale.ROOT,
                "\"%s\":{\"p25\":%.3f,\"median\":%.3f,\"p75\":%.3f}",
                name,
                spread.low(),
                spread.median(),
                spread.high());
    }

    private void line(String format, Object... arguments) {
        out.println(arguments.length == 0 ? format : String.format(Locale.ROOT, format, arguments));
    }
}
