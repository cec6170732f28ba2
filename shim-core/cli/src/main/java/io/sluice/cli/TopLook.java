package io.sluice.cli;

import io.sluice.bridge.ledger.ArbiterFile;
import io.sluice.control.ControlException;
import io.sluice.control.RunDirectory;
import io.sluice.policy.GpuId;
import io.sluice.policy.TenantName;
import java.io.IOException;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything that top shows, at one moment.
 *
 * @param nanoTime of {@link System#nanoTime()}
 * @param time of the day
 * @param turns of each GPU that has any
 */
record TopLook(long nanoTime, LocalTime time, Status status, Map<GpuId, ArbiterFile.Turn> turns) {
    static TopLook now(RunDirectory run, Sweeper sweeper) throws ControlException, IOException {
        Status status = Status.read(run, sweeper);
        List<TenantName> tenants =
                status.tenants().stream().map(Status.TenantStatus::tenant).toList();
        Map<GpuId, ArbiterFile.Turn> turns = new LinkedHashMap<>();
        for (Status.TenantStatus tenant : status.tenants()) {
            for (Status.GpuStatus gpu : tenant.gpus()) {
                GpuId id = gpu.usage().gpu();
                if (!turns.containsKey(id)) {
                    ArbiterFile.turn(run.arbiter(id), tenants).ifPresent(turn -> turns.put(id, turn));
                }
            }
        }
        return new TopLook(
                System.nanoTime(), LocalTime.now(ZoneId.systemDefault()).withNano(0), status, turns);
    }
}
