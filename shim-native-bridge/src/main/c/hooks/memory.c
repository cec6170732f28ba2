// memory.c: linear, pitched and managed memory, and its free.
#include "charge.h"
#include "cuda_result.h"
#include "pointer_map.h"
#include "pools.h"
#include "spill.h"

// A pitch is the width rounded up to this, as far as it can be known before the driver is called; afterwards its own pitch
// is settled.
enum { PITCH_GRANULARITY = 512 };

static uint64_t pitched_bytes(uint64_t width, uint64_t rows);
static CUresult settle_pitch(struct sluice_asking *asking, CUresult result, uint64_t pointer, uint64_t pitch, uint64_t rows);

CUresult sluice_hook_cuMemAlloc_v2(CUdeviceptr *dptr, size_t bytesize) {
    struct sluice_asking asking;
    if (!dptr || !bytesize) {
        return sluice_real_cuMemAlloc_v2(dptr, bytesize); // the driver refuses these in its own words
    }
    CUresult result = sluice_charge_begin(&asking, "cuMemAlloc_v2", sluice_charge_rounded(bytesize), SLUICE_KIND_LINEAR);
    if (result == SLUICE_SPILLS) {
        return sluice_spill(&asking, dptr, bytesize, SLUICE_ATTACH_GLOBAL);
    }
    if (result != CUDA_SUCCESS) {
        return result;
    }
    do {
        result = sluice_real_cuMemAlloc_v2(dptr, bytesize);
    } while (sluice_charge_again(&asking, result));
    return sluice_charge_settle(&asking, result, *dptr);
}

CUresult sluice_hook_cuMemAlloc(CUdeviceptr_v1 *dptr, unsigned int bytesize) {
    struct sluice_asking asking;
    if (!dptr || !bytesize) {
        return sluice_real_cuMemAlloc(dptr, bytesize);
    }
    CUresult result = sluice_charge_begin(&asking, "cuMemAlloc", sluice_charge_rounded(bytesize), SLUICE_KIND_LINEAR);
    if (result == SLUICE_SPILLS) {
        return sluice_charge_deny(&asking); // managed memory has no address that fits here
    }
    if (result != CUDA_SUCCESS) {
        return result;
    }
    do {
        result = sluice_real_cuMemAlloc(dptr, bytesize);
    } while (sluice_charge_again(&asking, result));
    return sluice_charge_settle(&asking, result, *dptr);
}

CUresult sluice_hook_cuMemAllocManaged(CUdeviceptr *dptr, size_t bytesize, unsigned int flags) {
    struct sluice_asking asking;
    if (!dptr || !bytesize) {
        return sluice_real_cuMemAllocManaged(dptr, bytesize, flags);
    }
    CUresult result = sluice_charge_begin(&asking, "cuMemAllocManaged", sluice_charge_rounded(bytesize), SLUICE_KIND_LINEAR);
    if (result == SLUICE_SPILLS) {
        return sluice_spill(&asking, dptr, bytesize, flags);
    }
    if (result != CUDA_SUCCESS) {
        return result;
    }
    do {
        result = sluice_real_cuMemAllocManaged(dptr, bytesize, flags);
    } while (sluice_charge_again(&asking, result));
    return sluice_charge_settle(&asking, result, *dptr);
}

CUresult sluice_hook_cuMemAllocPitch_v2(CUdeviceptr *dptr, size_t *pPitch, size_t WidthInBytes, size_t Height, unsigned int ElementSizeBytes) {
    struct sluice_asking asking;
    if (!dptr || !pPitch || !WidthInBytes || !Height) {
        return sluice_real_cuMemAllocPitch_v2(dptr, pPitch, WidthInBytes, Height, ElementSizeBytes);
    }
    CUresult result = sluice_charge_begin(&asking, "cuMemAllocPitch_v2", pitched_bytes(WidthInBytes, Height), SLUICE_KIND_LINEAR);
    if (result == SLUICE_SPILLS) {
        size_t pitch = pitched_bytes(WidthInBytes, 1);
        result = sluice_spill(&asking, dptr, pitch * Height, SLUICE_ATTACH_GLOBAL);
        *pPitch = result == CUDA_SUCCESS ? pitch : *pPitch;
        return result;
    }
    if (result != CUDA_SUCCESS) {
        return result;
    }
    do {
        result = sluice_real_cuMemAllocPitch_v2(dptr, pPitch, WidthInBytes, Height, ElementSizeBytes);
    } while (sluice_charge_again(&asking, result));
    return settle_pitch(&asking, result, *dptr, *pPitch, Height);
}

CUresult sluice_hook_cuMemAllocPitch(CUdeviceptr_v1 *dptr, unsigned int *pPitch, unsigned int WidthInBytes, unsigned int Height, unsigned int ElementSizeBytes) {
    struct sluice_asking asking;
    if (!dptr || !pPitch || !WidthInBytes || !Height) {
        return sluice_real_cuMemAllocPitch(dptr, pPitch, WidthInBytes, Height, ElementSizeBytes);
    }
    CUresult result = sluice_charge_begin(&asking, "cuMemAllocPitch", pitched_bytes(WidthInBytes, Height), SLUICE_KIND_LINEAR);
    if (result == SLUICE_SPILLS) {
        return sluice_charge_deny(&asking);
    }
    if (result != CUDA_SUCCESS) {
        return result;
    }
    do {
        result = sluice_real_cuMemAllocPitch(dptr, pPitch, WidthInBytes, Height, ElementSizeBytes);
    } while (sluice_charge_again(&asking, result));
    return settle_pitch(&asking, result, *dptr, *pPitch, Height);
}

// Waits, so that a pool may give back what it does not need.
CUresult sluice_hook_cuMemFree_v2(CUdeviceptr dptr) {
    struct sluice_allocation freed;
    sluice_pointer_map_take(dptr, &freed);
    CUresult result = sluice_charge_freed(&freed, sluice_real_cuMemFree_v2(dptr));
    if (freed.pointer && freed.kind == SLUICE_KIND_POOL) {
        sluice_pools_settle();
    }
    return result;
}

CUresult sluice_hook_cuMemFree(CUdeviceptr_v1 dptr) {
    struct sluice_allocation freed;
    sluice_pointer_map_take(dptr, &freed);
    return sluice_charge_freed(&freed, sluice_real_cuMemFree(dptr));
}

// Also frees memory of cuMemAlloc (CUDA driver API, "Stream Ordered Memory Allocator").
CUresult sluice_hook_cuMemFreeAsync(CUdeviceptr dptr, void *hStream) {
    struct sluice_allocation freed;
    sluice_pointer_map_take(dptr, &freed);
    return sluice_charge_freed(&freed, sluice_real_cuMemFreeAsync(dptr, hStream));
}

CUresult sluice_hook_cuMemFreeAsync_ptsz(CUdeviceptr dptr, void *hStream) {
    struct sluice_allocation freed;
    sluice_pointer_map_take(dptr, &freed);
    return sluice_charge_freed(&freed, sluice_real_cuMemFreeAsync_ptsz(dptr, hStream));
}

static uint64_t pitched_bytes(uint64_t width, uint64_t rows) {
    uint64_t pitch = width % PITCH_GRANULARITY ? width + (PITCH_GRANULARITY - width % PITCH_GRANULARITY) : width;
    uint64_t bytes;
    return pitch < width || __builtin_mul_overflow(pitch, rows, &bytes) ? UINT64_MAX : sluice_charge_rounded(bytes);
}

// A driver whose pitch is not the one that was charged: the difference is charged or released now. Where it does not fit the
// memory is given back, as if it had been denied before.
static CUresult settle_pitch(struct sluice_asking *asking, CUresult result, uint64_t pointer, uint64_t pitch, uint64_t rows) {
    uint64_t actual = pitched_bytes(pitch, rows);
    if (asking->governed && result == CUDA_SUCCESS && actual < asking->bytes) {
        sluice_tenant_release(asking->row, asking->bytes - actual, asking->kind);
        asking->bytes = actual;
    } else if (asking->governed && result == CUDA_SUCCESS && actual > asking->bytes) {
        struct sluice_asking rest;
        CUresult fits = sluice_charge_begin(&rest, asking->function, actual - asking->bytes, asking->kind);
        if (fits != CUDA_SUCCESS) {
            sluice_real_cuMemFree_v2(pointer);
            sluice_tenant_release(asking->row, asking->bytes, asking->kind);
            return fits == SLUICE_SPILLS ? sluice_charge_deny(&rest) : fits;
        }
        asking->bytes = actual;
    }
    return sluice_charge_settle(asking, result, pointer);
}
