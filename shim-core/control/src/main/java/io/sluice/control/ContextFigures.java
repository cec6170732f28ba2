package io.sluice.control;

import io.sluice.bridge.ledger.Limits;
import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import io.sluice.policy.TenantName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * What a context takes of each GPU of this node, as it was measured here: a context is charged that much before the driver is asked
 * for it. One line each: {@code uuid bytes}. Where nobody has measured, contexts are not charged.
 */
public final class ContextFigures {
    private ContextFigures() {}

    /**
     * Keeps what was measured, for the limits that hold now as well.
     *
     * @throws ControlException if this user may not change limits here
     */
    public static void keep(RunDirectory run, Map<GpuId, Bytes> measured) throws ControlException {
        run.ensure();
        try {
            run.whileLocked(() -> {
                Map<UUID, Bytes> figures = read(run);
                measured.forEach((gpu, bytes) -> figures.put(gpu.uuid(), bytes));
                StringBuilder lines = new StringBuilder();
                figures.forEach((uuid, bytes) -> lines.append(new GpuId(uuid, false))
                        .append(' ')
                        .append(bytes.value())
                        .append('\n'));
                WholeFile.write(run.contexts(), lines.toString().getBytes(StandardCharsets.UTF_8));
                for (TenantName tenant : run.tenantsWithLimits()) {
                    write(Limits.createOrOpen(run.limits(tenant), tenant), figures);
                }
                return run;
            });
        } catch (IOException e) {
            throw new ControlException(
                    ControlException.Reason.NOT_PERMITTED,
                    run.contexts() + " cannot be written (" + e.getMessage() + "): measure as the user who applies"
                            + " tenant files",
                    e);
        }
    }

    /** The caller holds the run directory's lock. */
    static void write(RunDirectory run, Limits limits) throws IOException {
        write(limits, read(run));
    }

    private static void write(Limits limits, Map<UUID, Bytes> figures) {
        for (GpuId gpu : limits.gpus()) {
            limits.setContext(gpu, figures.getOrDefault(gpu.uuid(), Bytes.ZERO));
        }
    }

    private static Map<UUID, Bytes> read(RunDirectory run) throws IOException {
        Map<UUID, Bytes> figures = new LinkedHashMap<>();
        try {
            for (String line : Files.readAllLines(run.contexts(), StandardCharsets.UTF_8)) {
                String[] words = line.split(" ", 2);
                if (words.length == 2 && GpuId.isGpuId(words[0]) && words[1].matches("[0-9]{1,18}")) {
                    figures.put(GpuId.parse(words[0]).uuid(), Bytes.of(Long.parseLong(words[1])));
                }
            }
        } catch (NoSuchFileException e) {
            // Nobody has measured yet.
        }
        return figures;
    }
}
