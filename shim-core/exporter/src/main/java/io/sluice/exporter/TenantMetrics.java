package io.sluice.exporter;

import io.prometheus.metrics.model.snapshots.Labels;
import io.sluice.bridge.ledger.GpuTime;
import io.sluice.bridge.ledger.GpuUsage;
import io.sluice.bridge.ledger.Ledger;
import io.sluice.bridge.ledger.PinnedUsage;
import io.sluice.bridge.ledger.Reclaims;
import io.sluice.policy.GpuId;
import io.sluice.policy.TenantName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What one ledger says. */
record TenantMetrics(TenantName tenant, Ledger ledger, GpuLabels labels, LastingCounters counters, Scrape scrape) {

    void show() {
        ledger.usage().forEach(this::show);
        Reclaims reclaims = ledger.reclaims();
        count(Metric.RECLAIMS, reclaims.processes(), tenant.value());
        count(Metric.RECLAIMED_BYTES, reclaims.bytes().value(), tenant.value());
        PinnedUsage pinned = ledger.pinned();
        scrape.add(Metric.PINNED_USED, pinned.used(), tenant.value());
        count(Metric.DENIALS, pinned.denialsByLimit(), tenant.value(), "", "pinned", "limit");
        count(Metric.DENIALS, pinned.denialsByFailure(), tenant.value(), "", "pinned", "failure");
        count(Metric.DENIALS, ledger.unlistedDenials(), tenant.value(), "", "memory", "unlisted_gpu");
    }

    private void show(GpuUsage usage) {
        String name = tenant.value();
        String gpu = labels.of(usage.gpu());
        scrape.add(Metric.MEMORY_USED, usage.used(), name, gpu);
        scrape.add(Metric.MEMORY_PEAK, usage.peak(), name, gpu);
        ledger.usedByKind(usage.gpu())
                .forEach((kind, bytes) -> scrape.add(Metric.MEMORY_USED_BY_KIND, bytes, name, gpu, kind.toString()));
        scrape.add(Metric.PROCESSES, processesOn(usage.gpu()), name, gpu);
        count(Metric.ALLOCATIONS, usage.allocations(), name, gpu);
        count(Metric.WARNINGS, usage.excess().warnings(), name, gpu);
        seconds(Metric.WAITED, usage.excess().waited(), name, gpu);
        count(Metric.SPILLED, usage.excess().spilled().value(), name, gpu);
        count(Metric.LAUNCHES, usage.launches(), name, gpu);
        seconds(Metric.GPU_BUSY, usage.time().busy(), name, gpu);
        seconds(Metric.THROTTLED, usage.time().throttled(), name, gpu);
        seconds(Metric.TURN_WAIT, usage.time().turnWait(), name, gpu);
        waits(usage.time(), name, gpu);
        if (!usage.time().busy().isZero()) {
            scrape.add(
                    Metric.ESTIMATE_ERROR,
                    (double) usage.time().estimateError().toNanos()
                            / usage.time().busy().toNanos(),
                    name,
                    gpu);
        }
        count(Metric.DENIALS, usage.denialsByLimit(), name, gpu, "memory", "limit");
        count(Metric.DENIALS, usage.denialsByDeviceFull(), name, gpu, "memory", "device_full");
        count(Metric.DENIALS, usage.denialsByFailure(), name, gpu, "memory", "failure");
    }

    private long processesOn(GpuId gpu) {
        return ledger.processes().stream()
                .filter(process -> process.held().containsKey(gpu))
                .count();
    }

    private void seconds(Metric metric, Duration time, String... labelValues) {
        long ns = counters.value(metric, Scrape.labels(metric, labelValues), ledger.id(), time.toNanos());
        scrape.add(metric, Duration.ofNanos(ns), labelValues);
    }

    /** Nothing of a tenant whose launches never waited. */
    private void waits(GpuTime time, String... labelValues) {
        if (time.waits().stream().allMatch(count -> count == 0)) {
            return;
        }
        Labels key = Scrape.labels(Metric.LAUNCH_WAIT, labelValues);
        List<Long> lasting = new ArrayList<>();
        for (int i = 0; i < time.waits().size(); i++) {
            lasting.add(counters.value(
                    Metric.LAUNCH_WAIT,
                    key.add("bound", Integer.toString(i)),
                    ledger.id(),
                    time.waits().get(i)));
        }
        long sumNs = counters.value(
                Metric.LAUNCH_WAIT,
                key,
                ledger.id(),
                time.throttled().plus(time.turnWait()).toNanos());
        scrape.addHistogram(Metric.LAUNCH_WAIT, GpuTime.WAIT_BOUNDS, lasting, Duration.ofNanos(sumNs), labelValues);
    }

    private void count(Metric metric, long value, String... labelValues) {
        scrape.add(metric, counters.value(metric, Scrape.labels(metric, labelValues), ledger.id(), value), labelValues);
    }
}
