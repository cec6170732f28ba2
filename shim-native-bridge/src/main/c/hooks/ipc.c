// ipc.c: see ipc.h. Charged to the exporter where that is of this tenant, else to whoever opens it. External memory is always charged
// to who imports it.
#include "ipc.h"

#include "charge.h"
#include "cuda_result.h"
#include "current_gpu.h"

#include <pthread.h>
#include <stdlib.h>

struct opened {
    struct opened *next;
    uint64_t address, context, key; // key 0: charged here
    uint64_t bytes;
    unsigned row, times;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; // of the list and the table
static struct opened *all;
static uint64_t exported[SLUICE_EXPORT_COUNT]; // addresses, by number

static CUresult opened(CUresult result, const CUdeviceptr *address, uint64_t key);
static CUresult charge_opened(struct opened *entry, uint64_t key);
static void closed(struct opened **link);
static CUresult open_governed(CUdeviceptr *pdptr, const CUipcMemHandle *handle, unsigned int Flags, int version);

CUresult sluice_hook_cuIpcGetMemHandle(CUipcMemHandle *pHandle, CUdeviceptr dptr) {
    CUdeviceptr base;
    size_t bytes;
    struct sluice_allocation allocation;
    CUresult result = sluice_real_cuIpcGetMemHandle(pHandle, dptr);
    if (result != CUDA_SUCCESS || sluice_tenant_governance() != SLUICE_GOVERNED
        || sluice_real_cuMemGetAddressRange_v2(&base, &bytes, dptr) != CUDA_SUCCESS || !sluice_pointer_map_take(base, &allocation)) {
        return result;
    }
    sluice_pointer_map_put(&allocation); // in the place that it has just left
    if (allocation.kind == SLUICE_KIND_LINEAR) {
        pthread_mutex_lock(&lock);
        int number = sluice_exports_add(sluice_exports_key(pHandle, sizeof(CUipcMemHandle)), allocation.row, allocation.bytes, SLUICE_KIND_LINEAR);
        if (number >= 0) {
            exported[number] = base;
        }
        pthread_mutex_unlock(&lock);
    }
    return result;
}

CUresult sluice_hook_cuIpcOpenMemHandle_v2(CUdeviceptr *pdptr, CUipcMemHandle handle, unsigned int Flags) {
    return open_governed(pdptr, &handle, Flags, 2);
}

CUresult sluice_hook_cuIpcOpenMemHandle(CUdeviceptr *pdptr, CUipcMemHandle handle, unsigned int Flags) {
    return open_governed(pdptr, &handle, Flags, 1);
}

CUresult sluice_hook_cuIpcCloseMemHandle(CUdeviceptr dptr) {
    CUresult result = sluice_real_cuIpcCloseMemHandle(dptr);
    if (result != CUDA_SUCCESS) {
        return result;
    }
    pthread_mutex_lock(&lock);
    struct opened **link = &all;
    while (*link && (*link)->address != dptr) {
        link = &(*link)->next;
    }
    if (*link && --(*link)->times == 0) {
        closed(link);
    }
    pthread_mutex_unlock(&lock);
    return result;
}

// CUDA_EXTERNAL_MEMORY_HANDLE_DESC (CUDA driver API, "Data types").
struct external_memory {
    int type;
    union {
        int fd;
        const void *objects[2];
    } handle;
    unsigned long long size;
};

CUresult sluice_hook_cuImportExternalMemory(void *extMem_out, const void *memHandleDesc) {
    const struct external_memory *memory = memHandleDesc;
    struct sluice_asking asking;
    if (!extMem_out || !memory || !memory->size) {
        return sluice_real_cuImportExternalMemory(extMem_out, memHandleDesc);
    }
    CUresult result = sluice_charge_begin(&asking, "cuImportExternalMemory", sluice_charge_rounded(memory->size), SLUICE_KIND_VMM);
    if (result != CUDA_SUCCESS) {
        return result;
    }
    result = sluice_real_cuImportExternalMemory(extMem_out, memHandleDesc);
    return sluice_charge_settle(&asking, result, result == CUDA_SUCCESS ? *(uint64_t *)extMem_out : 0);
}

CUresult sluice_hook_cuDestroyExternalMemory(void *extMem) {
    struct sluice_allocation freed;
    sluice_pointer_map_take((uint64_t)(uintptr_t)extMem, &freed);
    return sluice_charge_freed(&freed, sluice_real_cuDestroyExternalMemory(extMem));
}

int sluice_ipc_stays(const struct sluice_allocation *freed) {
    int number = 0, stays = 0;
    pthread_mutex_lock(&lock);
    while (number < SLUICE_EXPORT_COUNT && exported[number] != freed->pointer) {
        number++;
    }
    if (number < SLUICE_EXPORT_COUNT) {
        exported[number] = 0;
        stays = sluice_exports_given_up(number);
    }
    pthread_mutex_unlock(&lock);
    return stays;
}

void sluice_ipc_context_over(uint64_t context) {
    pthread_mutex_lock(&lock);
    for (struct opened **link = &all; *link;) {
        if ((*link)->context == context) {
            closed(link);
        } else {
            link = &(*link)->next;
        }
    }
    pthread_mutex_unlock(&lock);
}

static CUresult open_governed(CUdeviceptr *pdptr, const CUipcMemHandle *handle, unsigned int Flags, int version) {
    int governed = sluice_tenant_governance() == SLUICE_GOVERNED;
    uint64_t key = governed ? sluice_exports_key(handle, sizeof *handle) : 0;
    int known = sluice_exports_import(key);
    CUresult result = version == 2 ? sluice_real_cuIpcOpenMemHandle_v2(pdptr, *handle, Flags) : sluice_real_cuIpcOpenMemHandle(pdptr, *handle, Flags);
    if (governed && result == CUDA_SUCCESS) {
        pthread_mutex_lock(&lock);
        result = opened(result, pdptr, known ? key : 0);
        pthread_mutex_unlock(&lock);
    }
    if (known) {
        sluice_exports_import_over(key); // the entry that was made has one of its own
    }
    return result;
}

// Opened again in the same context, it has the same address.
static CUresult opened(CUresult result, const CUdeviceptr *address, uint64_t key) {
    struct opened *entry = all;
    while (entry && entry->address != *address) {
        entry = entry->next;
    }
    if (entry) {
        entry->times++;
        return result;
    }
    entry = malloc(sizeof *entry);
    result = CUDA_ERROR_OUT_OF_MEMORY;
    if (entry) {
        *entry = (struct opened){.next = all, .address = *address, .times = 1};
        result = charge_opened(entry, key);
    }
    if (result == CUDA_SUCCESS) {
        all = entry;
    } else {
        free(entry);
        sluice_real_cuIpcCloseMemHandle(*address);
    }
    return result;
}

// Its size is told only once it is open.
static CUresult charge_opened(struct opened *entry, uint64_t key) {
    int row = sluice_current_row(&entry->context);
    CUdeviceptr base;
    size_t bytes = 0;
    if (key && sluice_exports_import(key)) {
        entry->key = key;
        return CUDA_SUCCESS;
    }
    struct sluice_asking asking;
    if (row < 0 || sluice_real_cuMemGetAddressRange_v2(&base, &bytes, entry->address) != CUDA_SUCCESS) {
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
    entry->row = (unsigned)row;
    entry->bytes = sluice_charge_rounded(bytes);
    return sluice_charge_begin_row(&asking, "cuIpcOpenMemHandle", entry->row, entry->bytes, SLUICE_KIND_VMM);
}

static void closed(struct opened **link) {
    struct opened *entry = *link;
    *link = entry->next;
    if (entry->key) {
        sluice_exports_import_over(entry->key);
    } else {
        sluice_tenant_release(entry->row, entry->bytes, SLUICE_KIND_VMM);
    }
    free(entry);
}
