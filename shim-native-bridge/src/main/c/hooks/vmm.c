// vmm.c: physical memory by handle, and where it is mapped (CUDA driver API, "Virtual Memory Management"). Creating takes memory;
// addresses and mappings take none.
#include "charge.h"
#include "cuda_result.h"
#include "pinned.h"
#include "say.h"
#include "vmm_book.h"

// The beginning of CUmemAllocationProp (CUDA driver API, "Data types").
struct allocation_prop {
    int type, requested_handle_types;
    struct {
        int type, id;
    } location;
};
enum { LOCATION_DEVICE = 1 };

static CUresult create_on_host(void *handle, size_t size, const void *prop, unsigned long long flags);
static void remember(uint64_t handle, struct sluice_vmm_piece piece);
static void release(struct sluice_vmm_piece piece);

CUresult sluice_hook_cuMemCreate(void *handle, size_t size, const void *prop, unsigned long long flags) {
    const struct allocation_prop *asked = prop;
    struct sluice_asking asking;
    if (!handle || !asked || !size) {
        return sluice_real_cuMemCreate(handle, size, prop, flags);
    }
    if (asked->location.type != LOCATION_DEVICE) {
        return create_on_host(handle, size, prop, flags);
    }
    CUresult result = sluice_charge_begin_on(&asking, "cuMemCreate", asked->location.id, size, SLUICE_KIND_VMM);
    if (result != CUDA_SUCCESS) {
        return result;
    }
    do {
        result = sluice_real_cuMemCreate(handle, size, prop, flags);
    } while (sluice_charge_again(&asking, result));
    if (asking.governed && result == CUDA_SUCCESS) {
        remember(*(uint64_t *)handle, (struct sluice_vmm_piece){asking.row, asking.bytes});
    }
    return sluice_charge_result(&asking, result);
}

CUresult sluice_hook_cuMemRetainAllocationHandle(void *handle, void *addr) {
    sluice_vmm_lock();
    CUresult result = sluice_real_cuMemRetainAllocationHandle(handle, addr);
    if (result == CUDA_SUCCESS) {
        sluice_vmm_retained(*(uint64_t *)handle, (uint64_t)(uintptr_t)addr);
    }
    sluice_vmm_unlock();
    return result;
}

CUresult sluice_hook_cuMemRelease(unsigned long long handle) {
    struct sluice_vmm_piece piece = {0};
    sluice_vmm_lock();
    CUresult result = sluice_real_cuMemRelease(handle);
    if (result == CUDA_SUCCESS) {
        piece = sluice_vmm_handle_released(handle);
    }
    sluice_vmm_unlock();
    release(piece);
    return result;
}

CUresult sluice_hook_cuMemMap(CUdeviceptr ptr, size_t size, size_t offset, unsigned long long handle, unsigned long long flags) {
    sluice_vmm_lock();
    CUresult result = sluice_real_cuMemMap(ptr, size, offset, handle, flags);
    if (result == CUDA_SUCCESS && sluice_vmm_mapped(ptr, size, handle)) {
        // Without a note of it, the memory would count as released with its handle.
        sluice_real_cuMemUnmap(ptr, size);
        result = CUDA_ERROR_OUT_OF_MEMORY;
    }
    sluice_vmm_unlock();
    return result;
}

CUresult sluice_hook_cuMemUnmap(CUdeviceptr ptr, size_t size) {
    sluice_vmm_lock();
    CUresult result = sluice_real_cuMemUnmap(ptr, size);
    for (int found = result == CUDA_SUCCESS; found;) {
        release(sluice_vmm_unmapped(ptr, size, &found));
    }
    sluice_vmm_unlock();
    return result;
}

// Memory of the host that GPUs can map is page-locked.
static CUresult create_on_host(void *handle, size_t size, const void *prop, unsigned long long flags) {
    struct sluice_pinning pinning;
    CUresult result = sluice_pinned_begin(&pinning, "cuMemCreate", size);
    if (result != CUDA_SUCCESS) {
        return result;
    }
    result = sluice_pinned_settle(&pinning, sluice_real_cuMemCreate(handle, size, prop, flags));
    if (pinning.governed && result == CUDA_SUCCESS) {
        remember(*(uint64_t *)handle, (struct sluice_vmm_piece){SLUICE_ROW_PINNED, pinning.bytes});
    }
    return result;
}

static void remember(uint64_t handle, struct sluice_vmm_piece piece) {
    sluice_vmm_lock();
    int forgotten = sluice_vmm_created(handle, piece);
    sluice_vmm_unlock();
    if (forgotten) { // errs on the safe side
        sluice_say("no host memory is left to remember an allocation: %llu bytes stay charged until this process ends", (unsigned long long)piece.bytes);
    }
}

static void release(struct sluice_vmm_piece piece) {
    if (piece.bytes) {
        sluice_tenant_release(piece.row, piece.bytes, piece.row == SLUICE_ROW_PINNED ? SLUICE_KIND_LINEAR : SLUICE_KIND_VMM);
    }
}
