package io.sluice.bridge.ledger;

/**
 * The bytes of a tenant's ledger and limits file: the same picture, order and names as {@code ledger_layout.h}, which also
 * says who writes what. A test compares every constant here with the compiled C.
 *
 * <pre>
 *   0                  4096                    +64 × 256              +1024 × 128               file_bytes
 *   +------------------+-----------------------+----------------------+-------------------------+
 *   | header           | rows: one per GPU     | slots: one per       | accounts: one per row   |
 *   |                  |                       | process              | and slot, row by row    |
 *   +------------------+-----------------------+----------------------+-------------------------+
 *
 *   header                row (256)                slot (128)               account (1024)
 *     0 magic               0 word {used, tag}       0 state                  0 share {bytes, seq}
 *     8 layout_version     16 peak_bytes             8 pid, tenant_id        16 exported_bytes, streak
 *    12 sizes …            24 orphan_bytes          16 pid_namespace
 *    40 file_bytes         64 uuid                  24 start_time            64 allocations, denials …
 *    48 boot_id           128 bucket_ns …           32 joined_ns            128 kind_bytes[6]
 *    64 ledger_id         192 memory_releases       64 unlisted_denials …   192 lanes[13]: 64 bytes each
 *   128 tenant
 *   192 rows_used, slots_used
 * </pre>
 *
 * Row 63 is no GPU's but that of page-locked host memory, in the ledger and in the limits. All numbers are little-endian.
 */
final class LedgerLayout {
    static final long LEDGER_MAGIC = 0x474c454349554c53L;
    static final long LIMITS_MAGIC = 0x4d4c454349554c53L;
    static final long ARBITER_MAGIC = 0x424152454349554cL;
    static final int ARBITER_VERSION = 1;
    static final int ARBITER_BYTES = 18560;
    static final int LAYOUT_MAJOR = 1;
    static final int LAYOUT_MINOR = 0;

    static final int HEADER_BYTES = 4096;
    static final int ROW_COUNT = 64;
    static final int ROW_PINNED = 63;
    static final int ROW_BYTES = 256;
    static final int SLOT_COUNT = 1024;
    static final int SLOT_BYTES = 128;
    static final int ACCOUNT_BYTES = 1024;
    static final int LANE_COUNT = 13;
    static final int LANE_BYTES = 64;
    static final int LAUNCH_WAIT_BOUNDS = 10;
    static final int EXPORT_COUNT = 52;
    static final int KIND_COUNT = 6;
    static final int TENANT_BYTES = 64;
    static final int LIMITS_ROW_BYTES = 128;

    static final long SEQ_MASK = (1L << 48) - 1;
    static final int TAG_SLOT_SHIFT = 48;
    static final long TAG_OPEN = 1L << 63;

    static final int EXCESS_DENY = 0;
    static final int EXCESS_WAIT = 1;
    static final int EXCESS_SPILL = 2;
    static final int PRIORITY_NORMAL = 0;
    static final int PRIORITY_LATENCY = 1;
    static final int PRIORITY_BATCH = 2;

    static final int SLOT_FREE = 0;
    static final int SLOT_ACTIVE = 1;
    static final int SLOT_RECLAIMING = 2;
    static final int SLOT_ORPHANED = 3;

    /** Offsets in {@code struct sluice_ledger_header}. */
    static final class LedgerHeader {
        static final int MAGIC = 0;
        static final int LAYOUT_VERSION = MAGIC + 8;
        static final int HEADER_BYTES = LAYOUT_VERSION + 4;
        static final int ROW_COUNT = HEADER_BYTES + 4;
        static final int ROW_BYTES = ROW_COUNT + 4;
        static final int SLOT_COUNT = ROW_BYTES + 4;
        static final int SLOT_BYTES = SLOT_COUNT + 4;
        static final int ACCOUNT_BYTES = SLOT_BYTES + 4;
        static final int RESERVED_HEADER = ACCOUNT_BYTES + 4;
        static final int FILE_BYTES = RESERVED_HEADER + 4;
        static final int BOOT_ID = FILE_BYTES + 8;
        static final int LEDGER_ID = BOOT_ID + 16;
        static final int TENANT = 128;
        static final int ROWS_USED = TENANT + TENANT_BYTES;
        static final int SLOTS_USED = ROWS_USED + 4;

        private LedgerHeader() {}
    }

    /** Offsets in {@code struct sluice_row}. */
    static final class Row {
        static final int WORD = 0;
        static final int PEAK_BYTES = WORD + 16;
        static final int ORPHAN_BYTES = PEAK_BYTES + 8;
        static final int MEMORY_WAITING = ORPHAN_BYTES + 8;
        static final int RESERVED_ROW = MEMORY_WAITING + 8;
        static final int UUID = 64;
        static final int BUCKET_NS = 128;
        static final int BUCKET_PPM = BUCKET_NS + 8;
        static final int LAUNCH_WAITERS = BUCKET_PPM + 4;
        static final int MEMORY_RELEASES = 192;
        static final int RESERVED_MEMORY = MEMORY_RELEASES + 4;
        static final int MEMORY_TICKETS = RESERVED_MEMORY + 4;

        private Row() {}
    }

    /** Offsets in {@code struct sluice_slot}. */
    static final class Slot {
        static final int STATE = 0;
        static final int PID = STATE + 8;
        static final int TENANT_ID = PID + 4;
        static final int PID_NAMESPACE = TENANT_ID + 4;
        static final int START_TIME = PID_NAMESPACE + 8;
        static final int JOINED_NS = START_TIME + 8;
        static final int PROGRAM = JOINED_NS + 8;
        static final int RESERVED_SLOT = PROGRAM + 8;
        static final int UNLISTED_DENIALS = 64;
        static final int FAILURE_DENIALS = UNLISTED_DENIALS + 8;
        static final int RECLAIMS = FAILURE_DENIALS + 8;
        static final int RECLAIMED_BYTES = RECLAIMS + 8;

        private Slot() {}
    }

    /** Offsets in {@code struct sluice_lane}. */
    static final class Lane {
        static final int LAUNCHES = 0;
        static final int UNGOVERNED_CALLS = LAUNCHES + 8;
        static final int BUSY_NS = UNGOVERNED_CALLS + 8;
        static final int THROTTLED_NS = BUSY_NS + 8;
        static final int TURN_WAIT_NS = THROTTLED_NS + 8;
        static final int LANE_ALLOCATIONS = TURN_WAIT_NS + 8;
        static final int LAUNCH_WAITS = LANE_ALLOCATIONS + 8;
        static final int ESTIMATE_ERROR_NS = LAUNCH_WAITS + 8;

        private Lane() {}
    }

    /** Offsets in {@code struct sluice_account}. */
    static final class Account {
        static final int SHARE = 0;
        static final int EXPORTED_BYTES = SHARE + 16;
        static final int STREAK = EXPORTED_BYTES + 8;
        static final int WAIT_TICKET = STREAK + 8;
        static final int RESERVED_ACCOUNT = WAIT_TICKET + 8;
        static final int ALLOCATIONS = 64;
        static final int DENIALS_LIMIT = ALLOCATIONS + 8;
        static final int DENIALS_DEVICE_FULL = DENIALS_LIMIT + 8;
        static final int DENIALS_FAILURE = DENIALS_DEVICE_FULL + 8;
        static final int REFUSED_CALLS = DENIALS_FAILURE + 8;
        static final int MEMORY_WARNINGS = REFUSED_CALLS + 8;
        static final int MEMORY_WAIT_NS = MEMORY_WARNINGS + 8;
        static final int SPILLED_BYTES = MEMORY_WAIT_NS + 8;
        static final int KIND_BYTES = 128;
        static final int LANES = 192;

        private Account() {}
    }

    /** Offsets in {@code struct sluice_export}, in the place of the lanes of row 63. */
    static final class Export {
        static final int KEY = 0;
        static final int WHAT = KEY + 8;

        private Export() {}
    }

    /** Offsets in {@code struct sluice_limits_header}. */
    static final class LimitsHeader {
        static final int MAGIC = 0;
        static final int LAYOUT_VERSION = MAGIC + 8;
        static final int HEADER_BYTES = LAYOUT_VERSION + 4;
        static final int ROW_COUNT = HEADER_BYTES + 4;
        static final int ROW_BYTES = ROW_COUNT + 4;
        static final int FILE_BYTES = ROW_BYTES + 4;
        static final int LIMITS_GENERATION = FILE_BYTES + 8;
        static final int ON_FAILURE = LIMITS_GENERATION + 8;
        static final int LIMIT_ROWS_USED = ON_FAILURE + 4;
        static final int LIMITS_TENANT = 64;

        private LimitsHeader() {}
    }

    /** Offsets in {@code struct sluice_limits_row}. */
    static final class LimitsRow {
        static final int GPU_UUID = 0;
        static final int LISTED = GPU_UUID + 16;
        static final int SHARE_PPM = LISTED + 4;
        static final int MEMORY_LIMIT_BYTES = SHARE_PPM + 4;
        static final int MEMORY_WARN_BYTES = MEMORY_LIMIT_BYTES + 8;
        static final int MAX_PPM = MEMORY_WARN_BYTES + 8;
        static final int PRIORITY = MAX_PPM + 4;
        static final int ON_EXCESS = PRIORITY + 4;
        static final int WAIT_MAX_NS = ON_EXCESS + 8;
        static final int CONTEXT_BYTES = WAIT_MAX_NS + 8;
        static final int SHARE_OF_REST = CONTEXT_BYTES + 8;
        static final int RESERVED_LIMITS = SHARE_OF_REST + 8;

        private LimitsRow() {}
    }

    static final int ROWS = HEADER_BYTES;
    static final int SLOTS = ROWS + ROW_COUNT * ROW_BYTES;
    static final int ACCOUNTS = SLOTS + SLOT_COUNT * SLOT_BYTES;
    static final int LEDGER_FILE_BYTES = ACCOUNTS + ROW_COUNT * SLOT_COUNT * ACCOUNT_BYTES;
    static final int LIMITS_FILE_BYTES = HEADER_BYTES + ROW_COUNT * LIMITS_ROW_BYTES;

    private LedgerLayout() {}

    static int row(int row) {
        return ROWS + row * ROW_BYTES;
    }

    static int slot(int slot) {
        return SLOTS + slot * SLOT_BYTES;
    }

    static int account(int row, int slot) {
        return ACCOUNTS + (row * SLOT_COUNT + slot) * ACCOUNT_BYTES;
    }

    static int limitsRow(int row) {
        return HEADER_BYTES + row * LIMITS_ROW_BYTES;
    }
}
