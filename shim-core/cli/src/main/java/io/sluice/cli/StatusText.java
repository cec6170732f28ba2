package io.sluice.cli;

import io.sluice.bridge.ledger.GpuUsage;
import io.sluice.bridge.ledger.PinnedUsage;
import io.sluice.policy.Bytes;
import io.sluice.policy.time.Share;

/** {@link Status} for people. */
final class StatusText {
    private StatusText() {}

    static String of(Status status) {
        if (status.tenants().isEmpty()
                && status.closed().isEmpty()
                && status.unreadable().isEmpty()) {
            return "No tenant in " + status.run().root() + ": 'sluice run --tenant FILE -- CMD' makes the first.\n";
        }
        TextTable table =
                new TextTable(2, "TENANT", "GPU", "LIMIT", "USED", "PEAK", "DENIED", "LAUNCHES", "SM", "PROCESSES");
        for (Status.TenantStatus tenant : status.tenants()) {
            for (Status.GpuStatus gpu : tenant.gpus()) {
                GpuUsage usage = gpu.usage();
                table.add(
                        tenant.tenant().value(),
                        name(gpu),
                        gpu.limit().map(Bytes::toString).orElse("none"),
                        usage.used().toString(),
                        usage.peak().toString(),
                        Long.toString(usage.denials()),
                        Long.toString(usage.launches()),
                        gpu.share().map(Share::toString).orElse("-"),
                        Integer.toString(tenant.processes().size()));
            }
            addPinned(tenant, table);
            if (tenant.unlistedDenials() > 0) {
                String denied = Long.toString(tenant.unlistedDenials());
                table.add(tenant.tenant().value(), "others", "none", "-", "-", denied, "-", "-", "-");
            }
        }
        return status.tenants().isEmpty() ? "" : table.toString();
    }

    /** Where there is anything to say of it. */
    private static void addPinned(Status.TenantStatus tenant, TextTable table) {
        PinnedUsage usage = tenant.pinned().usage();
        if (tenant.pinned().limit().isPresent() || !usage.peak().equals(Bytes.ZERO)) {
            table.add(
                    tenant.tenant().value(),
                    "pinned",
                    tenant.pinned().limit().map(Bytes::toString).orElse("-"),
                    usage.used().toString(),
                    usage.peak().toString(),
                    Long.toString(usage.denialsByLimit() + usage.denialsByFailure()),
                    "-",
                    "-",
                    "-");
        }
    }

    /** The index if it was ever seen, else the beginning of the UUID. */
    private static String name(Status.GpuStatus gpu) {
        return gpu.known()
                .map(known -> known.gpu().index() + (known.simulated() ? " (sim)" : ""))
                .orElseGet(() -> gpu.usage().gpu().toString().substring(0, 12));
    }
}
