// vmm.c: physical memory by handle, and where it is mapped (CUDA driver API, "Virtual Memory Management"). Creating takes memory;
// addresses and mappings take none. What another process of the tenant has exported is charged there, see exports.h.
#include "charge.h"
#include "cuda_result.h"
#include "current_gpu.h"
#include "exports.h"
#include "pinned.h"
#include "say.h"
#include "vmm_book.h"

#include <string.h>

// The beginning of CUmemAllocationProp (CUDA driver API, "Data types").
struct allocation_prop {
    int type, requested_handle_types;
    struct {
        int type, id;
    } location;
};
enum { LOCATION_DEVICE = 1 };
enum { HANDLE_POSIX_FD = 1 }; // CUmemAllocationHandleType

static CUresult create_on_host(void *handle, size_t size, const void *prop, unsigned long long flags);
static int note_import(uint64_t handle, struct sluice_vmm_piece *piece);
static CUresult charge_growth(struct sluice_asking *growth, uint64_t handle, uint64_t end);
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
        remember(*(uint64_t *)handle, (struct sluice_vmm_piece){.row = asking.row, .bytes = asking.bytes});
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
    struct sluice_asking growth = {.governed = 0};
    CUresult result = charge_growth(&growth, handle, size + offset);
    if (result != CUDA_SUCCESS) {
        return result;
    }
    sluice_vmm_lock();
    result = sluice_real_cuMemMap(ptr, size, offset, handle, flags);
    if (result == CUDA_SUCCESS && sluice_vmm_mapped(ptr, size, handle)) {
        // Without a note of it, the memory would count as released with its handle.
        sluice_real_cuMemUnmap(ptr, size);
        result = CUDA_ERROR_OUT_OF_MEMORY;
    }
    struct sluice_vmm_piece *piece = growth.governed ? sluice_vmm_find(handle) : NULL;
    int grows = piece && result == CUDA_SUCCESS && piece->bytes + growth.bytes <= size + offset;
    if (grows) {
        piece->bytes += growth.bytes;
    }
    sluice_vmm_unlock();
    if (growth.governed && !grows) {
        sluice_tenant_release(growth.row, growth.bytes, growth.kind);
    }
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

CUresult sluice_hook_cuMemExportToShareableHandle(void *shareableHandle, unsigned long long handle, int handleType, unsigned long long flags) {
    CUresult result = sluice_real_cuMemExportToShareableHandle(shareableHandle, handle, handleType, flags);
    if (result != CUDA_SUCCESS || handleType != HANDLE_POSIX_FD || sluice_tenant_governance() != SLUICE_GOVERNED) {
        return result; // whoever imports it cannot tell where it is from, and is charged for it
    }
    sluice_vmm_lock();
    struct sluice_vmm_piece *piece = sluice_vmm_find(handle);
    if (piece && piece->bytes && piece->row != SLUICE_ROW_PINNED && !piece->imported) {
        if (!piece->export_number) {
            piece->export_number = sluice_exports_add(sluice_exports_new_key(), piece->row, piece->bytes, SLUICE_KIND_VMM) + 1;
        }
        if (piece->export_number) {
            sluice_exports_mark(*(int *)shareableHandle, piece->export_number - 1);
        }
    }
    sluice_vmm_unlock();
    return result;
}

// How large it is, the driver does not say before it is mapped.
CUresult sluice_hook_cuMemImportFromShareableHandle(void *handle, void *osHandle, int shHandleType) {
    if (sluice_tenant_governance() != SLUICE_GOVERNED) {
        return sluice_real_cuMemImportFromShareableHandle(handle, osHandle, shHandleType);
    }
    uint64_t key = shHandleType == HANDLE_POSIX_FD ? sluice_exports_marked((int)(intptr_t)osHandle) : 0;
    struct sluice_vmm_piece piece = {.import_key = sluice_exports_import(key) ? key : 0};
    CUresult result = sluice_real_cuMemImportFromShareableHandle(handle, osHandle, shHandleType);
    if (result == CUDA_SUCCESS && !note_import(*(uint64_t *)handle, &piece)) {
        sluice_real_cuMemRelease(*(uint64_t *)handle);
        result = CUDA_ERROR_OUT_OF_MEMORY;
    }
    if (result != CUDA_SUCCESS && piece.import_key) {
        sluice_exports_import_over(piece.import_key);
    }
    return result;
}

static int note_import(uint64_t handle, struct sluice_vmm_piece *piece) {
    struct allocation_prop prop;
    piece->imported = !piece->import_key;
    if (piece->imported) {
        unsigned char whole[256] = {0}; // the structure may grow
        int row = sluice_real_cuMemGetAllocationPropertiesFromHandle(whole, handle) == CUDA_SUCCESS ? 0 : SLUICE_ROW_NONE;
        memcpy(&prop, whole, sizeof prop);
        row = row == 0 && prop.location.type == LOCATION_DEVICE ? sluice_row_of_device(prop.location.id) : SLUICE_ROW_NONE;
        if (row < 0) {
            return 0;
        }
        piece->row = (unsigned)row;
    }
    sluice_vmm_lock();
    int forgotten = sluice_vmm_created(handle, *piece);
    sluice_vmm_unlock();
    return !forgotten;
}

// Charges what a mapping shows to be there of a foreign piece.
static CUresult charge_growth(struct sluice_asking *growth, uint64_t handle, uint64_t end) {
    sluice_vmm_lock();
    const struct sluice_vmm_piece *piece = sluice_vmm_find(handle);
    uint64_t bytes = piece && piece->imported && end > piece->bytes ? end - piece->bytes : 0;
    unsigned row = piece ? piece->row : 0;
    sluice_vmm_unlock();
    return bytes ? sluice_charge_begin_row(growth, "cuMemMap", row, bytes, SLUICE_KIND_VMM) : CUDA_SUCCESS;
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
        remember(*(uint64_t *)handle, (struct sluice_vmm_piece){.row = SLUICE_ROW_PINNED, .bytes = pinning.bytes});
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
    int stays = piece.export_number && sluice_exports_given_up(piece.export_number - 1);
    if (piece.import_key) {
        sluice_exports_import_over(piece.import_key);
    }
    if (piece.bytes && !stays) {
        sluice_tenant_release(piece.row, piece.bytes, SLUICE_KIND_VMM);
    }
    sluice_exports_settle();
}
