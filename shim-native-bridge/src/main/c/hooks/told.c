// told.c: what the application is told agrees with its quota: libraries size their pools from these answers.
#include "cuda_result.h"
#include "current_gpu.h"
#include "driver.h"
#include "graphs.h"
#include "pools.h"
#include "tenant.h"

// CUdevice_attribute values of the families that are refused under a quota: told to be absent, so that an application that
// asks first takes its other way.
static const int REFUSED_FEATURES[] = {
    112, // SPARSE_CUDA_ARRAY_SUPPORTED
    119, // MEMPOOL_SUPPORTED_HANDLE_TYPES
    121, // DEFERRED_MAPPING_CUDA_ARRAY_SUPPORTED
    132, // MULTICAST_SUPPORTED
};

static void tell_info(uint64_t *free_bytes, uint64_t *total_bytes);
static uint64_t tell_total(CUdevice device, uint64_t total_bytes);

static inline uint64_t least(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

static inline int governed(void) {
    return sluice_tenant_governance() == SLUICE_GOVERNED;
}

CUresult sluice_hook_cuMemGetInfo_v2(size_t *free, size_t *total) {
    CUresult result = sluice_real_cuMemGetInfo_v2(free, total);
    if (result == CUDA_SUCCESS && governed()) {
        tell_info(free, total);
    }
    return result;
}

CUresult sluice_hook_cuMemGetInfo(unsigned int *free, unsigned int *total) {
    CUresult result = sluice_real_cuMemGetInfo(free, total);
    if (result == CUDA_SUCCESS && governed()) {
        uint64_t free_bytes = *free, total_bytes = *total;
        tell_info(&free_bytes, &total_bytes);
        *free = (unsigned int)free_bytes; // never more than the driver said
        *total = (unsigned int)total_bytes;
    }
    return result;
}

CUresult sluice_hook_cuDeviceTotalMem_v2(size_t *bytes, CUdevice dev) {
    CUresult result = sluice_real_cuDeviceTotalMem_v2(bytes, dev);
    if (result == CUDA_SUCCESS && governed()) {
        *bytes = tell_total(dev, *bytes);
    }
    return result;
}

CUresult sluice_hook_cuDeviceTotalMem(unsigned int *bytes, CUdevice dev) {
    CUresult result = sluice_real_cuDeviceTotalMem(bytes, dev);
    if (result == CUDA_SUCCESS && governed()) {
        *bytes = (unsigned int)tell_total(dev, *bytes);
    }
    return result;
}

CUresult sluice_hook_cuDeviceGetAttribute(int *pi, int attrib, CUdevice dev) {
    CUresult result = sluice_real_cuDeviceGetAttribute(pi, attrib, dev);
    if (result == CUDA_SUCCESS && *pi && governed()) {
        for (size_t i = 0; i < sizeof REFUSED_FEATURES / sizeof *REFUSED_FEATURES; i++) {
            if (attrib == REFUSED_FEATURES[i]) {
                *pi = 0;
            }
        }
    }
    return result;
}

// What pools and graphs hold is charged before it is told: they grow and shrink between the calls at which they are settled.
CUresult sluice_hook_cuMemPoolGetAttribute(void *pool, int attr, void *value) {
    sluice_pools_settle();
    return sluice_real_cuMemPoolGetAttribute(pool, attr, value);
}

CUresult sluice_hook_cuDeviceGetGraphMemAttribute(CUdevice device, int attr, void *value) {
    sluice_graphs_settle();
    return sluice_real_cuDeviceGetGraphMemAttribute(device, attr, value);
}

static void tell_info(uint64_t *free_bytes, uint64_t *total_bytes) {
    uint64_t context;
    int listed, row = sluice_current_row(&context);
    if (row == SLUICE_ROW_UNKNOWN) {
        return;
    }
    sluice_pools_settle();
    uint64_t limit = row >= 0 ? sluice_ledger_limit(sluice_tenant_ledger(), (unsigned)row, &listed) : 0;
    uint64_t used = row >= 0 ? sluice_account_used(sluice_tenant_ledger(), (unsigned)row) : 0;
    *total_bytes = least(*total_bytes, limit);
    *free_bytes = least(*free_bytes, used < limit ? limit - used : 0);
}

static uint64_t tell_total(CUdevice device, uint64_t total_bytes) {
    int listed, row = sluice_row_of_device(device);
    if (row == SLUICE_ROW_UNKNOWN) {
        return total_bytes;
    }
    return row >= 0 ? least(total_bytes, sluice_ledger_limit(sluice_tenant_ledger(), (unsigned)row, &listed)) : 0;
}
