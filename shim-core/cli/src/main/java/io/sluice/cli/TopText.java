package io.sluice.cli;

import io.sluice.bridge.ledger.ArbiterFile;
import io.sluice.bridge.ledger.GpuTime;
import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import io.sluice.policy.TenantName;
import io.sluice.policy.time.Share;
import java.time.Duration;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What happened between two looks, for people: a block of tenants for each GPU. */
final class TopText {
    static final int NARROW = 80;

    private static final int BAR = 8;
    private static final int OTHER_COLUMNS = 70;
    private static final int LONGEST_NAME = 63;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");
    private static final String RED = "\u001b[31m";
    private static final String YELLOW = "\u001b[33m";
    private static final String GREEN = "\u001b[32m";
    private static final String PLAIN = "\u001b[0m";

    private final int nameWidth;
    private final boolean colours;

    /** @param columns of the terminal; lines are {@value #NARROW} long at least */
    TopText(int columns, boolean colours) {
        this.nameWidth = Math.min(Math.max(columns, NARROW) - OTHER_COLUMNS, LONGEST_NAME);
        this.colours = colours;
    }

    /** One tenant on one GPU, before and after; the same twice where it was not there before. */
    private record Line(TenantName tenant, Status.GpuStatus before, Status.GpuStatus after, int processes) {}

    String of(TopLook before, TopLook after) {
        StringBuilder text = new StringBuilder("sluice top  " + TIME.format(after.time()) + "  "
                + after.status().run().root() + "\n");
        Map<GpuId, Map<TenantName, Line>> byGpu = byGpu(before.status(), after.status());
        if (byGpu.isEmpty()) {
            return text + StatusText.of(after.status());
        }
        double seconds = Math.max(1, after.nanoTime() - before.nanoTime()) / 1e9; // of the first look there is only one
        byGpu.forEach((gpu, lines) -> {
            Optional<ArbiterFile.Turn> turn = Optional.ofNullable(after.turns().get(gpu));
            long turns = turn.map(ArbiterFile.Turn::serial).orElse(0L)
                    - Optional.ofNullable(before.turns().get(gpu))
                            .or(() -> turn)
                            .map(ArbiterFile.Turn::serial)
                            .orElse(0L);
            text.append('\n').append(head(lines.values().iterator().next().after(), turn, turns / seconds));
            text.append(String.format(
                    Locale.ROOT,
                    "  %-" + nameWidth + "s %-" + (BAR + 23) + "s  %-" + (BAR + 14) + "s  %5s %4s%n",
                    "TENANT",
                    "MEMORY",
                    "SM",
                    "WAIT",
                    "PROC"));
            lines.values().forEach(line -> text.append(line(line, turn, seconds)));
        });
        after.status()
                .unreadable()
                .forEach((tenant, reason) -> text.append("tenant '" + tenant + "': " + reason + "\n"));
        return text.toString();
    }

    private static Map<GpuId, Map<TenantName, Line>> byGpu(Status before, Status after) {
        Map<GpuId, Map<TenantName, Line>> lines = new LinkedHashMap<>();
        for (Status.TenantStatus tenant : after.tenants()) {
            for (Status.GpuStatus gpu : tenant.gpus()) {
                Status.GpuStatus was =
                        find(before, tenant.tenant(), gpu.usage().gpu()).orElse(gpu);
                lines.computeIfAbsent(gpu.usage().gpu(), added -> new LinkedHashMap<>())
                        .put(tenant.tenant(), new Line(tenant.tenant(), was, gpu, processes(tenant, gpu)));
            }
        }
        return lines;
    }

    /** Those that hold something there, or all where none holds anything: who only computes holds nothing. */
    private static int processes(Status.TenantStatus tenant, Status.GpuStatus gpu) {
        return (int) tenant.processes().stream()
                .filter(process -> process.held().isEmpty()
                        || process.held().containsKey(gpu.usage().gpu()))
                .count();
    }

    private static Optional<Status.GpuStatus> find(Status status, TenantName name, GpuId id) {
        return status.tenants().stream()
                .filter(tenant -> tenant.tenant().equals(name))
                .flatMap(tenant -> tenant.gpus().stream())
                .filter(gpu -> gpu.usage().gpu().equals(id))
                .findAny();
    }

    private static String head(Status.GpuStatus gpu, Optional<ArbiterFile.Turn> turn, double turnsPerSecond) {
        String name = gpu.known()
                .map(known -> "GPU " + known.gpu().index() + "  " + known.gpu().name() + "  "
                        + known.gpu().memory())
                .orElseGet(() -> gpu.usage().gpu().toString());
        String whose = turn.isEmpty() || turn.get().serial() == 0
                ? ""
                : String.format(
                        Locale.ROOT,
                        "  turn: %s, %.0f/s",
                        turn.get().tenant().map(TenantName::value).orElse("nobody"),
                        turnsPerSecond);
        return name + whose + "\n";
    }

    private String line(Line line, Optional<ArbiterFile.Turn> turn, double seconds) {
        boolean hasTurn = turn.flatMap(ArbiterFile.Turn::tenant)
                .filter(line.tenant()::equals)
                .isPresent();
        String name = line.tenant().value();
        String shown = name.length() > nameWidth ? name.substring(0, nameWidth - 1) + "~" : name;
        GpuTime now = line.after().usage().time();
        GpuTime then = line.before().usage().time();
        return String.format(
                Locale.ROOT,
                "%s %-" + nameWidth + "s %s  %s  %5s %4d%n",
                hasTurn ? "*" : " ",
                shown,
                memory(line.after()),
                time(line.after(), part(now.busy().minus(then.busy()), seconds)),
                percent(part(waited(now).minus(waited(then)), seconds)),
                line.processes());
    }

    private static Duration waited(GpuTime time) {
        return time.throttled().plus(time.turnWait());
    }

    private static double part(Duration time, double seconds) {
        return time.toNanos() / 1e9 / seconds;
    }

    private String memory(Status.GpuStatus gpu) {
        Bytes used = gpu.usage().used();
        double part = gpu.limit()
                .map(limit -> limit.value() == 0 ? 0 : (double) used.value() / limit.value())
                .orElse(0.0);
        String text = used + "/" + gpu.limit().map(Bytes::toString).orElse("none");
        return bar(part, -1) + String.format(Locale.ROOT, " %-22s", text);
    }

    /** Of the whole GPU, with a mark at what the tenant may use at most. */
    private String time(Status.GpuStatus gpu, double part) {
        int most = gpu.cap()
                .map(cap -> (int) ((long) BAR * cap.millionths() / Share.WHOLE))
                .orElse(-1);
        String of = gpu.share().map(share -> " of " + share).orElse("");
        return bar(part, most) + String.format(Locale.ROOT, " %-13s", percent(part) + of);
    }

    private String bar(double part, int mark) {
        int full = (int) Math.min(BAR, Math.round(part * BAR));
        StringBuilder bar = new StringBuilder();
        for (int i = 0; i < BAR; i++) {
            bar.append(i < full ? '#' : i == mark ? '|' : '.');
        }
        if (!colours) {
            return bar.toString();
        }
        String colour = mark >= 0 || part < 0.75 ? GREEN : part < 0.9 ? YELLOW : RED;
        return colour + bar + PLAIN;
    }

    private static String percent(double part) {
        return String.format(Locale.ROOT, part < 0.0995 ? "%.1f%%" : "%.0f%%", 100 * part);
    }
}
