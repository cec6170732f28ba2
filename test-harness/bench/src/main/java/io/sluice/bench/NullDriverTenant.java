package io.sluice.bench;

import io.sluice.bridge.ledger.ArbiterFile;
import io.sluice.bridge.ledger.Ledger;
import io.sluice.bridge.ledger.Limits;
import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import io.sluice.policy.TenantName;
import io.sluice.policy.tenantfile.SmQuota;
import io.sluice.policy.time.Priority;
import io.sluice.policy.time.Share;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A tenant with a limit that nothing here reaches, in a run directory of its own, on the GPU of the do-nothing driver. */
final class NullDriverTenant implements AutoCloseable {
    private static final TenantName NAME = new TenantName("bench");
    /** The UUID that {@code null_driver.c} answers. */
    private static final GpuId GPU = GpuId.parse("GPU-6e756c6c-0000-4000-8000-000000000001");

    private static final Bytes LIMIT = Bytes.of(1L << 45);

    private final Path home;
    private final Path runDirectory;

    NullDriverTenant(Path home) throws IOException {
        this.home = home;
        Path memory = Path.of("/dev/shm");
        this.runDirectory =
                Files.createTempDirectory(Files.isWritable(memory) ? memory : Path.of("/tmp"), "sluice-bench-");
        Path tenant = Files.createDirectories(runDirectory.resolve("tenants/" + NAME));
        Path limitsFolder = Files.createDirectories(runDirectory.resolve("limits"));
        Ledger.create(tenant.resolve("ledger"), NAME, List.of(GPU));
        Files.createFile(tenant.resolve("locks"));
        ArbiterFile.ensure(Files.createDirectories(runDirectory.resolve("arbiters"))
                .resolve(GPU.uuid().toString()));
        Limits.createOrOpen(limitsFolder.resolve(NAME.value()), NAME).set(GPU, LIMIT);
    }

    /** Whether its launches are held to a share of the GPU's time, which they never use up. */
    void hasShare(boolean whether) throws IOException {
        Limits limits = Limits.createOrOpen(runDirectory.resolve("limits").resolve(NAME.value()), NAME);
        if (whether) {
            limits.setShare(GPU, new SmQuota(Share.ofPercent(100), Optional.empty(), Priority.NORMAL));
        } else {
            limits.setNoShare(GPU, Optional.empty());
        }
    }

    Path client() {
        return home.resolve("test-harness/bench/target/native/bench-client");
    }

    Map<String, String> bareEnvironment() {
        return Map.of("LD_LIBRARY_PATH", driverFolder().toString());
    }

    /** What {@code sluice run} would set. */
    Map<String, String> governedEnvironment() {
        Path bridge = home.resolve("shim-native-bridge/target/native");
        return Map.of(
                "LD_LIBRARY_PATH", driverFolder().toString(),
                "LD_PRELOAD", bridge.resolve("libcuda.so.1") + ":" + bridge.resolve("libcuda.so"),
                "SLUICE_DRIVER", driverFolder().resolve("libcuda.so.1").toString(),
                "SLUICE_RUN_DIR", runDirectory.toString(),
                "SLUICE_TENANT", NAME.value());
    }

    private Path driverFolder() {
        return home.resolve("test-harness/bench/target/native/null");
    }

    /** Launches that governed clients made: proof that they were governed. */
    long launches() throws IOException {
        Ledger ledger = Ledger.open(runDirectory.resolve("tenants/" + NAME + "/ledger"));
        return ledger.usage().stream().mapToLong(gpu -> gpu.launches()).sum();
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> paths = Files.walk(runDirectory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
