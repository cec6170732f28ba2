package io.sluice.bench.share;

import java.io.PrintStream;
import java.util.Locale;

/** Prints rows as they come: a table for people, or one JSON document. */
final class ShareReport {
    private final PrintStream out;
    private final boolean json;
    private String separator = "";

    ShareReport(PrintStream out, boolean json) {
        this.out = out;
        this.json = json;
    }

    void begin(double seconds, boolean noise) {
        if (json) {
            line(
                    "{\"question\":\"what share of the GPU's time does a tenant receive\",\"seconds\":%s,\"noise\":%s,\"rows\":[",
                    seconds, noise);
            return;
        }
        line(
                "What share of the GPU's time does a tenant receive? By the simulated GPU's own books, over %s s a row, noise %s.",
                seconds, noise ? "on" : "off");
        line("");
        line(
                "%-9s %-22s %-8s %-34s %6s %9s %17s %9s %9s",
                "rows", "", "tenant", "load", "set %", "received", "1 s windows", "p50 us", "p99 us");
    }

    void row(Measurement measurement) {
        for (Measurement.OfTenant one : measurement.tenants()) {
            if (json) {
                json(measurement, one);
            } else {
                table(measurement, one);
            }
        }
        if (!json && measurement.tenants().size() > 1) {
            line("%-9s %-22s busy %.1f %%, Jain %.4f", "", "", 100 * measurement.busy(), measurement.jain());
        }
        if (measurement.lostRecords() > 0) {
            out.flush();
            System.err.printf("void: %d records of the engine's books were lost%n", measurement.lostRecords());
        }
    }

    void end() {
        if (json) {
            line("]}");
        }
    }

    private void table(Measurement measurement, Measurement.OfTenant one) {
        line(
                "%-9s %-22s %-8s %-34s %6d %9.2f %17s %9.0f %9.0f",
                measurement.scenario().group(),
                measurement.scenario().title(),
                one.tenant().name(),
                one.tenant().load().title(),
                one.tenant().percent(),
                100 * one.received().share(),
                String.format(
                        Locale.ROOT,
                        "%.1f..%.1f",
                        100 * one.received().leastWindow(),
                        100 * one.received().mostWindow()),
                one.first().medianNs() / 1e3,
                one.first().p99Ns() / 1e3);
    }

    private void json(Measurement measurement, Measurement.OfTenant one) {
        line(
                "%s{\"group\":\"%s\",\"title\":\"%s\",\"tenant\":\"%s\",\"load\":\"%s\",\"set\":%s,\"received\":%.5f,"
                        + "\"least_second\":%.5f,\"most_second\":%.5f,\"median_ns\":%d,\"p99_ns\":%d,\"busy\":%.5f,\"jain\":%.5f,\"lost\":%d}",
                separator,
                measurement.scenario().group(),
                measurement.scenario().title(),
                one.tenant().name(),
                one.tenant().load().title(),
                one.tenant().percent() / 100.0,
                one.received().share(),
                one.received().leastWindow(),
                one.received().mostWindow(),
                one.first().medianNs(),
                one.first().p99Ns(),
                measurement.busy(),
                measurement.jain(),
                measurement.lostRecords());
        separator = ",";
    }

    private void line(String format, Object... arguments) {
        out.println(arguments.length == 0 ? format : String.format(Locale.ROOT, format, arguments));
    }
}
