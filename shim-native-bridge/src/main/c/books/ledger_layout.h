// ledger_layout.h: the bytes of the two shared files of a tenant. Drawn here once; the same constants with the same names
// stand in LedgerLayout.java, and a test compares every one of them.
//
// The ledger: one account for all processes of one tenant. Written by the tenant's processes, created by the control side.
//
//   0                  4096                    +64 × 256              +1024 × 128               file_bytes
//   +------------------+-----------------------+----------------------+-------------------------+
//   | header           | rows: one per GPU     | slots: one per       | accounts: one per row   |
//   |                  |                       | process              | and slot, row by row    |
//   +------------------+-----------------------+----------------------+-------------------------+
//
// A file is valid once layout_version is set, which is written last. Same major: old and new releases share one ledger,
// and bytes that a release does not know are left as they are (zero at first). Other major: the newcomer is refused.
//
// Order of writes, and who may write what:
//   row.word        compare-and-swap by anybody in the tenant: {used bytes, tag}, the tag naming the operation
//                   that made it and whether its owner leaves it to others to apply it
//   account.share   compare-and-swap by anybody: {bytes of this slot, seq of the last operation applied}
//   account.streak  by anybody, a hint: how many operations in a row were this slot's
//   account.wait_ticket by the slot's owner, row.memory_waiting and memory_releases by anybody: see waiting.h
//   row 63          of no GPU: page-locked host memory of the node. Its limit holds where limits row 63 is listed
//   slot.state      compare-and-swap: {generation:56 | phase:8}. An orphaned slot has no owner, and a share that others hold
//   identity        by the joining process, while it holds the slot's record lock and the slot is free
//   counters        by the slot's owner only; never reset, not even for the slot's next owner, so that the sum over all
//                   slots is the tenant's counter and can never go back
// At every instant all shares are up to date but, at most, that of the slot which the word names; it is the used bytes less all
// others.
#ifndef SLUICE_LEDGER_LAYOUT_H
#define SLUICE_LEDGER_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#define SLUICE_LEDGER_MAGIC 0x474c454349554c53ull // "SLUICELG" read as little-endian
#define SLUICE_LIMITS_MAGIC 0x4d4c454349554c53ull // "SLUICELM"
#define SLUICE_LAYOUT_MAJOR 1u
#define SLUICE_LAYOUT_MINOR 0u
#define SLUICE_LAYOUT_VERSION (SLUICE_LAYOUT_MAJOR << 16 | SLUICE_LAYOUT_MINOR)

enum {
    SLUICE_HEADER_BYTES = 4096,
    SLUICE_ROW_COUNT = 64,
    SLUICE_ROW_PINNED = 63, // of page-locked host memory, in both files; those below are GPUs'
    SLUICE_ROW_BYTES = 256,
    SLUICE_SLOT_COUNT = 1024,
    SLUICE_SLOT_BYTES = 128,
    SLUICE_ACCOUNT_BYTES = 1024,
    SLUICE_LANE_COUNT = 13,
    SLUICE_LANE_BYTES = 64,
    SLUICE_LAUNCH_WAIT_BOUNDS = 10, // 0.1, 0.3, 1, 3, 10, 30, 100, 300 ms, 1 s, and what is longer
    SLUICE_EXPORT_COUNT = 52,
    SLUICE_KIND_COUNT = 6,
    SLUICE_TENANT_BYTES = 64,
    SLUICE_LIMITS_ROW_BYTES = 128,
};

enum sluice_phase { SLUICE_SLOT_FREE = 0, SLUICE_SLOT_ACTIVE = 1, SLUICE_SLOT_RECLAIMING = 2, SLUICE_SLOT_ORPHANED = 3 };

enum sluice_kind {
    SLUICE_KIND_LINEAR = 0,
    SLUICE_KIND_POOL = 1,
    SLUICE_KIND_VMM = 2,
    SLUICE_KIND_ARRAY = 3,
    SLUICE_KIND_GRAPH = 4,
    SLUICE_KIND_CONTEXT = 5,
};

enum sluice_priority { SLUICE_PRIORITY_NORMAL = 0, SLUICE_PRIORITY_LATENCY = 1, SLUICE_PRIORITY_BATCH = 2 };
enum sluice_on_excess { SLUICE_EXCESS_DENY = 0, SLUICE_EXCESS_WAIT = 1, SLUICE_EXCESS_SPILL = 2 };

// Two words that change together. `high` differs after every change, which is what makes a torn read visible.
struct sluice_pair {
    _Alignas(16) uint64_t low;
    uint64_t high;
};

struct sluice_ledger_header {
    uint64_t magic;
    uint32_t layout_version; // major << 16 | minor; written last
    uint32_t header_bytes;
    uint32_t row_count;
    uint32_t row_bytes;
    uint32_t slot_count;
    uint32_t slot_bytes;
    uint32_t account_bytes;
    uint32_t reserved_header;
    uint64_t file_bytes;
    uint8_t boot_id[16];   // /proc/sys/kernel/random/boot_id: a ledger does not outlive its boot
    uint8_t ledger_id[16]; // random
    _Alignas(64) char tenant[SLUICE_TENANT_BYTES]; // zero-terminated
    uint32_t rows_used;    // rows below this have a uuid; only grows
    uint32_t slots_used;   // slots from here on were never taken; only grows
};

struct sluice_row {
    struct sluice_pair word; // {used bytes, tag}
    uint64_t peak_bytes;
    uint64_t orphan_bytes; // reserved: exported bytes whose exporter is gone
    uint64_t memory_waiting; // a hint: whether processes may be waiting for memory, whom nobody may pass
    uint64_t reserved_row[3];
    _Alignas(64) uint8_t uuid[16]; // as cuDeviceGetUuid_v2 returns it
    _Alignas(64) uint64_t bucket_ns; // see time_bucket.h
    uint32_t bucket_ppm;             // the share that bucket_ns was reckoned with
    uint32_t launch_waiters;         // futex: see time_bucket.c
    _Alignas(64) uint32_t memory_releases; // futex: changes when who waits for memory should look again
    uint32_t reserved_memory;
    uint64_t memory_tickets; // the last that was drawn by who waits for memory
};

struct sluice_slot {
    uint64_t state;   // generation << 8 | phase
    uint32_t pid;     // in the owner's own pid namespace
    uint32_t tenant_id; // reserved for several tenants in one process
    uint64_t pid_namespace; // inode of /proc/self/ns/pid
    uint64_t start_time;    // field 22 of /proc/self/stat, clock ticks since boot
    uint64_t joined_ns;     // CLOCK_REALTIME
    uint64_t program;       // of the owner, see program.h; 0: not told
    uint64_t reserved_slot[2];
    _Alignas(64) uint64_t unlisted_denials; // the four below are counters
    uint64_t failure_denials;
    uint64_t reclaims;        // times this slot was taken back from a process that had died
    uint64_t reclaimed_bytes;
};

// Counters that several threads of one process write. Threads have lanes of their own as long as they last; only the last
// lane is shared.
struct sluice_lane {
    uint64_t launches;
    uint64_t ungoverned_calls;
    uint64_t busy_ns; // of the GPU, as it was measured, and how far off estimates were in that: the last lane's alone
    uint64_t throttled_ns;
    uint64_t turn_wait_ns;
    uint64_t lane_allocations; // to be added to the account's
    uint64_t launch_waits;     // lane i: waits of all threads' launches that ended within bound i, see SLUICE_LAUNCH_WAIT_BOUNDS
    uint64_t estimate_error_ns;
};

struct sluice_account {
    struct sluice_pair share; // {bytes, seq of the last operation applied}
    uint64_t exported_bytes;  // reserved: bytes that other processes may hold on to
    uint64_t streak;
    uint64_t wait_ticket; // the oldest of those who wait for memory in this slot; 0: nobody
    uint64_t reserved_account[3];
    _Alignas(64) uint64_t allocations;
    uint64_t denials_limit;
    uint64_t denials_device_full;
    uint64_t denials_failure;
    uint64_t refused_calls;
    uint64_t memory_warnings;
    uint64_t memory_wait_ns;
    uint64_t spilled_bytes;
    _Alignas(64) uint64_t kind_bytes[SLUICE_KIND_COUNT]; // of the slot's present owner; linear memory is the rest of its share
    _Alignas(64) struct sluice_lane lanes[SLUICE_LANE_COUNT];
};

// In the place of the lanes of row 63, which has no launches: what the slot's owner has exported, see exports.h.
struct sluice_export {
    uint64_t key;  // 0: none; written last
    uint64_t what; // given up:1 at bit 62 | row:8 at bit 48 | bytes:48
};

// The limits: written by the control side alone, in place, so that running processes follow at once. A limit is one aligned
// 64-bit word and is read without a lock. Rows are only ever added.
struct sluice_limits_header {
    uint64_t magic;
    uint32_t layout_version; // written last
    uint32_t header_bytes;
    uint32_t row_count;
    uint32_t row_bytes;
    uint64_t file_bytes;
    uint64_t limits_generation; // grows with every change
    uint32_t on_failure; // 0 deny, 1 forward
    uint32_t limit_rows_used;
    _Alignas(64) char limits_tenant[SLUICE_TENANT_BYTES];
};

struct sluice_limits_row {
    uint8_t gpu_uuid[16];
    uint32_t listed; // 0: the tenant may not use this GPU
    uint32_t share_ppm; // of the GPU's time, in millionths, as max_ppm: the weight of the tenant's turns; 0: it takes none
    uint64_t memory_limit_bytes;
    uint64_t memory_warn_bytes; // 0: none
    uint32_t max_ppm;  // the most of the GPU's time that it may use; 0: no limit
    uint32_t priority; // enum sluice_priority
    uint64_t on_excess; // enum sluice_on_excess
    uint64_t wait_max_ns;
    uint64_t context_bytes; // what a context is charged there; 0: not known
    uint64_t share_of_rest; // 1: the tenant's file sets no share, and share_ppm is an equal part of what is left
    uint64_t reserved_limits[6];
};

// account.share.high and the tag of row.word: open:1 | slot:15 | seq:48.
#define SLUICE_SEQ_MASK ((1ull << 48) - 1)
#define SLUICE_TAG_SLOT_SHIFT 48
#define SLUICE_TAG_OPEN (1ull << 63)

_Static_assert(sizeof(struct sluice_ledger_header) <= SLUICE_HEADER_BYTES, "header");
_Static_assert(sizeof(struct sluice_row) == SLUICE_ROW_BYTES, "row");
_Static_assert(sizeof(struct sluice_slot) == SLUICE_SLOT_BYTES, "slot");
_Static_assert(sizeof(struct sluice_lane) == SLUICE_LANE_BYTES, "lane");
_Static_assert(sizeof(struct sluice_account) == SLUICE_ACCOUNT_BYTES, "account");
_Static_assert(SLUICE_EXPORT_COUNT * sizeof(struct sluice_export) <= SLUICE_LANE_COUNT * SLUICE_LANE_BYTES, "exports");
_Static_assert(sizeof(struct sluice_limits_row) == SLUICE_LIMITS_ROW_BYTES, "limits row");

#endif
