package io.sluice.cli;

import io.sluice.bridge.ledger.GpuUsage;
import io.sluice.bridge.ledger.Ledger;
import io.sluice.bridge.ledger.Limits;
import io.sluice.bridge.ledger.PinnedUsage;
import io.sluice.bridge.ledger.ProcessUsage;
import io.sluice.control.ControlException;
import io.sluice.control.KnownGpus;
import io.sluice.control.RunDirectory;
import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import io.sluice.policy.TenantName;
import io.sluice.policy.time.Share;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the tenants of a run directory may use and do use, at one moment.
 *
 * @param closed tenants of other users, whose books this user may not see
 * @param unreadable tenants whose books could not be read, with the reason
 */
record Status(
        RunDirectory run, List<TenantStatus> tenants, List<TenantName> closed, Map<TenantName, String> unreadable) {

    /** One tenant. */
    record TenantStatus(
            TenantName tenant,
            List<GpuStatus> gpus,
            PinnedStatus pinned,
            long unlistedDenials,
            List<ProcessUsage> processes) {}

    /**
     * Page-locked host memory of one tenant.
     *
     * @param limit empty if there is none
     */
    record PinnedStatus(PinnedUsage usage, Optional<Bytes> limit) {}

    /**
     * One GPU of one tenant.
     *
     * @param known its name and index, if this run directory has seen it
     * @param limit empty if the tenant may not use it (any more)
     */
    record GpuStatus(
            GpuUsage usage,
            Optional<KnownGpus.Known> known,
            Optional<Bytes> limit,
            Optional<Share> share,
            Optional<Share> cap) {}

    /** @param sweeper takes back what dead processes held, before a tenant is read */
    static Status read(RunDirectory run, Sweeper sweeper) throws ControlException {
        List<TenantStatus> tenants = new ArrayList<>();
        List<TenantName> closed = new ArrayList<>();
        Map<TenantName, String> unreadable = new LinkedHashMap<>();
        if (Files.exists(run.root(), LinkOption.NOFOLLOW_LINKS)) {
            KnownGpus known = KnownGpus.read(run);
            for (TenantName tenant : run.tenants()) {
                if (!Files.isWritable(run.tenantFolder(tenant))) {
                    closed.add(tenant);
                    continue;
                }
                try {
                    sweeper.sweep(run, tenant);
                    tenants.add(read(run, tenant, known));
                } catch (IOException e) {
                    unreadable.put(tenant, String.valueOf(e.getMessage()));
                }
            }
        }
        return new Status(run, tenants, closed, unreadable);
    }

    private static TenantStatus read(RunDirectory run, TenantName tenant, KnownGpus known) throws IOException {
        Ledger ledger = Ledger.open(run.ledger(tenant));
        Limits limits = Limits.open(run.limits(tenant));
        List<GpuStatus> gpus = new ArrayList<>();
        for (GpuUsage usage : ledger.usage()) {
            GpuId gpu = usage.gpu();
            gpus.add(new GpuStatus(usage, known.find(gpu), limits.limit(gpu), limits.share(gpu), limits.cap(gpu)));
        }
        PinnedStatus pinned = new PinnedStatus(ledger.pinned(), limits.pinned());
        return new TenantStatus(tenant, gpus, pinned, ledger.unlistedDenials(), ledger.processes());
    }
}
