package io.sluice.bridge.ledger;

import io.sluice.policy.GpuId;
import io.sluice.policy.TenantName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;

/** A tenant's files in a run directory of a test's own, as the control side would have made them. */
record TestTenant(Path runDirectory, TenantName name, List<GpuId> gpus, Ledger ledger, Limits limits) {

    static TestTenant create(Path runDirectory, int gpuCount) throws IOException {
        TenantName name = new TenantName("alice");
        List<GpuId> gpus = IntStream.range(0, gpuCount)
                .mapToObj(i -> new GpuId(UUID.randomUUID(), false))
                .toList();
        Path folder = Files.createDirectories(runDirectory.resolve("tenants").resolve(name.value()));
        Files.createDirectories(runDirectory.resolve("limits"));
        Files.createFile(folder.resolve("locks"));
        return new TestTenant(
                runDirectory,
                name,
                gpus,
                Ledger.create(folder.resolve("ledger"), name, gpus),
                Limits.createOrOpen(runDirectory.resolve("limits").resolve(name.value()), name));
    }

    Map<String, String> environment() {
        return Map.of("SLUICE_TENANT", name.value(), "SLUICE_RUN_DIR", runDirectory.toString());
    }
}
