// nvml_memory.c: how much memory a GPU has and how much of it is taken, as NVML tells it: in the tenant's eyes, and the same as
// cuMemGetInfo and cuDeviceTotalMem tell.
#include "account.h"
#include "nvml.h"
#include "nvml_gpu.h"
#include "nvml_result.h"

// As NVIDIA's documentation has them (NVML API reference, "Device structs").
struct memory {
    unsigned long long total, free, used;
};
struct memory_v2 {
    unsigned version;
    unsigned long long total, reserved, free, used;
};
enum { MEMORY_VERSION_2 = sizeof(struct memory_v2) | 2 << 24 };

static int tell(void *device, struct memory *memory, uint64_t *reserved_bytes);
static uint64_t reserved_on(void *device);

static inline uint64_t least(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

int sluice_nvml_hook_nvmlDeviceGetMemoryInfo(void *device, void *memory) {
    int result = sluice_nvml_real_nvmlDeviceGetMemoryInfo(device, memory);
    if (result != NVML_SUCCESS) {
        return result;
    }
    uint64_t reserved_bytes = reserved_on(device);
    return tell(device, memory, &reserved_bytes);
}

int sluice_nvml_hook_nvmlDeviceGetMemoryInfo_v2(void *device, void *memory) {
    int result = sluice_nvml_real_nvmlDeviceGetMemoryInfo_v2(device, memory);
    if (result != NVML_SUCCESS) {
        return result;
    }
    struct memory_v2 *told = memory;
    struct memory whole = {.total = told->total, .free = told->free, .used = told->used};
    uint64_t reserved_bytes = told->reserved;
    result = tell(device, &whole, &reserved_bytes);
    *told = (struct memory_v2){.version = told->version, .total = whole.total, .reserved = reserved_bytes, .free = whole.free, .used = whole.used};
    return result;
}

// What the driver keeps for itself, CUDA neither hands out nor counts; nor is it the tenant's.
static int tell(void *device, struct memory *memory, uint64_t *reserved_bytes) {
    struct sluice_nvml_gpu gpu;
    enum sluice_nvml_view view = sluice_nvml_look_at(device, &gpu);
    if (view == SLUICE_NVML_GPU) {
        return NVML_SUCCESS;
    }
    uint64_t total = memory->total - least(memory->total, *reserved_bytes), free_bytes = memory->free;
    *memory = (struct memory){0};
    *reserved_bytes = 0;
    if (view == SLUICE_NVML_NOTHING) {
        return NVML_ERROR_NO_PERMISSION;
    }
    if (gpu.row >= 0) {
        int listed;
        uint64_t limit = sluice_ledger_limit(gpu.ledger, (unsigned)gpu.row, &listed);
        memory->used = sluice_account_used(gpu.ledger, (unsigned)gpu.row);
        memory->total = least(total, limit);
        memory->free = least(free_bytes, memory->used < limit ? limit - memory->used : 0);
    }
    return NVML_SUCCESS;
}

static uint64_t reserved_on(void *device) {
    struct memory_v2 whole = {.version = MEMORY_VERSION_2};
    return sluice_nvml_real_nvmlDeviceGetMemoryInfo_v2(device, &whole) == NVML_SUCCESS ? whole.reserved : 0;
}
