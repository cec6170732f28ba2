package io.sluice.exporter;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.sluice.policy.Bytes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What one scrape is answered with. Nothing outlives it, so nobody is shown what has vanished. */
final class Scrape {
    private final Map<Metric, Map<Labels, Double>> values = new EnumMap<>(Metric.class);
    private final Map<Metric, List<HistogramDataPointSnapshot>> histograms = new EnumMap<>(Metric.class);

    /** @param labels the values of the metric's labels, in its order */
    void add(Metric metric, long value, String... labels) {
        put(metric, (double) value, labels); // Prometheus has no other numbers; exact up to 8 PiB
    }

    void add(Metric metric, Bytes value, String... labels) {
        add(metric, value.value(), labels);
    }

    void add(Metric metric, Instant when, String... labels) {
        put(metric, when.toEpochMilli() / 1000.0, labels);
    }

    void add(Metric metric, Duration time, String... labels) {
        put(metric, time.toNanos() / 1e9, labels);
    }

    void addMillionths(Metric metric, long millionths, String... labels) {
        put(metric, millionths / 1e6, labels);
    }

    void add(Metric metric, double ratio, String... labels) {
        put(metric, ratio, labels);
    }

    /**
     * @param bounds the upper ones, but for the infinite one
     * @param counts of what lies within each bound and above the one before; one more than there are bounds
     */
    void addHistogram(Metric metric, List<Duration> bounds, List<Long> counts, Duration sum, String... labels) {
        ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
        for (int i = 0; i < counts.size(); i++) {
            double bound = i < bounds.size() ? bounds.get(i).toNanos() / 1e9 : Double.POSITIVE_INFINITY;
            buckets.bucket(bound, counts.get(i));
        }
        histograms
                .computeIfAbsent(metric, absent -> new ArrayList<>())
                .add(HistogramDataPointSnapshot.builder()
                        .labels(labels(metric, labels))
                        .classicHistogramBuckets(buckets.build())
                        .sum(sum.toNanos() / 1e9)
                        .build());
    }

    private void put(Metric metric, double value, String... labels) {
        values.computeIfAbsent(metric, absent -> new LinkedHashMap<>()).put(labels(metric, labels), value);
    }

    static Labels labels(Metric metric, String... labels) {
        return Labels.of(metric.labels(), List.of(labels));
    }

    MetricSnapshots snapshots() {
        MetricSnapshots.Builder snapshots = MetricSnapshots.builder();
        values.forEach((metric, points) -> snapshots.metricSnapshot(snapshot(metric, points)));
        histograms.forEach((metric, points) -> snapshots.metricSnapshot(
                new HistogramSnapshot(new MetricMetadata(metric.fullName(), metric.help()), points)));
        return snapshots.build();
    }

    /** The library adds the suffixes of counters and infos itself. */
    private static MetricSnapshot snapshot(Metric metric, Map<Labels, Double> points) {
        String name = metric.fullName();
        switch (metric.type()) {
            case COUNTER -> {
                CounterSnapshot.Builder counter =
                        CounterSnapshot.builder().name(without("_total", name)).help(metric.help());
                points.forEach((labels, value) -> counter.dataPoint(CounterDataPointSnapshot.builder()
                        .labels(labels)
                        .value(value)
                        .build()));
                return counter.build();
            }
            case INFO -> {
                InfoSnapshot.Builder info =
                        InfoSnapshot.builder().name(without("_info", name)).help(metric.help());
                points.keySet()
                        .forEach(labels -> info.dataPoint(
                                InfoDataPointSnapshot.builder().labels(labels).build()));
                return info.build();
            }
            default -> {
                GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(name).help(metric.help());
                points.forEach((labels, value) -> gauge.dataPoint(GaugeDataPointSnapshot.builder()
                        .labels(labels)
                        .value(value)
                        .build()));
                return gauge.build();
            }
        }
    }

    private static String without(String suffix, String name) {
        return name.substring(0, name.length() - suffix.length());
    }
}
