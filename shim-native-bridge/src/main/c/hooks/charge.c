#define _GNU_SOURCE
#include "charge.h"

#include "cuda_result.h"
#include "current_gpu.h"
#include "denial.h"
#include "ipc.h"
#include "pools.h"
#include "say.h"

#include <time.h>

enum { RETRY_INTERVAL_NS = 10000000 };

static enum sluice_charged over_limit(const struct sluice_asking *asking, int tried, struct sluice_standing *standing) __attribute__((noinline));
static CUresult not_charged(const struct sluice_asking *asking, enum sluice_charged charged, const struct sluice_standing *standing) __attribute__((noinline));
static CUresult not_allocated(const struct sluice_asking *asking, CUresult result) __attribute__((noinline));
static CUresult deny(const struct sluice_asking *asking, const struct sluice_standing *standing, const char *reason, CUresult answer);

// What did not fit, or was not `tried` since others wait whom nobody may pass: waits where that is not in vain.
static enum sluice_charged over_limit(const struct sluice_asking *asking, int tried, struct sluice_standing *standing) {
    uint64_t wait_max_ns;
    tried = tried && !sluice_exports_settle();
    int listed, waits = sluice_tenant_on_excess(asking->row, &wait_max_ns) == SLUICE_EXCESS_WAIT;
    if (waits && asking->bytes <= sluice_ledger_limit(sluice_tenant_ledger(), asking->row, &listed)) {
        return sluice_tenant_wait(asking->row, asking->bytes, asking->kind, wait_max_ns, standing);
    }
    return tried ? SLUICE_CHARGE_OVER_LIMIT : sluice_tenant_charge(asking->row, asking->bytes, asking->kind, standing);
}

static inline CUresult begin(struct sluice_asking *asking, int row) {
    if (row == SLUICE_ROW_UNKNOWN) {
        return CUDA_SUCCESS; // without a context or a device the driver grants nothing, and says so itself
    }
    if (row == SLUICE_ROW_NONE) {
        sluice_tenant_count_unlisted();
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
    asking->row = (unsigned)row;
    struct sluice_standing standing;
    enum sluice_charged charged = SLUICE_CHARGE_OVER_LIMIT;
    int tried = !sluice_tenant_queued(asking->row);
    if (__builtin_expect(tried, 1)) {
        charged = sluice_tenant_charge(asking->row, asking->bytes, asking->kind, &standing);
    }
    if (__builtin_expect(charged == SLUICE_CHARGE_OVER_LIMIT, 0)) {
        charged = over_limit(asking, tried, &standing);
    }
    if (charged > SLUICE_CHARGE_GRANTED_LATE) {
        return not_charged(asking, charged, &standing);
    }
    asking->governed = 1;
    asking->retries = charged == SLUICE_CHARGE_GRANTED_LATE ? SLUICE_LATE_RETRIES : 0;
    return CUDA_SUCCESS;
}

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
    return begin(asking, sluice_current_row(&asking->context));
}

CUresult sluice_charge_begin_on(struct sluice_asking *asking, const char *function, int device, uint64_t bytes, enum sluice_kind kind) {
    *asking = (struct sluice_asking){.function = function, .kind = kind, .bytes = bytes};
    enum sluice_governance governance = sluice_tenant_governance();
    if (governance != SLUICE_GOVERNED) {
        return governance == SLUICE_FORWARDING ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
    }
    return begin(asking, sluice_row_of_device(device));
}

CUresult sluice_charge_begin_row(struct sluice_asking *asking, const char *function, unsigned row, uint64_t bytes, enum sluice_kind kind) {
    *asking = (struct sluice_asking){.function = function, .kind = kind, .bytes = bytes};
    return begin(asking, (int)row);
}

static struct sluice_standing standing_of(unsigned row) {
    int listed;
    return (struct sluice_standing){
        .used_bytes = sluice_account_used(sluice_tenant_ledger(), row),
        .limit_bytes = sluice_ledger_limit(sluice_tenant_ledger(), row, &listed),
    };
}

static CUresult not_charged(const struct sluice_asking *asking, enum sluice_charged charged, const struct sluice_standing *standing) {
    if (charged == SLUICE_CHARGE_LOST) {
        sluice_tenant_count(asking->row, SLUICE_EVENT_DENIED_FAILURE);
        return deny(asking, standing, "failure", CUDA_ERROR_OUT_OF_MEMORY);
    }
    uint64_t wait_max_ns;
    if (asking->kind == SLUICE_KIND_LINEAR && sluice_tenant_on_excess(asking->row, &wait_max_ns) == SLUICE_EXCESS_SPILL) {
        return SLUICE_SPILLS;
    }
    sluice_tenant_count(asking->row, SLUICE_EVENT_DENIED_LIMIT);
    return deny(asking, standing, standing->limit_bytes ? "limit" : "unlisted_gpu", CUDA_ERROR_OUT_OF_MEMORY);
}

CUresult sluice_charge_deny(const struct sluice_asking *asking) {
    struct sluice_standing standing = standing_of(asking->row);
    sluice_tenant_count(asking->row, SLUICE_EVENT_DENIED_LIMIT);
    return deny(asking, &standing, "limit", CUDA_ERROR_OUT_OF_MEMORY);
}

void sluice_charge_pause(struct sluice_asking *asking) {
    asking->retries--;
    nanosleep(&(struct timespec){.tv_nsec = RETRY_INTERVAL_NS}, NULL);
}

CUresult sluice_charge_result(const struct sluice_asking *asking, CUresult result) {
    return asking->governed && result != CUDA_SUCCESS ? not_allocated(asking, result) : result;
}

CUresult sluice_charge_settle(const struct sluice_asking *asking, CUresult result, uint64_t pointer) {
    if (!asking->governed || result != CUDA_SUCCESS) {
        return sluice_charge_result(asking, result);
    }
    struct sluice_allocation allocation = sluice_allocation_of(pointer, asking->context, asking->bytes, asking->row, asking->kind);
    if (sluice_pointer_map_put(&allocation)) {
        // It stays charged, which errs on the safe side, until the process ends.
        sluice_say("no host memory is left to remember a device allocation: %llu bytes stay charged until this process ends",
            (unsigned long long)asking->bytes);
    }
    return CUDA_SUCCESS;
}

static inline int stays_exported(const struct sluice_allocation *freed) {
    return __builtin_expect(__atomic_load_n(&sluice_exports_live, __ATOMIC_RELAXED) != 0, 0) && (sluice_exports_settle(), sluice_ipc_stays(freed));
}

// The entry was taken out before the driver was called: once the memory is free, another thread may be given its address.
CUresult sluice_charge_freed(const struct sluice_allocation *freed, CUresult result) {
    int charged = freed->pointer != 0;
    if (charged && result == CUDA_SUCCESS && freed->kind == SLUICE_KIND_POOL) {
        sluice_pool_freed(freed);
    } else if (charged && result == CUDA_SUCCESS && !stays_exported(freed)) {
        sluice_tenant_release(freed->row, freed->bytes, (enum sluice_kind)freed->kind);
    } else if (charged && result != CUDA_SUCCESS) {
        sluice_pointer_map_put(freed);
    }
    return result;
}

static CUresult not_allocated(const struct sluice_asking *asking, CUresult result) {
    sluice_tenant_release(asking->row, asking->bytes, asking->kind);
    return sluice_charge_driver_full(asking, result);
}

CUresult sluice_charge_driver_full(const struct sluice_asking *asking, CUresult result) {
    if (result != CUDA_ERROR_OUT_OF_MEMORY) {
        return result;
    }
    struct sluice_standing standing = standing_of(asking->row);
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
