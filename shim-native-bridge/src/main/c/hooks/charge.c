#define _GNU_SOURCE
#include "charge.h"

#include "cuda_result.h"
#include "current_gpu.h"
#include "denial.h"
#include "say.h"
#include "pointer_map.h"

#include <time.h>

enum {
    RETRIES = 100,
    RETRY_INTERVAL_NS = 10000000,
};

static CUresult not_charged(const struct sluice_asking *asking, enum sluice_charged charged, const struct sluice_standing *standing) __attribute__((noinline));
static CUresult not_allocated(const struct sluice_asking *asking, CUresult result) __attribute__((noinline));
static CUresult deny(const struct sluice_asking *asking, const struct sluice_standing *standing, const char *reason, CUresult answer);

CUresult sluice_charge_begin(struct sluice_asking *asking, const char *function, uint64_t bytes, enum sluice_kind kind) {
    asking->function = function;
    asking->kind = kind;
    asking->bytes = bytes;
    asking->governed = 0;
    asking->retries = 0;
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
    struct sluice_standing standing;
    enum sluice_charged charged = sluice_tenant_charge(asking->row, bytes, kind, &standing);
    if (charged > SLUICE_CHARGE_GRANTED_LATE) {
        return not_charged(asking, charged, &standing);
    }
    asking->governed = 1;
    asking->retries = charged == SLUICE_CHARGE_GRANTED_LATE ? RETRIES : 0;
    return CUDA_SUCCESS;
}

static CUresult not_charged(const struct sluice_asking *asking, enum sluice_charged charged, const struct sluice_standing *standing) {
    if (charged == SLUICE_CHARGE_LOST) {
        sluice_tenant_count(asking->row, SLUICE_EVENT_DENIED_FAILURE);
        return deny(asking, standing, "failure", CUDA_ERROR_OUT_OF_MEMORY);
    }
    sluice_tenant_count(asking->row, SLUICE_EVENT_DENIED_LIMIT);
    return deny(asking, standing, standing->limit_bytes ? "limit" : "unlisted_gpu", CUDA_ERROR_OUT_OF_MEMORY);
}

int sluice_charge_again(struct sluice_asking *asking, CUresult result) {
    if (result != CUDA_ERROR_OUT_OF_MEMORY || asking->retries == 0) {
        return 0;
    }
    asking->retries--;
    nanosleep(&(struct timespec){.tv_nsec = RETRY_INTERVAL_NS}, NULL);
    return 1;
}

CUresult sluice_charge_settle(const struct sluice_asking *asking, CUresult result, uint64_t pointer) {
    if (!asking->governed || result != CUDA_SUCCESS) {
        return asking->governed ? not_allocated(asking, result) : result;
    }
    struct sluice_allocation allocation = {
        .pointer = pointer, .context = asking->context, .bytes = asking->bytes & 0xffffffffffff, .row = asking->row & 0xff, .kind = asking->kind & 0xff,
    };
    if (sluice_pointer_map_put(&allocation)) {
        // It stays charged, which errs on the safe side, until the process ends.
        sluice_say("no host memory is left to remember a device allocation: %llu bytes stay charged until this process ends",
            (unsigned long long)asking->bytes);
    }
    return CUDA_SUCCESS;
}

static CUresult not_allocated(const struct sluice_asking *asking, CUresult result) {
    int listed;
    sluice_tenant_release(asking->row, asking->bytes, asking->kind);
    if (result != CUDA_ERROR_OUT_OF_MEMORY) {
        return result;
    }
    struct sluice_standing standing = {
        .used_bytes = sluice_account_used(sluice_tenant_ledger(), asking->row),
        .limit_bytes = sluice_ledger_limit(sluice_tenant_ledger(), asking->row, &listed),
    };
    sluice_tenant_count(asking->row, SLUICE_EVENT_DENIED_DEVICE_FULL);
    return deny(asking, &standing, "device_full", result);
}

static CUresult deny(const struct sluice_asking *asking, const struct sluice_standing *standing, const char *reason, CUresult answer) {
    struct sluice_denial denial = {
        .function = asking->function,
        .reason = reason,
        .gpu_uuid = sluice_tenant_ledger()->rows[asking->row].uuid,
        .asked_bytes = asking->bytes,
        .used_bytes = standing->used_bytes,
        .limit_bytes = standing->limit_bytes,
    };
    sluice_denial_explain(&denial);
    return answer;
}
