package io.sluice.bridge.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.bridge.ledger.LedgerException.Reason;
import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import io.sluice.policy.TenantName;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
    private static final TenantName ALICE = new TenantName("alice");

    @TempDir
    Path folder;

    /** A process that touched a hole of the file when its file system is full would die of SIGBUS. */
    @Test
    void everythingThatAProcessTouchesHasItsMemoryFromTheStart() throws Exception {
        Path path = folder.resolve("ledger");
        Ledger ledger = Ledger.create(path, ALICE, List.of(gpu()));
        long row = (long) LedgerLayout.SLOT_COUNT * LedgerLayout.ACCOUNT_BYTES;
        long one = allocatedBytes(path);
        long both = LedgerLayout.ACCOUNTS + 2 * row; // the GPU's row and that of page-locked memory
        assertThat(one).isBetween(both, both + 100_000);

        ledger.addGpu(gpu());
        assertThat(allocatedBytes(path) - one).isBetween(row - 100_000, row + 100_000);
    }

    @Test
    void aGpuKeepsItsRowAndIsAddedOnce() throws Exception {
        GpuId first = gpu();
        GpuId second = gpu();
        Ledger ledger = Ledger.create(folder.resolve("ledger"), ALICE, List.of(first));
        ledger.addGpu(second);
        ledger.addGpu(first);
        assertThat(Ledger.open(folder.resolve("ledger")).gpus()).containsExactly(first, second);
    }

    @Test
    void aLimitIsThereForThoseWhoMappedTheFileBefore() throws Exception {
        GpuId gpu = gpu();
        Limits writer = Limits.createOrOpen(folder.resolve("limits"), ALICE);
        Limits reader = Limits.open(folder.resolve("limits"));
        assertThat(reader.limit(gpu)).isEmpty();
        writer.set(gpu, Bytes.of(1_999_993));
        assertThat(reader.limit(gpu)).hasValue(Bytes.of(1_999_993));
        writer.set(gpu, Bytes.of(7));
        assertThat(reader.limit(gpu)).hasValue(Bytes.of(7));
        writer.unlist(gpu);
        assertThat(reader.limit(gpu)).isEmpty();
        assertThat(reader.gpus()).isEmpty();
    }

    @Test
    void aFileThatCannotBeUsedIsRefusedWithItsReason() throws Exception {
        Path path = folder.resolve("ledger");
        assertThat(reasonFor(path)).isEqualTo(Reason.MISSING);
        Files.writeString(path, "not a ledger");
        assertThat(reasonFor(path)).isEqualTo(Reason.TORN);
        Ledger.create(path, ALICE, List.of(gpu()));
        overwrite(path, LedgerLayout.LedgerHeader.LAYOUT_VERSION, new byte[4]);
        assertThat(reasonFor(path)).as("never finished").isEqualTo(Reason.TORN);
        overwrite(path, LedgerLayout.LedgerHeader.LAYOUT_VERSION, new byte[] {0, 0, 9, 0});
        assertThat(reasonFor(path)).as("layout 9.0").isEqualTo(Reason.FOREIGN);
        Ledger.create(path, ALICE, List.of(gpu()));
        overwrite(path, LedgerLayout.LedgerHeader.BOOT_ID, new byte[16]);
        assertThat(reasonFor(path)).isEqualTo(Reason.OTHER_BOOT);
    }

    private static Reason reasonFor(Path path) {
        return catchThrowableOfType(LedgerException.class, () -> Ledger.open(path))
                .reason();
    }

    private static void overwrite(Path path, long offset, byte[] bytes) throws Exception {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.seek(offset);
            file.write(bytes);
        }
    }

    private static long allocatedBytes(Path path) throws Exception {
        Process stat = new ProcessBuilder("stat", "-c", "%b %B", path.toString()).start();
        String[] answer = new String(stat.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .strip()
                .split(" ");
        return Long.parseLong(answer[0]) * Long.parseLong(answer[1]);
    }

    private static GpuId gpu() {
        return new GpuId(UUID.randomUUID(), false);
    }
}
