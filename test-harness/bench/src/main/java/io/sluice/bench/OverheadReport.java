package io.sluice.bench;

import java.io.PrintStream;
import java.util.Locale;

/** Prints rows as they come: a table for people, or one JSON document. */
final class OverheadReport {
    private static final Promise START_UP = new Promise(5, "ms");
    private static final Promise CROWDED_START_UP = new Promise(0.5, "ms");

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
        line(
                "%-38s %4d %5d %9.1f %9.1f %22s %24s  %s",
                workload.title(),
                workload.processes(),
                workload.threads(),
                comparison.bareNs().median(),
                comparison.governedNs().median(),
                spread(comparison.ratio(), 2),
                spread(comparison.addedNs(), 1),
                workload.promise().verdict(comparison));
    }

    void startUp(Comparison comparison) {
        if (json) {
            line("],\"start_up\":{%s},", fields(comparison));
            return;
        }
        line("");
        times("start of a C program to after cuInit: bare", "governed", comparison, START_UP);
    }

    /** @param others how many processes the tenant has already, against none */
    void crowdedStartUp(int others, Comparison comparison) {
        if (json) {
            line("\"start_up_beside_%d\":{%s},", others, fields(comparison));
            return;
        }
        times("the same, governed: first of its tenant", "beside " + others + " others", comparison, CROWDED_START_UP);
    }

    private void times(String without, String with, Comparison comparison, Promise promise) {
        line(
                "%s %.2f ms, %s %.2f ms, ratio %s, added %s ms  %s",
                without,
                comparison.bareNs().median() / 1e6,
                with,
                comparison.governedNs().median() / 1e6,
                spread(comparison.ratio(), 2),
                spread(milliseconds(comparison.addedNs()), 2),
                promise.verdict(comparison));
    }

    /** @param launches launches that the ledger counted: governed clients were governed */
    void end(long launches) {
        if (json) {
            line("\"launches_counted\":%d}", launches);
        } else {
            line("The ledger counted %d launches of the governed clients.", launches);
        }
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
