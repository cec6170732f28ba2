#define _GNU_SOURCE
#include "charge.h"

#include "cuda_result.h"
#include "current_gpu.h"
#include "denial.h"
#include "say.h"
#include "pointer_map.h"

#include <time.h>

enum {
    // cuMemAlloc hands out multiples of 512 bytes (measured by others on current drivers; docs/hardware-checklist.md).
    LINEAR_GRANULARITY = 512,
    RETRIES = 100,
    RETRY_INTERVAL_NS = 10000000,
};

static CUresult deny(const struct sluice_asking *asking, const struct sluice_charge *charge, const char *reason, CUresult answer);

uint64_t sluice_charge_rounded(uint64_t bytes) {
    uint64_t over = bytes % LINEAR_GRANULARITY;
    if (!over) {
        return bytes;
    }
    uint64_t rounded = bytes + (LINEAR_GRANULARITY - over);
    return rounded < bytes ? UINT64_MAX : rounded;
}

CUresult sluice_charge_begin(struct sluice_asking *asking, const char *function, uint64_t bytes, enum sluice_kind kind) {
    *asking = (struct sluice_asking){.function = function, .kind = kind, .bytes = bytes};
    enum sluice_governance governance = sluice_tenant_governance();
    if (governance != SLUICE_GOVERNED) {
        return governance == SLUICE_FORWARDING ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
    }
    int row = sluice_current_row(&asking->context);
    if (row == SLUICE_ROW_UNKNOWN) {
        return CUDA_SUCCESS; // without a context the driver grants nothing, and says so itself
    }
    if (row == SLUICE_ROW_NONE) {
        sluice_tenant_count_unlisted();
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
    asking->row = (unsigned)row;
    struct sluice_charge charge = sluice_tenant_charge(asking->row, bytes, kind);
    if (charge.answer == SLUICE_CHARGE_LOST) {
        sluice_tenant_count(asking->row, SLUICE_EVENT_DENIED_FAILURE);
        return deny(asking, &charge, "failure", CUDA_ERROR_OUT_OF_MEMORY);
    }
    if (charge.answer == SLUICE_CHARGE_OVER_LIMIT) {
        sluice_tenant_count(asking->row, SLUICE_EVENT_DENIED_LIMIT);
        return deny(asking, &charge, charge.limit_bytes ? "limit" : "unlisted_gpu", CUDA_ERROR_OUT_OF_MEMORY);
    }
    asking->governed = 1;
    asking->retries = charge.reclaimed ? RETRIES : 0;
    return CUDA_SUCCESS;
}

int sluice_charge_again(struct sluice_asking *asking, CUresult result) {
    if (result != CUDA_ERROR_OUT_OF_MEMORY || asking->retries == 0) {
        return 0;
    }
    asking->retries--;
    nanosleep(&(struct timespec){.tv_nsec = RETRY_INTERVAL_NS}, NULL);
    return 1;
}

CUresult sluice_charge_settle(struct sluice_asking *asking, CUresult result, uint64_t pointer) {
    if (!asking->governed) {
        return result;
    }
    if (result == CUDA_SUCCESS) {
        struct sluice_allocation allocation = {
            .pointer = pointer, .context = asking->context, .bytes = asking->bytes & 0xffffffffffff, .row = asking->row & 0xff, .kind = asking->kind & 0xff,
        };
        if (sluice_pointer_map_put(&allocation) == 0) {
            return CUDA_SUCCESS;
        }
        // No host memory to remember it by: it stays charged, which errs on the safe side, until the process ends.
        sluice_say("no host memory is left to remember a device allocation: %llu bytes stay charged until this process ends",
            (unsigned long long)asking->bytes);
        return CUDA_SUCCESS;
    }
    sluice_tenant_release(asking->row, asking->bytes, asking->kind);
    if (result == CUDA_ERROR_OUT_OF_MEMORY) {
        int listed;
        struct sluice_charge charge = {
            .used_bytes = sluice_account_used(sluice_tenant_ledger(), asking->row),
            .limit_bytes = sluice_ledger_limit(sluice_tenant_ledger(), asking->row, &listed),
        };
        sluice_tenant_count(asking->row, SLUICE_EVENT_DENIED_DEVICE_FULL);
        return deny(asking, &charge, "device_full", result);
    }
    return result;
}

static CUresult deny(const struct sluice_asking *asking, const struct sluice_charge *charge, const char *reason, CUresult answer) {
    struct sluice_denial denial = {
        .function = asking->function,
        .reason = reason,
        .gpu_uuid = sluice_tenant_ledger()->rows[asking->row].uuid,
        .asked_bytes = asking->bytes,
        .used_bytes = charge->used_bytes,
        .limit_bytes = charge->limit_bytes,
    };
    sluice_denial_explain(&denial);
    return answer;
}
