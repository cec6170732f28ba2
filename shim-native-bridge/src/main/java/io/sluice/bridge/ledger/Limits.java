package io.sluice.bridge.ledger;

import io.sluice.bridge.ledger.LedgerException.Reason;
import io.sluice.bridge.ledger.LedgerLayout.LimitsHeader;
import io.sluice.bridge.ledger.LedgerLayout.LimitsRow;
import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import io.sluice.policy.TenantName;
import io.sluice.policy.tenantfile.OnExcess;
import io.sluice.policy.tenantfile.SmQuota;
import io.sluice.policy.time.Priority;
import io.sluice.policy.time.Share;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The limits of one tenant: a file that the control side writes in place, so that running processes, which map it read-only,
 * follow at once. One control process at a time may write.
 */
public final class Limits {
    private static final String PERMISSIONS = "rw-r--r--";

    private final MappedFile file;

    /** @param file that is known to be limits */
    Limits(MappedFile file) {
        this.file = file;
    }

    /**
     * Opens the tenant's limits for writing; makes an empty file, which permits nothing, where there is none.
     *
     * @throws LedgerException if the file is there and cannot be used
     */
    public static Limits createOrOpen(Path path, TenantName tenant) throws IOException {
        try {
            Limits limits = open(path, true);
            if (!limits.tenant().equals(tenant)) {
                throw new LedgerException(
                        Reason.FOREIGN, path, "belongs to tenant '" + limits.tenant() + "', not to '" + tenant + "'");
            }
            return limits;
        } catch (LedgerException e) {
            if (e.reason() != Reason.MISSING) {
                throw e;
            }
        }
        return new Limits(MappedFile.create(
                path, LedgerLayout.LIMITS_FILE_BYTES, LedgerLayout.LIMITS_FILE_BYTES, PERMISSIONS, file -> {
                    file.setInt(LimitsHeader.HEADER_BYTES, LedgerLayout.HEADER_BYTES);
                    file.setInt(LimitsHeader.ROW_COUNT, LedgerLayout.ROW_COUNT);
                    file.setInt(LimitsHeader.ROW_BYTES, LedgerLayout.LIMITS_ROW_BYTES);
                    file.setLong(LimitsHeader.FILE_BYTES, LedgerLayout.LIMITS_FILE_BYTES);
                    file.setString(LimitsHeader.LIMITS_TENANT, tenant.value());
                    file.setLong(LimitsHeader.MAGIC, LedgerLayout.LIMITS_MAGIC);
                    file.setInt(
                            LimitsHeader.LAYOUT_VERSION, LedgerLayout.LAYOUT_MAJOR << 16 | LedgerLayout.LAYOUT_MINOR);
                }));
    }

    /** Opens the tenant's limits for reading. */
    public static Limits open(Path path) throws IOException {
        return open(path, false);
    }

    private static Limits open(Path path, boolean writable) throws IOException {
        MappedFile file = MappedFile.open(path, LedgerLayout.LIMITS_FILE_BYTES, writable);
        if (file.getLong(LimitsHeader.MAGIC) != LedgerLayout.LIMITS_MAGIC
                || file.getInt(LimitsHeader.LAYOUT_VERSION) >>> 16 != LedgerLayout.LAYOUT_MAJOR
                || file.getInt(LimitsHeader.HEADER_BYTES) != LedgerLayout.HEADER_BYTES
                || file.getInt(LimitsHeader.ROW_COUNT) != LedgerLayout.ROW_COUNT
                || file.getInt(LimitsHeader.ROW_BYTES) != LedgerLayout.LIMITS_ROW_BYTES) {
            throw new LedgerException(
                    Reason.TORN,
                    path,
                    "is not a finished limits file of this version: remove it and apply the tenant's file again");
        }
        return new Limits(file);
    }

    public TenantName tenant() {
        return new TenantName(file.getString(LimitsHeader.LIMITS_TENANT, LedgerLayout.TENANT_BYTES));
    }

    /** The GPUs that the tenant may use. */
    public List<GpuId> gpus() {
        List<GpuId> gpus = new ArrayList<>();
        for (int row = 0; row < rowsUsed(); row++) {
            if (file.getInt(LedgerLayout.limitsRow(row) + LimitsRow.LISTED) != 0) {
                gpus.add(gpu(row));
            }
        }
        return gpus;
    }

    /** The tenant's memory limit on a GPU; empty where it may not use that GPU. */
    public Optional<Bytes> limit(GpuId gpu) {
        int row = find(gpu);
        if (row < 0 || file.getInt(LedgerLayout.limitsRow(row) + LimitsRow.LISTED) == 0) {
            return Optional.empty();
        }
        return Optional.of(Bytes.of(file.getLong(LedgerLayout.limitsRow(row) + LimitsRow.MEMORY_LIMIT_BYTES)));
    }

    /** Sets the tenant's memory limit on a GPU, at once for all its running processes. */
    public void set(GpuId gpu, Bytes limit) {
        int row = find(gpu);
        boolean added = row < 0;
        if (added) {
            row = rowsUsed();
            if (row == LedgerLayout.ROW_PINNED) {
                throw new IllegalStateException("a limits file holds " + LedgerLayout.ROW_PINNED + " GPUs and " + gpu
                        + " would be one more: list fewer GPUs in the tenant file");
            }
            file.setBytes(LedgerLayout.limitsRow(row) + LimitsRow.GPU_UUID, gpu.toBytes());
        }
        file.setLong(LedgerLayout.limitsRow(row) + LimitsRow.MEMORY_LIMIT_BYTES, limit.value());
        file.setInt(
                LedgerLayout.limitsRow(row) + LimitsRow.LISTED, 1); // after the limit: a reader sees both or neither
        if (added) {
            file.setInt(LimitsHeader.LIMIT_ROWS_USED, row + 1);
        }
        file.addLong(LimitsHeader.LIMITS_GENERATION, 1);
    }

    /**
     * What happens at the limit of a GPU that has one, at once for all running processes.
     *
     * @param warn how many used bytes are told; 0 for none
     * @param excess what happens to a request for more than the limit
     */
    public void setExcess(GpuId gpu, Bytes warn, OnExcess excess) {
        int row = find(gpu);
        if (row < 0) {
            throw new IllegalArgumentException(gpu + " has no limit");
        }
        int at = LedgerLayout.limitsRow(row);
        long waitMaxNs = excess instanceof OnExcess.Wait wait ? wait.most().toNanos() : 0;
        long onExcess = word(excess);
        if (file.getLong(at + LimitsRow.MEMORY_WARN_BYTES) == warn.value()
                && file.getLong(at + LimitsRow.WAIT_MAX_NS) == waitMaxNs
                && file.getLong(at + LimitsRow.ON_EXCESS) == onExcess) {
            return;
        }
        file.setLong(at + LimitsRow.MEMORY_WARN_BYTES, warn.value());
        file.setLong(at + LimitsRow.WAIT_MAX_NS, waitMaxNs);
        file.setLong(at + LimitsRow.ON_EXCESS, onExcess);
        file.addLong(LimitsHeader.LIMITS_GENERATION, 1);
    }

    private static long word(OnExcess excess) {
        if (excess instanceof OnExcess.Wait) {
            return LedgerLayout.EXCESS_WAIT;
        }
        return excess instanceof OnExcess.Spill ? LedgerLayout.EXCESS_SPILL : LedgerLayout.EXCESS_DENY;
    }

    /** The share of a GPU's time that the tenant's file sets; empty for none, or where it may not use that GPU. */
    public Optional<Share> share(GpuId gpu) {
        int row = find(gpu);
        return row < 0 || file.getLong(LedgerLayout.limitsRow(row) + LimitsRow.SHARE_OF_REST) != 0
                ? Optional.empty()
                : share(row, LimitsRow.SHARE_PPM);
    }

    /** The most that the tenant may use while others leave it; empty where its file sets no share. */
    public Optional<Share> cap(GpuId gpu) {
        return share(gpu).flatMap(share -> share(find(gpu), LimitsRow.MAX_PPM));
    }

    /** With which weight the tenant takes turns on the GPU: its share, or its part of what is left; empty where it takes none. */
    public Optional<Share> weight(GpuId gpu) {
        int row = find(gpu);
        return row < 0 ? Optional.empty() : share(row, LimitsRow.SHARE_PPM);
    }

    private Optional<Share> share(int row, int word) {
        int ppm = file.getInt(LedgerLayout.limitsRow(row) + word);
        return ppm == 0 ? Optional.empty() : Optional.of(new Share(ppm));
    }

    /** Sets that for a GPU that has a memory limit, at once for all running processes. */
    public void setShare(GpuId gpu, SmQuota quota) {
        setTime(gpu, quota.share().millionths(), quota.cap().millionths(), word(quota.priority()), 0);
    }

    /**
     * The tenant's file sets no share.
     *
     * @param rest with which weight it takes turns nevertheless; empty where nobody on that GPU takes any
     */
    public void setNoShare(GpuId gpu, Optional<Share> rest) {
        int weight = rest.map(Share::millionths).orElse(0);
        setTime(gpu, weight, weight == 0 ? 0 : Share.WHOLE, LedgerLayout.PRIORITY_NORMAL, weight == 0 ? 0 : 1);
    }

    private void setTime(GpuId gpu, int share, int max, int priority, long ofRest) {
        int row = find(gpu);
        if (row < 0) {
            throw new IllegalArgumentException(gpu + " has no limit");
        }
        int at = LedgerLayout.limitsRow(row);
        if (file.getInt(at + LimitsRow.SHARE_PPM) == share
                && file.getInt(at + LimitsRow.MAX_PPM) == max
                && file.getInt(at + LimitsRow.PRIORITY) == priority
                && file.getLong(at + LimitsRow.SHARE_OF_REST) == ofRest) {
            return;
        }
        file.setLong(at + LimitsRow.SHARE_OF_REST, ofRest);
        file.setInt(at + LimitsRow.PRIORITY, priority);
        file.setInt(at + LimitsRow.MAX_PPM, max);
        file.setInt(at + LimitsRow.SHARE_PPM, share); // last: where it is not 0, the others hold
        file.addLong(LimitsHeader.LIMITS_GENERATION, 1);
    }

    private static int word(Priority priority) {
        return switch (priority) {
            case NORMAL -> LedgerLayout.PRIORITY_NORMAL;
            case LATENCY -> LedgerLayout.PRIORITY_LATENCY;
            case BATCH -> LedgerLayout.PRIORITY_BATCH;
        };
    }

    /** What a context is charged on a GPU that has a limit, at once for all running processes; zero for nothing. */
    public void setContext(GpuId gpu, Bytes bytes) {
        int row = find(gpu);
        if (row < 0) {
            throw new IllegalArgumentException(gpu + " has no limit");
        }
        int at = LedgerLayout.limitsRow(row) + LimitsRow.CONTEXT_BYTES;
        if (file.getLong(at) != bytes.value()) {
            file.setLong(at, bytes.value());
            file.addLong(LimitsHeader.LIMITS_GENERATION, 1);
        }
    }

    /** The most page-locked host memory that the tenant may hold; empty for no limit. */
    public Optional<Bytes> pinned() {
        int at = LedgerLayout.limitsRow(LedgerLayout.ROW_PINNED);
        return file.getInt(at + LimitsRow.LISTED) == 0
                ? Optional.empty()
                : Optional.of(Bytes.of(file.getLong(at + LimitsRow.MEMORY_LIMIT_BYTES)));
    }

    /** Sets that, at once for all running processes. */
    public void setPinned(Optional<Bytes> limit) {
        if (limit.equals(pinned())) {
            return;
        }
        int at = LedgerLayout.limitsRow(LedgerLayout.ROW_PINNED);
        limit.ifPresent(bytes -> file.setLong(at + LimitsRow.MEMORY_LIMIT_BYTES, bytes.value()));
        file.setInt(at + LimitsRow.LISTED, limit.isPresent() ? 1 : 0); // after the limit: a reader sees both or neither
        file.addLong(LimitsHeader.LIMITS_GENERATION, 1);
    }

    /** Takes a GPU from the tenant: what it holds there it keeps, new requests are denied. */
    public void unlist(GpuId gpu) {
        int row = find(gpu);
        if (row >= 0) {
            file.setInt(LedgerLayout.limitsRow(row) + LimitsRow.LISTED, 0);
            file.addLong(LimitsHeader.LIMITS_GENERATION, 1);
        }
    }

    private int find(GpuId gpu) {
        for (int row = 0; row < rowsUsed(); row++) {
            if (gpu(row).uuid().equals(gpu.uuid())) {
                return row;
            }
        }
        return -1;
    }

    private GpuId gpu(int row) {
        return GpuId.ofBytes(file.getBytes(LedgerLayout.limitsRow(row) + LimitsRow.GPU_UUID, 16));
    }

    private int rowsUsed() {
        return Math.min(file.getInt(LimitsHeader.LIMIT_ROWS_USED), LedgerLayout.ROW_PINNED);
    }
}
