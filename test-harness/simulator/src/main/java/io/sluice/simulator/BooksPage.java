package io.sluice.simulator;

import io.sluice.simulator.EngineBooks.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a user reads of one card's books.
 *
 * @param runs in the order of writing
 * @param lost records that were overwritten
 */
record BooksPage(String card, List<Run> runs, long lost) {
    static final String CSV_HEADER =
            "card,number,pid,context,stream,kernel,submit_ns,ready_ns,start_ns,end_ns,sms,sms_of_card,ended";

    BooksPage {
        runs = List.copyOf(runs);
    }

    /** Each run on a line, its times in milliseconds since the first; then how long each process had the engine. */
    List<String> table() {
        List<String> lines = new ArrayList<>();
        lines.add("%s: %d runs, %d older ones overwritten".formatted(card, runs.size(), lost));
        if (runs.isEmpty()) {
            return lines;
        }
        long from = runs.stream().mapToLong(Run::startNs).min().orElseThrow();
        long to = runs.stream().mapToLong(Run::endNs).max().orElseThrow();
        lines.add(String.format(
                "%12s %12s %12s %8s %7s %7s %4s  %s",
                "begins ms", "lasts ms", "waited ms", "pid", "context", "stream", "SMs", "kernel"));
        runs.forEach(run -> lines.add(line(run, from)));
        lines.add("");
        lines.add(String.format("%8s %8s %12s %8s", "pid", "kernels", "busy ms", "busy %"));
        Map<Long, Long> busy = EngineBooks.busyNsByPid(runs, from, to);
        busy.forEach((pid, ns) -> lines.add(String.format(
                Locale.ROOT, "%8d %8d %12s %8.1f", pid, kernelsOf(pid), milliseconds(ns), 100.0 * ns / (to - from))));
        lines.add("");
        return lines;
    }

    private static String line(Run run, long from) {
        return String.format(
                "%12s %12s %12s %8d %7d %7d %4d  %s%s",
                milliseconds(run.startNs() - from),
                milliseconds(run.lengthNs()),
                milliseconds(run.startNs() - run.readyNs()),
                run.pid(),
                run.context(),
                run.stream(),
                run.sms(),
                run.kernel(),
                run.ended() ? "" : " (goes on)");
    }

    private static String milliseconds(long ns) {
        return String.format(Locale.ROOT, "%.3f", ns / 1e6);
    }

    private long kernelsOf(long pid) {
        return runs.stream().filter(run -> run.pid() == pid && run.ended()).count();
    }

    /** Each run on a line, under {@link #CSV_HEADER}. */
    List<String> csv() {
        return runs.stream().map(this::csvLine).toList();
    }

    private String csvLine(Run run) {
        return String.join(
                ",",
                Stream.of(
                                card,
                                run.number(),
                                run.pid(),
                                run.context(),
                                run.stream(),
                                quoted(run.kernel()),
                                run.submitNs(),
                                run.readyNs(),
                                run.startNs(),
                                run.endNs(),
                                run.sms(),
                                run.smsOfCard(),
                                run.ended())
                        .map(String::valueOf)
                        .toList());
    }

    private static String quoted(String name) {
        return name.matches("[^\",\\p{Cntrl}]*") ? name : '"' + name.replace("\"", "\"\"") + '"';
    }
}
