package io.sluice.control;

import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The GPUs that were ever seen by this run directory. Ledgers know GPUs by UUID; people know them by index and name, and
 * a simulated GPU is not there to be asked when somebody looks. One line each: {@code uuid index bytes real|simulated
 * name}.
 */
public final class KnownGpus {
    private final Map<UUID, Known> gpus;

    private KnownGpus(Map<UUID, Known> gpus) {
        this.gpus = gpus;
    }

    /** A GPU, and whether it is simulated. */
    public record Known(Gpu gpu, boolean simulated) {
        // Written out for the sake of start-up, as in Gpu.

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Known that && simulated == that.simulated && gpu.equals(that.gpu);
        }

        @Override
        public int hashCode() {
            return gpu.hashCode();
        }
    }

    /** What is known; nothing if the file is missing or cannot be read, since it only serves the eye. */
    public static KnownGpus read(RunDirectory run) {
        try {
            return parse(Files.readAllLines(run.gpus(), StandardCharsets.UTF_8));
        } catch (IOException | UncheckedIOException e) {
            return new KnownGpus(new LinkedHashMap<>());
        }
    }

    public Optional<Known> find(GpuId id) {
        return Optional.ofNullable(gpus.get(id.uuid()));
    }

    /** Adds what the inventory holds; the caller holds the run directory's lock. */
    static void remember(RunDirectory run, GpuInventory inventory) throws IOException {
        KnownGpus known = read(run);
        Map<UUID, Known> before = Map.copyOf(known.gpus);
        inventory.gpus().forEach(gpu -> known.gpus.put(gpu.id().uuid(), new Known(gpu, inventory.simulated())));
        if (!known.gpus.equals(before)) {
            WholeFile.write(run.gpus(), known.lines().getBytes(StandardCharsets.UTF_8));
        }
    }

    private String lines() {
        StringBuilder lines = new StringBuilder();
        gpus.values()
                .forEach(known -> lines.append(String.join(
                                " ",
                                known.gpu().id().toString(),
                                Integer.toString(known.gpu().index()),
                                Long.toString(known.gpu().memory().value()),
                                known.simulated() ? "simulated" : "real",
                                known.gpu().name().replaceAll("\\s+", " ")))
                        .append('\n'));
        return lines.toString();
    }

    private static KnownGpus parse(List<String> lines) {
        Map<UUID, Known> gpus = new LinkedHashMap<>();
        for (String line : lines) {
            List<String> words = List.of(line.split(" ", 5));
            if (words.size() == 5
                    && GpuId.isGpuId(words.get(0))
                    && words.get(1).matches("[0-9]{1,4}")
                    && words.get(2).matches("[0-9]{1,18}")) {
                GpuId id = GpuId.parse(words.get(0));
                Bytes memory = Bytes.of(Long.parseLong(words.get(2)));
                Gpu gpu = new Gpu(Integer.parseInt(words.get(1)), id, words.get(4), memory);
                gpus.put(id.uuid(), new Known(gpu, words.get(3).equals("simulated")));
            }
        }
        return new KnownGpus(gpus);
    }
}
