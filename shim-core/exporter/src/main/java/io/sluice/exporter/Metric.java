package io.sluice.exporter;

import java.util.List;

/** Every metric, with its type, its labels and what it means; docs/metrics.md says the same, which a test compares. */
enum Metric {
    MEMORY_LIMIT(
            Type.GAUGE, "sluice_memory_limit_bytes", "Memory that the tenant may hold on the GPU.", "tenant", "gpu"),
    MEMORY_USED(Type.GAUGE, "sluice_memory_used_bytes", "Memory charged to the tenant now.", "tenant", "gpu"),
    MEMORY_PEAK(Type.GAUGE, "sluice_memory_peak_bytes", "The most that was charged at once.", "tenant", "gpu"),
    MEMORY_USED_BY_KIND(
            Type.GAUGE,
            "sluice_memory_used_by_kind_bytes",
            "Memory charged to the tenant now, by what was asked for.",
            "tenant",
            "gpu",
            "kind"),
    PINNED_LIMIT(
            Type.GAUGE,
            "sluice_pinned_memory_limit_bytes",
            "Page-locked host memory that the tenant may hold; absent where its file sets no limit.",
            "tenant"),
    PINNED_USED(
            Type.GAUGE, "sluice_pinned_memory_used_bytes", "Page-locked host memory that the tenant holds.", "tenant"),
    DENIALS(
            Type.COUNTER,
            "sluice_denials_total",
            "Requests that were refused; without a GPU where the tenant file lists none, or where it was page-locked host memory.",
            "tenant",
            "gpu",
            "resource",
            "reason"),
    ALLOCATIONS(Type.COUNTER, "sluice_allocations_total", "Allocations that were granted.", "tenant", "gpu"),
    WARNINGS(
            Type.COUNTER,
            "sluice_memory_warnings_total",
            "How often use rose to the warning of the tenant's file.",
            "tenant",
            "gpu"),
    WAITED(
            Type.COUNTER,
            "sluice_memory_wait_seconds_total",
            "Time that threads have waited for memory; a wait counts when it has ended.",
            "tenant",
            "gpu"),
    SPILLED(
            Type.COUNTER,
            "sluice_spilled_bytes_total",
            "Memory over the limit that was given as managed memory of the host.",
            "tenant",
            "gpu"),
    LAUNCHES(Type.COUNTER, "sluice_launches_total", "Kernels and graphs that were launched.", "tenant", "gpu"),
    SM_SHARE(
            Type.GAUGE,
            "sluice_sm_share_ratio",
            "Part of the GPU's time that the tenant may use; absent where its file sets none.",
            "tenant",
            "gpu"),
    SM_SHARE_MAX(
            Type.GAUGE,
            "sluice_sm_share_max_ratio",
            "The most of the GPU's time that the tenant may use, where others leave it; absent where its file sets no share.",
            "tenant",
            "gpu"),
    GPU_BUSY(
            Type.COUNTER,
            "sluice_gpu_busy_seconds_total",
            "Time that the GPU worked for a tenant with a share, as its launches were measured.",
            "tenant",
            "gpu"),
    THROTTLED(
            Type.COUNTER,
            "sluice_throttled_seconds_total",
            "Time that launches waited for the tenant's share, summed over threads.",
            "tenant",
            "gpu"),
    TURN_WAIT(
            Type.COUNTER,
            "sluice_turn_wait_seconds_total",
            "Time that launches waited for other processes' turns, summed over threads.",
            "tenant",
            "gpu"),
    LAUNCH_WAIT(
            Type.HISTOGRAM,
            "sluice_launch_wait_seconds",
            "How long launches waited for the share or a turn, of those that had to.",
            "tenant",
            "gpu"),
    ESTIMATE_ERROR(
            Type.GAUGE,
            "sluice_estimate_error_ratio",
            "How far off launches' estimates were, either way, as a part of all time that was measured.",
            "tenant",
            "gpu"),
    PROCESSES(
            Type.GAUGE,
            "sluice_processes",
            "Live processes of the tenant that hold memory on the GPU.",
            "tenant",
            "gpu"),
    RECLAIMS(Type.COUNTER, "sluice_reclaims_total", "Dead processes whose memory was taken back.", "tenant"),
    RECLAIMED_BYTES(
            Type.COUNTER,
            "sluice_reclaimed_bytes_total",
            "Memory taken back from dead processes, over all GPUs.",
            "tenant"),
    GPU_CAPACITY(Type.GAUGE, "sluice_gpu_memory_capacity_bytes", "All memory of the GPU.", "gpu"),
    GPU_FREE(Type.GAUGE, "sluice_gpu_memory_free_bytes", "Memory of the GPU that nobody has.", "gpu"),
    GPU_COMMITTED(Type.GAUGE, "sluice_gpu_memory_committed_bytes", "The sum of all tenants' limits on the GPU.", "gpu"),
    GPU_SHARE_COMMITTED(
            Type.GAUGE, "sluice_gpu_share_committed_ratio", "The sum of all tenants' shares of the GPU's time.", "gpu"),
    UNMANAGED_PROCESSES(
            Type.GAUGE, "sluice_unmanaged_processes", "Processes on the GPU that are in no tenant's ledger.", "gpu"),
    UNMANAGED_MEMORY(Type.GAUGE, "sluice_unmanaged_memory_bytes", "Memory of such processes.", "gpu"),
    RELOAD_SUCCESSFUL(
            Type.GAUGE,
            "sluice_config_last_reload_successful",
            "1 if the tenant's file was applied when it was last loaded, else 0.",
            "tenant"),
    RELOAD_TIME(
            Type.GAUGE,
            "sluice_config_last_reload_success_timestamp_seconds",
            "When the tenant's file was last applied, in seconds since 1970.",
            "tenant"),
    LEDGER_ERRORS(
            Type.COUNTER,
            "sluice_ledger_errors_total",
            "Attempts of this exporter to use the tenant's ledger that failed.",
            "tenant",
            "reason"),
    BUILD_INFO(Type.INFO, "sluice_build_info", "The release of this exporter.", "version"),
    GPU_INFO(
            Type.INFO,
            "sluice_gpu_info",
            "A GPU of this node.",
            "gpu",
            "uuid",
            "model",
            "driver_version",
            "mig",
            "simulated"),
    TENANT_INFO(Type.INFO, "sluice_tenant_info", "A tenant of this node.", "tenant");

    /** As Prometheus knows them; an info is a gauge that is always 1. */
    enum Type {
        GAUGE,
        COUNTER,
        HISTOGRAM,
        INFO
    }

    private final Type type;
    private final String fullName;
    private final String help;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> labels;

    Metric(Type type, String fullName, String help, String... labels) {
        this.type = type;
        this.fullName = fullName;
        this.help = help;
        this.labels = List.of(labels);
    }

    Type type() {
        return type;
    }

    /** As it stands in a query. */
    String fullName() {
        return fullName;
    }

    String help() {
        return help;
    }

    List<String> labels() {
        return labels;
    }
}
