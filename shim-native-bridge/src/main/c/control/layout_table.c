// layout_table.c: the layout as the compiler sees it, for the test that compares it with LedgerLayout.java.
#include "arbiter.h"
#include "control.h"
#include "ledger_layout.h"

struct field {
    const char *name;
    uint64_t value;
};

#define AT(structure, short_name, field) {#short_name "." #field, offsetof(struct structure, field)}
#define IS(constant) {#constant, SLUICE_##constant}

static const struct field fields[] = {
    IS(LEDGER_MAGIC), IS(LIMITS_MAGIC), IS(ARBITER_MAGIC), IS(ARBITER_VERSION), IS(ARBITER_BYTES), IS(LAYOUT_MAJOR), IS(LAYOUT_MINOR),
    IS(HEADER_BYTES), IS(ROW_COUNT), IS(ROW_PINNED), IS(ROW_BYTES), IS(SLOT_COUNT), IS(SLOT_BYTES), IS(ACCOUNT_BYTES),
    IS(LANE_COUNT), IS(LAUNCH_WAIT_BOUNDS), IS(LANE_BYTES), IS(EXPORT_COUNT), IS(KIND_COUNT), IS(TENANT_BYTES), IS(LIMITS_ROW_BYTES),
    IS(SEQ_MASK), IS(TAG_SLOT_SHIFT), IS(TAG_OPEN),
    IS(EXCESS_DENY), IS(EXCESS_WAIT), IS(EXCESS_SPILL), IS(PRIORITY_NORMAL), IS(PRIORITY_LATENCY), IS(PRIORITY_BATCH), IS(SLOT_FREE), IS(SLOT_ACTIVE), IS(SLOT_RECLAIMING), IS(SLOT_ORPHANED),
    AT(sluice_ledger_header, ledger_header, magic), AT(sluice_ledger_header, ledger_header, layout_version),
    AT(sluice_ledger_header, ledger_header, header_bytes), AT(sluice_ledger_header, ledger_header, row_count),
    AT(sluice_ledger_header, ledger_header, row_bytes), AT(sluice_ledger_header, ledger_header, slot_count),
    AT(sluice_ledger_header, ledger_header, slot_bytes), AT(sluice_ledger_header, ledger_header, account_bytes),
    AT(sluice_ledger_header, ledger_header, reserved_header), AT(sluice_ledger_header, ledger_header, file_bytes),
    AT(sluice_ledger_header, ledger_header, boot_id), AT(sluice_ledger_header, ledger_header, ledger_id),
    AT(sluice_ledger_header, ledger_header, tenant), AT(sluice_ledger_header, ledger_header, rows_used),
    AT(sluice_ledger_header, ledger_header, slots_used),
    AT(sluice_row, row, word), AT(sluice_row, row, peak_bytes), AT(sluice_row, row, orphan_bytes), AT(sluice_row, row, memory_waiting), AT(sluice_row, row, reserved_row),
    AT(sluice_row, row, uuid), AT(sluice_row, row, bucket_ns), AT(sluice_row, row, bucket_ppm), AT(sluice_row, row, launch_waiters),
    AT(sluice_row, row, memory_releases), AT(sluice_row, row, reserved_memory), AT(sluice_row, row, memory_tickets),
    AT(sluice_slot, slot, state), AT(sluice_slot, slot, pid), AT(sluice_slot, slot, tenant_id), AT(sluice_slot, slot, pid_namespace),
    AT(sluice_slot, slot, start_time), AT(sluice_slot, slot, joined_ns), AT(sluice_slot, slot, program), AT(sluice_slot, slot, reserved_slot),
    AT(sluice_slot, slot, unlisted_denials), AT(sluice_slot, slot, failure_denials), AT(sluice_slot, slot, reclaims),
    AT(sluice_slot, slot, reclaimed_bytes),
    AT(sluice_lane, lane, launches), AT(sluice_lane, lane, ungoverned_calls), AT(sluice_lane, lane, busy_ns), AT(sluice_lane, lane, throttled_ns),
    AT(sluice_lane, lane, turn_wait_ns), AT(sluice_lane, lane, lane_allocations), AT(sluice_lane, lane, launch_waits), AT(sluice_lane, lane, estimate_error_ns),
    AT(sluice_account, account, share), AT(sluice_account, account, exported_bytes),
    AT(sluice_account, account, streak), AT(sluice_account, account, wait_ticket), AT(sluice_account, account, reserved_account), AT(sluice_account, account, allocations), AT(sluice_account, account, denials_limit),
    AT(sluice_account, account, denials_device_full), AT(sluice_account, account, denials_failure), AT(sluice_account, account, refused_calls),
    AT(sluice_account, account, memory_warnings), AT(sluice_account, account, memory_wait_ns), AT(sluice_account, account, spilled_bytes),
    AT(sluice_account, account, kind_bytes), AT(sluice_account, account, lanes),
    AT(sluice_export, export, key), AT(sluice_export, export, what),
    AT(sluice_limits_header, limits_header, magic), AT(sluice_limits_header, limits_header, layout_version),
    AT(sluice_limits_header, limits_header, header_bytes), AT(sluice_limits_header, limits_header, row_count),
    AT(sluice_limits_header, limits_header, row_bytes), AT(sluice_limits_header, limits_header, file_bytes),
    AT(sluice_limits_header, limits_header, limits_generation), AT(sluice_limits_header, limits_header, on_failure),
    AT(sluice_limits_header, limits_header, limit_rows_used), AT(sluice_limits_header, limits_header, limits_tenant),
    AT(sluice_limits_row, limits_row, gpu_uuid), AT(sluice_limits_row, limits_row, listed), AT(sluice_limits_row, limits_row, share_ppm),
    AT(sluice_limits_row, limits_row, memory_limit_bytes), AT(sluice_limits_row, limits_row, memory_warn_bytes),
    AT(sluice_limits_row, limits_row, max_ppm), AT(sluice_limits_row, limits_row, priority), AT(sluice_limits_row, limits_row, on_excess), AT(sluice_limits_row, limits_row, wait_max_ns), AT(sluice_limits_row, limits_row, context_bytes), AT(sluice_limits_row, limits_row, share_of_rest), AT(sluice_limits_row, limits_row, reserved_limits),
};

int sluice_control_layout(int index, const char **name, uint64_t *value) {
    if (index < 0 || (unsigned)index >= sizeof fields / sizeof *fields) {
        return 0;
    }
    *name = fields[index].name;
    *value = fields[index].value;
    return 1;
}
