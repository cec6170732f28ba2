package io.sluice.cli;

import io.sluice.bridge.ledger.GpuUsage;
import io.sluice.policy.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Judges by the ledger, not by what the demo application says of itself. */
final class DemoVerdict {
    private DemoVerdict() {}

    /** What is not as it should be after both tenants have ended. */
    static List<String> wrong(Status status, List<DemoTenant> tenants) {
        List<String> wrong = new ArrayList<>();
        status.unreadable().forEach((tenant, reason) -> wrong.add(tenant + ": " + reason));
        for (DemoTenant tenant : tenants) {
            List<Status.GpuStatus> gpus = status.tenants().stream()
                    .filter(found -> found.tenant().value().equals(tenant.name()))
                    .flatMap(found -> found.gpus().stream())
                    .toList();
            if (gpus.size() == 1) {
                judge(tenant, gpus.get(0).usage(), wrong);
            } else {
                wrong.add(tenant.name() + " has a row for " + gpus.size() + " GPUs instead of 1");
            }
        }
        return wrong;
    }

    private static void judge(DemoTenant tenant, GpuUsage usage, List<String> wrong) {
        if (!usage.used().equals(Bytes.ZERO)) {
            wrong.add(tenant.name() + " has ended and " + exact(usage.used()) + " are still charged");
        }
        if (usage.launches() == 0) {
            wrong.add(tenant.name() + " launched no kernel");
        }
        if (tenant.greedy() && (usage.denialsByLimit() == 0 || !usage.peak().equals(tenant.attainable()))) {
            wrong.add(tenant.name() + " was denied " + usage.denialsByLimit() + " times with " + exact(usage.peak())
                    + " at most, instead of at " + exact(tenant.attainable()));
        }
        if (!tenant.greedy() && (usage.denials() != 0 || usage.peak().compareTo(tenant.limit()) > 0)) {
            wrong.add(tenant.name() + " was denied " + usage.denials() + " times, and never asked for too much");
        }
    }

    static String sentence(DemoTenant greedy) {
        return greedy.name() + " got " + exact(greedy.attainable()) + " and not one piece of 512 more: the limit is "
                + exact(greedy.limit()) + ".";
    }

    private static String exact(Bytes bytes) {
        return String.format(Locale.ROOT, "%,d bytes", bytes.value());
    }
}
