package io.sluice.cli;

import io.sluice.bridge.ledger.GpuUsage;
import io.sluice.bridge.ledger.ProcessUsage;
import io.sluice.policy.Bytes;
import io.sluice.policy.TenantName;
import io.sluice.policy.time.Share;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@link Status} for programs; docs/commands.md describes it. Fields are added, never changed, within a version. */
final class StatusJson {
    private static final int VERSION = 1;

    private StatusJson() {}

    static String of(Status status) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("version", VERSION);
        json.put("run_directory", status.run().root().toString());
        json.put("tenants", status.tenants().stream().map(StatusJson::tenant).toList());
        json.put("closed", status.closed().stream().map(TenantName::value).toList());
        json.put(
                "unreadable",
                status.unreadable().entrySet().stream()
                        .map(entry -> Map.of("tenant", entry.getKey().value(), "reason", entry.getValue()))
                        .toList());
        return Json.write(json) + "\n";
    }

    private static Map<String, @Nullable Object> tenant(Status.TenantStatus tenant) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("tenant", tenant.tenant().value());
        json.put("gpus", tenant.gpus().stream().map(StatusJson::gpu).toList());
        json.put("pinned", pinned(tenant.pinned()));
        json.put("unlisted_gpu_denials", tenant.unlistedDenials());
        json.put(
                "processes",
                tenant.processes().stream().map(StatusJson::process).toList());
        return json;
    }

    private static Map<String, @Nullable Object> pinned(Status.PinnedStatus pinned) {
        Map<String, @Nullable Object> denials = new LinkedHashMap<>();
        denials.put("limit", pinned.usage().denialsByLimit());
        denials.put("failure", pinned.usage().denialsByFailure());
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("limit_bytes", pinned.limit().map(Bytes::value).orElse(null));
        json.put("used_bytes", pinned.usage().used().value());
        json.put("peak_bytes", pinned.usage().peak().value());
        json.put("denials", denials);
        return json;
    }

    private static Map<String, @Nullable Object> gpu(Status.GpuStatus gpu) {
        GpuUsage usage = gpu.usage();
        Map<String, @Nullable Object> denials = new LinkedHashMap<>();
        denials.put("limit", usage.denialsByLimit());
        denials.put("device_full", usage.denialsByDeviceFull());
        denials.put("failure", usage.denialsByFailure());
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("gpu", usage.gpu().toString());
        json.put("index", gpu.known().map(known -> known.gpu().index()).orElse(null));
        json.put("name", gpu.known().map(known -> known.gpu().name()).orElse(null));
        json.put("simulated", gpu.known().map(known -> known.simulated()).orElse(null));
        json.put("limit_bytes", gpu.limit().map(Bytes::value).orElse(null));
        json.put("used_bytes", usage.used().value());
        json.put("peak_bytes", usage.peak().value());
        json.put("allocations", usage.allocations());
        json.put("denials", denials);
        json.put("refused_calls", usage.refusedCalls());
        json.put("launches", usage.launches());
        json.put("ungoverned_calls", usage.ungovernedCalls());
        json.put("warnings", usage.excess().warnings());
        json.put("waited_seconds", usage.excess().waited().toNanos() / 1e9);
        json.put("spilled_bytes", usage.excess().spilled().value());
        json.put("sm_share", gpu.share().map(StatusJson::part).orElse(null));
        json.put("sm_max", gpu.cap().map(StatusJson::part).orElse(null));
        json.put("gpu_busy_seconds", usage.time().busy().toNanos() / 1e9);
        json.put("throttled_seconds", usage.time().throttled().toNanos() / 1e9);
        json.put("turn_wait_seconds", usage.time().turnWait().toNanos() / 1e9);
        return json;
    }

    private static double part(Share share) {
        return (double) share.millionths() / Share.WHOLE;
    }

    private static Map<String, @Nullable Object> process(ProcessUsage process) {
        List<Map<String, Object>> held = process.held().entrySet().stream()
                .map(entry -> Map.<String, Object>of(
                        "gpu",
                        entry.getKey().toString(),
                        "bytes",
                        entry.getValue().value()))
                .toList();
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("pid", process.pid());
        json.put("held", held);
        return json;
    }
}
