package io.sluice.bridge.ledger;

import io.sluice.bridge.ledger.LedgerException.Reason;
import io.sluice.bridge.ledger.LedgerLayout.Account;
import io.sluice.bridge.ledger.LedgerLayout.LedgerHeader;
import io.sluice.bridge.ledger.LedgerLayout.Row;
import io.sluice.bridge.ledger.LedgerLayout.Slot;
import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import io.sluice.policy.TenantName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;

/**
 * The account of one tenant, which all its processes share. Java makes it, adds GPUs and reads; usage is written by the
 * libwrapper alone. Reads never block a process and see each number as it stood at some instant; numbers of two reads may be
 * of different instants. Safe for use by several threads, except that one control process at a time may add GPUs.
 */
public final class Ledger {
    private static final String PERMISSIONS = "rw-rw----";

    private final Path path;
    private final MappedFile file;

    private Ledger(Path path, MappedFile file) {
        this.path = path;
        this.file = file;
    }

    /** Makes a new, empty ledger in place of whatever has that name. Processes that map the old one keep it. */
    public static Ledger create(Path path, TenantName tenant, List<GpuId> gpus) throws IOException {
        byte[] boot = BootId.read();
        Ledger ledger = new Ledger(
                path,
                MappedFile.create(path, LedgerLayout.LEDGER_FILE_BYTES, LedgerLayout.ACCOUNTS, PERMISSIONS, file -> {
                    file.setInt(LedgerHeader.HEADER_BYTES, LedgerLayout.HEADER_BYTES);
                    file.setInt(LedgerHeader.ROW_COUNT, LedgerLayout.ROW_COUNT);
                    file.setInt(LedgerHeader.ROW_BYTES, LedgerLayout.ROW_BYTES);
                    file.setInt(LedgerHeader.SLOT_COUNT, LedgerLayout.SLOT_COUNT);
                    file.setInt(LedgerHeader.SLOT_BYTES, LedgerLayout.SLOT_BYTES);
                    file.setInt(LedgerHeader.ACCOUNT_BYTES, LedgerLayout.ACCOUNT_BYTES);
                    file.setLong(LedgerHeader.FILE_BYTES, LedgerLayout.LEDGER_FILE_BYTES);
                    file.setBytes(LedgerHeader.BOOT_ID, boot);
                    file.setBytes(LedgerHeader.LEDGER_ID, BootId.toBytes(UUID.randomUUID()));
                    file.setString(LedgerHeader.TENANT, tenant.value());
                    file.setLong(LedgerHeader.MAGIC, LedgerLayout.LEDGER_MAGIC);
                    file.setInt(
                            LedgerHeader.LAYOUT_VERSION, LedgerLayout.LAYOUT_MAJOR << 16 | LedgerLayout.LAYOUT_MINOR);
                }));
        ledger.reserve(LedgerLayout.ROW_PINNED);
        for (GpuId gpu : gpus) {
            ledger.addGpu(gpu);
        }
        return ledger;
    }

    /**
     * Opens an existing ledger.
     *
     * @throws LedgerException if there is none or it cannot be used
     */
    public static Ledger open(Path path) throws IOException {
        Ledger ledger = new Ledger(path, MappedFile.open(path, LedgerLayout.LEDGER_FILE_BYTES, true));
        ledger.verify();
        return ledger;
    }

    /**
     * Looks at the header again, which others could have spoiled since it was opened.
     *
     * @throws LedgerException if this is no ledger that can be used
     */
    public void verify() throws IOException {
        int version = file.getInt(LedgerHeader.LAYOUT_VERSION);
        if (file.getLong(LedgerHeader.MAGIC) != LedgerLayout.LEDGER_MAGIC || version == 0) {
            throw new LedgerException(
                    Reason.TORN, path, "is not a finished Sluice ledger: remove it and apply the tenant's file again");
        }
        if (version >>> 16 != LedgerLayout.LAYOUT_MAJOR
                || file.getInt(LedgerHeader.HEADER_BYTES) != LedgerLayout.HEADER_BYTES
                || file.getInt(LedgerHeader.ROW_COUNT) != LedgerLayout.ROW_COUNT
                || file.getInt(LedgerHeader.ROW_BYTES) != LedgerLayout.ROW_BYTES
                || file.getInt(LedgerHeader.SLOT_COUNT) != LedgerLayout.SLOT_COUNT
                || file.getInt(LedgerHeader.SLOT_BYTES) != LedgerLayout.SLOT_BYTES
                || file.getInt(LedgerHeader.ACCOUNT_BYTES) != LedgerLayout.ACCOUNT_BYTES) {
            throw new LedgerException(
                    Reason.FOREIGN,
                    path,
                    "has layout " + (version >>> 16) + "." + (version & 0xffff) + " and this release knows "
                            + LedgerLayout.LAYOUT_MAJOR
                            + ".x: use one release of Sluice for all processes of a tenant");
        }
        if (!Arrays.equals(file.getBytes(LedgerHeader.BOOT_ID, 16), BootId.read())) {
            throw new LedgerException(Reason.OTHER_BOOT, path, "is of an earlier boot: apply the tenant's file again");
        }
    }

    /** Random; no two ledgers have the same, so a tenant's counters begin anew where it differs. */
    public UUID id() {
        ByteBuffer bytes = ByteBuffer.wrap(file.getBytes(LedgerHeader.LEDGER_ID, 16));
        return new UUID(bytes.getLong(), bytes.getLong());
    }

    public TenantName tenant() {
        return new TenantName(file.getString(LedgerHeader.TENANT, LedgerLayout.TENANT_BYTES));
    }

    /** The GPUs that have a row here, in the order in which they were added. */
    public List<GpuId> gpus() {
        List<GpuId> gpus = new ArrayList<>();
        for (int row = 0; row < rowsUsed(); row++) {
            gpus.add(gpu(row));
        }
        return gpus;
    }

    /**
     * Gives a GPU a row, unless it has one. Rows are never taken away.
     *
     * @throws IllegalStateException if all rows are taken
     * @throws IOException if there is no memory for it in the run directory's file system
     */
    public void addGpu(GpuId gpu) throws IOException {
        if (gpus().stream().anyMatch(known -> known.uuid().equals(gpu.uuid()))) {
            return;
        }
        int row = rowsUsed();
        if (row == LedgerLayout.ROW_PINNED) {
            throw new IllegalStateException("a ledger holds " + LedgerLayout.ROW_PINNED + " GPUs and " + gpu
                    + " would be one more: list fewer GPUs in the tenant file");
        }
        reserve(row);
        file.setBytes(LedgerLayout.row(row) + Row.UUID, gpu.toBytes());
        file.setInt(LedgerHeader.ROWS_USED, row + 1); // publishes the row: after its uuid
    }

    private void reserve(int row) throws IOException {
        MappedFile.reserve(path, LedgerLayout.account(row, 0), LedgerLayout.SLOT_COUNT * LedgerLayout.ACCOUNT_BYTES);
    }

    /** What the tenant holds of the node's page-locked memory. */
    public PinnedUsage pinned() {
        long denials = 0;
        long failures = 0;
        for (int slot = 0; slot < slotsUsed(); slot++) {
            int account = LedgerLayout.account(LedgerLayout.ROW_PINNED, slot);
            denials += file.getLong(account + Account.DENIALS_LIMIT);
            failures += file.getLong(account + Account.DENIALS_FAILURE);
        }
        int base = LedgerLayout.row(LedgerLayout.ROW_PINNED);
        return new PinnedUsage(
                Bytes.of(file.getLong(base + Row.WORD)),
                Bytes.of(file.getLong(base + Row.PEAK_BYTES)),
                denials,
                failures);
    }

    /** What the tenant uses, one entry per GPU. */
    public List<GpuUsage> usage() {
        List<GpuUsage> usage = new ArrayList<>();
        for (int row = 0; row < rowsUsed(); row++) {
            usage.add(new RowUsage(file, row, slotsUsed()).read(gpu(row)));
        }
        return usage;
    }

    /** The processes that have a slot. */
    public List<ProcessUsage> processes() {
        List<ProcessUsage> processes = new ArrayList<>();
        int slots = slotsUsed();
        List<RowShares> rows = IntStream.range(0, rowsUsed())
                .mapToObj(row -> RowShares.read(file, row, slots))
                .toList();
        for (int slot = 0; slot < slots; slot++) {
            int base = LedgerLayout.slot(slot);
            if (isOwned(slot)) {
                processes.add(new ProcessUsage(
                        slot, file.getInt(base + Slot.PID), file.getLong(base + Slot.PID_NAMESPACE), held(slot, rows)));
            }
        }
        return processes;
    }

    /** Denials of GPUs that the tenant's file does not list; they belong to no row. */
    public long unlistedDenials() {
        long sum = 0;
        for (int slot = 0; slot < slotsUsed(); slot++) {
            sum += file.getLong(LedgerLayout.slot(slot) + Slot.UNLISTED_DENIALS);
        }
        return sum;
    }

    /** What was taken back from processes that died, since the ledger was made. */
    public Reclaims reclaims() {
        long count = 0;
        long bytes = 0;
        for (int slot = 0; slot < slotsUsed(); slot++) {
            int base = LedgerLayout.slot(slot);
            count += file.getLong(base + Slot.RECLAIMS);
            bytes += file.getLong(base + Slot.RECLAIMED_BYTES);
        }
        return new Reclaims(count, Bytes.of(Math.max(0, bytes)));
    }

    /** What the tenant's processes hold on a GPU, by kind; nothing where the GPU has no row. */
    public Map<MemoryKind, Bytes> usedByKind(GpuId gpu) {
        Map<MemoryKind, Bytes> used = new EnumMap<>(MemoryKind.class);
        int row = gpus().indexOf(gpu);
        long linear = row < 0 ? 0 : file.getLong(LedgerLayout.row(row) + Row.WORD);
        for (MemoryKind kind : EnumSet.complementOf(EnumSet.of(MemoryKind.LINEAR))) {
            long bytes = row < 0 ? 0 : kindBytes(row, kind);
            used.put(kind, Bytes.of(Math.max(0, bytes)));
            linear -= bytes;
        }
        used.put(MemoryKind.LINEAR, Bytes.of(Math.max(0, linear)));
        return used;
    }

    private long kindBytes(int row, MemoryKind kind) {
        long bytes = 0;
        for (int slot = 0; slot < slotsUsed(); slot++) {
            if (isOwned(slot)) {
                bytes += file.getLong(LedgerLayout.account(row, slot) + Account.KIND_BYTES + kind.index() * Long.BYTES);
            }
        }
        return bytes;
    }

    /** What an orphaned slot holds has no kind any more, and no process. */
    private boolean isOwned(int slot) {
        int phase = phase(slot);
        return phase != LedgerLayout.SLOT_FREE && phase != LedgerLayout.SLOT_ORPHANED;
    }

    private int phase(int slot) {
        return (int) (file.getLong(LedgerLayout.slot(slot) + Slot.STATE) & 0xff);
    }

    private Map<GpuId, Bytes> held(int slot, List<RowShares> rows) {
        Map<GpuId, Bytes> held = new LinkedHashMap<>();
        for (int row = 0; row < rows.size(); row++) {
            long share = rows.get(row).bytes(slot);
            if (share != 0) {
                held.put(gpu(row), Bytes.of(share));
            }
        }
        return held;
    }

    private GpuId gpu(int row) {
        return GpuId.ofBytes(file.getBytes(LedgerLayout.row(row) + Row.UUID, 16));
    }

    private int rowsUsed() {
        return Math.min(file.getInt(LedgerHeader.ROWS_USED), LedgerLayout.ROW_PINNED);
    }

    private int slotsUsed() {
        return Math.min(file.getInt(LedgerHeader.SLOTS_USED), LedgerLayout.SLOT_COUNT);
    }
}
