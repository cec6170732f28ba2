package io.sluice.exporter;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.sluice.bridge.ledger.Limits;
import io.sluice.control.ControlException;
import io.sluice.control.GpuState;
import io.sluice.control.KnownGpus;
import io.sluice.control.LedgerSweeper;
import io.sluice.control.ReloadRecord;
import io.sluice.control.RunDirectory;
import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import io.sluice.policy.TenantName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the whole node, at each scrape anew. Scrapes and sweeps wait for each other. */
final class NodeCollector implements MultiCollector {
    private static final Logger LOG = LoggerFactory.getLogger(NodeCollector.class);
    private static final Path PROC = Path.of("/proc");

    private final RunDirectory run;
    private final Gpus gpus;
    private final String version;
    private final LedgerErrors errors = new LedgerErrors();
    private final LastingCounters counters = new LastingCounters();
    private final OpenLedgers ledgers;
    private final UnmanagedProcesses unmanaged;
    private String complaint = "";

    NodeCollector(RunDirectory run, LedgerSweeper sweeper, Gpus gpus, String version) {
        this.run = run;
        this.gpus = gpus;
        this.version = version;
        this.ledgers = new OpenLedgers(run, sweeper, errors);
        this.unmanaged = new UnmanagedProcesses(PROC, run);
    }

    /** So that dead processes are swept also where nobody scrapes. */
    synchronized void sweep() {
        for (TenantName tenant : names(RunDirectory::tenants)) {
            ledgers.swept(tenant);
        }
    }

    @Override
    public synchronized MetricSnapshots collect() {
        Scrape scrape = new Scrape();
        scrape.add(Metric.BUILD_INFO, 1, version);
        Gpus.Reading reading = gpus.read();
        GpuLabels labels = new GpuLabels(reading.present(), KnownGpus.read(run));
        ManagedProcesses managed = new ManagedProcesses(PROC);
        List<TenantName> tenants = names(RunDirectory::tenants);
        ledgers.keepOnly(tenants);
        for (TenantName tenant : tenants) {
            scrape.add(Metric.TENANT_INFO, 1, tenant.value());
            try {
                ledgers.swept(tenant).ifPresent(ledger -> {
                    ledger.processes().forEach(process -> managed.add(tenant, process));
                    new TenantMetrics(tenant, ledger, labels, counters, scrape).show();
                });
            } catch (InternalError e) { // the file was cut off while it was being read
                errors.add(tenant, "torn", String.valueOf(e.getMessage()));
            }
            errors.show(tenant, scrape);
        }
        showLimits(labels, reading.present(), scrape);
        names(RunDirectory::tenantsWithReloads).forEach(tenant -> showReload(tenant, scrape));
        reading.present().forEach(state -> showGpu(state, reading, managed, scrape));
        unmanaged.seenAll();
        return scrape.snapshots();
    }

    private void showLimits(GpuLabels labels, List<GpuState> present, Scrape scrape) {
        Map<String, Bytes> committed = new TreeMap<>();
        Map<String, Integer> shares = new TreeMap<>();
        present.forEach(state -> committed.put(labels.of(state.gpu().id()), Bytes.ZERO));
        present.forEach(state -> shares.put(labels.of(state.gpu().id()), 0));
        for (TenantName tenant : names(RunDirectory::tenantsWithLimits)) {
            try {
                Limits limits = Limits.open(run.limits(tenant));
                limits.pinned().ifPresent(most -> scrape.add(Metric.PINNED_LIMIT, most, tenant.value()));
                for (GpuId gpu : limits.gpus()) {
                    String label = labels.of(gpu);
                    Bytes limit = limits.limit(gpu).orElse(Bytes.ZERO);
                    scrape.add(Metric.MEMORY_LIMIT, limit, tenant.value(), label);
                    committed.merge(label, limit, Bytes::plus);
                    limits.share(gpu).ifPresent(share -> {
                        scrape.addMillionths(Metric.SM_SHARE, share.millionths(), tenant.value(), label);
                        int most = limits.cap(gpu).orElse(share).millionths();
                        scrape.addMillionths(Metric.SM_SHARE_MAX, most, tenant.value(), label);
                        shares.merge(label, share.millionths(), Integer::sum);
                    });
                }
            } catch (IOException e) {
                errors.add(tenant, "limits", String.valueOf(e.getMessage()));
            }
        }
        committed.forEach((gpu, bytes) -> scrape.add(Metric.GPU_COMMITTED, bytes, gpu));
        shares.forEach((gpu, sum) -> scrape.addMillionths(Metric.GPU_SHARE_COMMITTED, sum, gpu));
    }

    private void showReload(TenantName tenant, Scrape scrape) {
        Optional<ReloadRecord> record = ReloadRecord.read(run, tenant);
        record.ifPresent(last -> scrape.add(Metric.RELOAD_SUCCESSFUL, last.successful() ? 1 : 0, tenant.value()));
        record.flatMap(ReloadRecord::lastSuccess)
                .ifPresent(when -> scrape.add(Metric.RELOAD_TIME, when, tenant.value()));
    }

    private void showGpu(GpuState state, Gpus.Reading reading, ManagedProcesses managed, Scrape scrape) {
        String gpu = Integer.toString(state.gpu().index());
        scrape.add(
                Metric.GPU_INFO,
                1,
                gpu,
                state.gpu().id().toString(),
                state.gpu().name(),
                reading.driverVersion(),
                Boolean.toString(state.mig()),
                Boolean.toString(reading.simulated()));
        scrape.add(Metric.GPU_CAPACITY, state.gpu().memory(), gpu);
        scrape.add(Metric.GPU_FREE, state.free(), gpu);
        List<GpuState.User> strangers = state.users().stream()
                .filter(user -> managed.tenantOf(user.pid()).isEmpty())
                .toList();
        strangers.forEach(user -> unmanaged.see(gpu, user, managed));
        scrape.add(Metric.UNMANAGED_PROCESSES, strangers.size(), gpu);
        scrape.add(
                Metric.UNMANAGED_MEMORY,
                strangers.stream().map(GpuState.User::used).reduce(Bytes.ZERO, Bytes::plus),
                gpu);
    }

    private interface Listing {
        List<TenantName> of(RunDirectory run) throws ControlException;
    }

    /** A run directory that is not there yet has no tenants. */
    private List<TenantName> names(Listing listing) {
        if (!Files.exists(run.root(), LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        try {
            List<TenantName> names = listing.of(run);
            complaint = "";
            return names;
        } catch (ControlException e) {
            String sentence = String.valueOf(e.getMessage());
            if (!sentence.equals(complaint)) {
                LOG.warn("event=run_directory what=\"{}\"", sentence);
                complaint = sentence;
            }
            return List.of();
        }
    }
}
