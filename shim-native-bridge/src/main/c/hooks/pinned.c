// pinned.c: page-locked host memory, allocated or registered. Counted in whole pages, under a limit of its own where the tenant has
// one. It goes with its context, as device memory does (CUDA driver API, cuCtxDestroy).
#include "pinned.h"

#include "charge.h"
#include "cuda_result.h"
#include "current_gpu.h"
#include "denial.h"
#include "say.h"

#include <unistd.h>

enum { REGISTER_IO_MEMORY = 4 }; // CU_MEMHOSTREGISTER_IOMEMORY: a device's, which takes none of the host's

// The account has one kind of memory; any will do whose booking needs no lane, see exports.h.
static const enum sluice_kind KIND = SLUICE_KIND_VMM;

static CUresult begin(struct sluice_pinning *pinning, const char *function, uint64_t bytes);
static CUresult settle(struct sluice_pinning *pinning, CUresult result, void *const *pointer);
static CUresult deny(const char *function, uint64_t bytes, enum sluice_charged charged, const struct sluice_standing *standing);
static uint64_t pages_over(const void *pointer, uint64_t bytes);

CUresult sluice_hook_cuMemHostAlloc(void *pp, size_t bytesize, unsigned int Flags) {
    struct sluice_pinning pinning;
    if (!pp || !bytesize) {
        return sluice_real_cuMemHostAlloc(pp, bytesize, Flags); // the driver refuses these in its own words
    }
    CUresult result = begin(&pinning, "cuMemHostAlloc", bytesize);
    if (result == CUDA_SUCCESS) {
        result = settle(&pinning, sluice_real_cuMemHostAlloc(pp, bytesize, Flags), pp);
    }
    return result;
}

CUresult sluice_hook_cuMemAllocHost_v2(void *pp, size_t bytesize) {
    struct sluice_pinning pinning;
    if (!pp || !bytesize) {
        return sluice_real_cuMemAllocHost_v2(pp, bytesize);
    }
    CUresult result = begin(&pinning, "cuMemAllocHost_v2", bytesize);
    if (result == CUDA_SUCCESS) {
        result = settle(&pinning, sluice_real_cuMemAllocHost_v2(pp, bytesize), pp);
    }
    return result;
}

CUresult sluice_hook_cuMemAllocHost(void *pp, unsigned int bytesize) {
    struct sluice_pinning pinning;
    if (!pp || !bytesize) {
        return sluice_real_cuMemAllocHost(pp, bytesize);
    }
    CUresult result = begin(&pinning, "cuMemAllocHost", bytesize);
    if (result == CUDA_SUCCESS) {
        result = settle(&pinning, sluice_real_cuMemAllocHost(pp, bytesize), pp);
    }
    return result;
}

CUresult sluice_hook_cuMemHostRegister_v2(void *p, size_t bytesize, unsigned int Flags) {
    struct sluice_pinning pinning;
    if (!p || !bytesize || Flags & REGISTER_IO_MEMORY) {
        return sluice_real_cuMemHostRegister_v2(p, bytesize, Flags);
    }
    CUresult result = begin(&pinning, "cuMemHostRegister_v2", pages_over(p, bytesize));
    if (result == CUDA_SUCCESS) {
        result = settle(&pinning, sluice_real_cuMemHostRegister_v2(p, bytesize, Flags), &p);
    }
    return result;
}

CUresult sluice_hook_cuMemHostRegister(void *p, size_t bytesize, unsigned int Flags) {
    struct sluice_pinning pinning;
    if (!p || !bytesize || Flags & REGISTER_IO_MEMORY) {
        return sluice_real_cuMemHostRegister(p, bytesize, Flags);
    }
    CUresult result = begin(&pinning, "cuMemHostRegister", pages_over(p, bytesize));
    if (result == CUDA_SUCCESS) {
        result = settle(&pinning, sluice_real_cuMemHostRegister(p, bytesize, Flags), &p);
    }
    return result;
}

CUresult sluice_hook_cuMemFreeHost(void *p) {
    struct sluice_allocation freed;
    sluice_pointer_map_take((uint64_t)(uintptr_t)p, &freed);
    return sluice_charge_freed(&freed, sluice_real_cuMemFreeHost(p));
}

CUresult sluice_hook_cuMemHostUnregister(void *p) {
    struct sluice_allocation freed;
    sluice_pointer_map_take((uint64_t)(uintptr_t)p, &freed);
    return sluice_charge_freed(&freed, sluice_real_cuMemHostUnregister(p));
}

CUresult sluice_pinned_begin(struct sluice_pinning *pinning, const char *function, uint64_t bytes) {
    enum sluice_governance governance = sluice_tenant_governance();
    *pinning = (struct sluice_pinning){.bytes = pages_over(NULL, bytes)};
    if (governance != SLUICE_GOVERNED) {
        return governance == SLUICE_FORWARDING ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
    }
    pinning->governed = 1;
    int limited;
    struct sluice_standing standing;
    sluice_ledger_limit(sluice_tenant_ledger(), SLUICE_ROW_PINNED, &limited);
    if (!limited) {
        return CUDA_SUCCESS;
    }
    enum sluice_charged charged = sluice_tenant_charge(SLUICE_ROW_PINNED, pinning->bytes, KIND, &standing);
    pinning->charged = charged <= SLUICE_CHARGE_GRANTED_LATE;
    return pinning->charged ? CUDA_SUCCESS : deny(function, pinning->bytes, charged, &standing);
}

CUresult sluice_pinned_settle(struct sluice_pinning *pinning, CUresult result) {
    if (pinning->charged && result != CUDA_SUCCESS) {
        sluice_tenant_release(SLUICE_ROW_PINNED, pinning->bytes, KIND);
    } else if (pinning->governed && !pinning->charged && result == CUDA_SUCCESS) {
        sluice_tenant_charge_taken(SLUICE_ROW_PINNED, pinning->bytes, KIND);
    }
    return result;
}

static CUresult begin(struct sluice_pinning *pinning, const char *function, uint64_t bytes) {
    uint64_t context = 0;
    if (sluice_tenant_governance() == SLUICE_GOVERNED && sluice_current_row(&context) == SLUICE_ROW_UNKNOWN) {
        *pinning = (struct sluice_pinning){0};
        return CUDA_SUCCESS; // without a context the driver grants nothing, and says so itself
    }
    CUresult result = sluice_pinned_begin(pinning, function, bytes);
    pinning->context = context;
    return result;
}

static CUresult settle(struct sluice_pinning *pinning, CUresult result, void *const *pointer) {
    sluice_pinned_settle(pinning, result);
    if (!pinning->governed || result != CUDA_SUCCESS) {
        return result;
    }
    struct sluice_allocation allocation = {
        .pointer = (uint64_t)(uintptr_t)*pointer, .context = pinning->context, .bytes = pinning->bytes & 0xffffffffffff, .row = SLUICE_ROW_PINNED, .kind = KIND,
    };
    if (sluice_pointer_map_put(&allocation)) {
        sluice_say("no host memory is left to remember page-locked memory: %llu bytes stay charged until this process ends",
            (unsigned long long)pinning->bytes);
    }
    return result;
}

static CUresult deny(const char *function, uint64_t bytes, enum sluice_charged charged, const struct sluice_standing *standing) {
    int lost = charged == SLUICE_CHARGE_LOST;
    struct sluice_denial denial = {
        .function = function, .reason = lost ? "failure" : "limit", .asked_bytes = bytes, .used_bytes = standing->used_bytes, .limit_bytes = standing->limit_bytes,
    };
    sluice_tenant_count(SLUICE_ROW_PINNED, lost ? SLUICE_EVENT_DENIED_FAILURE : SLUICE_EVENT_DENIED_LIMIT);
    sluice_denial_explain(&denial);
    return CUDA_ERROR_OUT_OF_MEMORY;
}

// What is locked: all pages that the range touches. More than there is where that overflows.
static uint64_t pages_over(const void *pointer, uint64_t bytes) {
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), begin = (uint64_t)(uintptr_t)pointer, end;
    if (__builtin_add_overflow(begin, bytes, &end) || __builtin_add_overflow(end, page - 1, &end)) {
        return UINT64_MAX;
    }
    return (end & ~(page - 1)) - (begin & ~(page - 1));
}
