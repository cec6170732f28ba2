package io.sluice.bench.share;

import io.sluice.simulator.EngineBooks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A simulated GPU and a run directory of its own, in memory; removed when closed. */
final class ShareNode implements AutoCloseable {
    private static final String UUID = "GPU-5ba4e000-0000-4000-8000-000000000001";

    private final Path home;
    private final Path folder;

    /** @param noise whether lengths spread, and markers and first launches cost something, as on hardware */
    ShareNode(Path home, boolean noise) throws IOException {
        this.home = home;
        this.folder = Files.createTempDirectory(Path.of("/dev/shm"), "sluice-share-");
        Files.createDirectory(folder.resolve("gpus"));
        // The client's 16 blocks fill 8 SMs, so that its kernels never run side by side.
        Files.writeString(
                folder.resolve("gpus/cards.conf"),
                "[card]\nuuid=%s\nsms=8\nlength_ns.work=parameter:0\nnoise=%s\n".formatted(UUID, noise ? "on" : "off"));
    }

    /** Starts a process of a tenant through {@code sluice run}. */
    ShareClient start(Scenario.Tenant tenant, int number) throws IOException {
        Path file = folder.resolve(tenant.name() + ".yaml");
        String share = tenant.percent() == 0 ? "" : "    sm: " + tenant.percent() + "%\n";
        Files.writeString(file, "tenant: %s\ngpus:\n  - gpu: 0\n    memory: 1GiB\n%s".formatted(tenant.name(), share));
        List<String> command = new ArrayList<>(List.of(
                home.resolve("bin/sluice").toString(),
                "run",
                "--tenant",
                file.toString(),
                "--run-dir",
                folder.resolve("run").toString(),
                "--sim",
                "--",
                home.resolve("test-harness/bench/target/native/share-client").toString(),
                "seed=" + (number + 1)));
        command.addAll(tenant.load().arguments());
        return new ShareClient(
                command, Map.of("SLUICE_SIM_DIR", folder.resolve("gpus").toString()));
    }

    EngineBooks books() throws IOException {
        return EngineBooks.open(folder.resolve("gpus"), UUID);
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
