// usage.c: memory, processes, utilisation; and that there are no MIG slices.
#include "cards/card_lock.h"
#include "nvml/nvml.h"

static uint64_t used_of(nvmlDevice_t device, uint64_t *total) {
    *total = device->state->capacity_bytes;
    uint64_t used = card_used(device);
    return used < *total ? used : *total;
}

nvmlReturn_t nvmlDeviceGetMemoryInfo(nvmlDevice_t device, nvmlMemory_t *memory) {
    nvmlReturn_t result = nvml_check(device);
    if (result != NVML_SUCCESS) return result;
    if (!memory) return NVML_ERROR_INVALID_ARGUMENT;
    // This form counts as used what the driver keeps.
    uint64_t reserved = device->description->reserved_bytes, total, used = used_of(device, &total);
    *memory = (nvmlMemory_t){total + reserved, total - used, used + reserved};
    return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetMemoryInfo_v2(nvmlDevice_t device, nvmlMemory_v2_t *memory) {
    enum { VERSION_2 = sizeof(nvmlMemory_v2_t) | 2 << 24 };
    nvmlReturn_t result = nvml_check(device);
    if (result != NVML_SUCCESS) return result;
    if (!memory) return NVML_ERROR_INVALID_ARGUMENT;
    if (memory->version != VERSION_2) return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    uint64_t reserved = device->description->reserved_bytes, total, used = used_of(device, &total);
    *memory = (nvmlMemory_v2_t){VERSION_2, total + reserved, reserved, total - used, used};
    return NVML_SUCCESS;
}

// Calls `tell` for every process that lives and uses memory. The number of them.
static unsigned each_process(nvmlDevice_t device, void (*tell)(void *infos, unsigned at, unsigned pid, uint64_t bytes),
                             void *infos, unsigned room) {
    unsigned count = 0;
    for (int i = 0; i < CARD_SLOTS; i++) {
        struct card_slot *slot = &device->state->slot[i];
        uint64_t bytes = atomic_load(&slot->used_bytes);
        if (!bytes || !card_slot_lives(device, i)) continue;
        if (count < room) tell(infos, count, (unsigned)atomic_load(&slot->pid), bytes);
        count++;
    }
    return count;
}

static nvmlReturn_t processes(nvmlDevice_t device, unsigned *count, void *infos,
                              void (*tell)(void *infos, unsigned at, unsigned pid, uint64_t bytes)) {
    nvmlReturn_t result = nvml_check(device);
    if (result != NVML_SUCCESS) return result;
    if (!count || (*count && !infos)) return NVML_ERROR_INVALID_ARGUMENT;
    unsigned room = *count;
    *count = each_process(device, tell, infos, room);
    return *count > room ? NVML_ERROR_INSUFFICIENT_SIZE : NVML_SUCCESS;
}

static void tell_v1(void *infos, unsigned at, unsigned pid, uint64_t bytes) {
    ((nvmlProcessInfo_v1_t *)infos)[at] = (nvmlProcessInfo_v1_t){pid, bytes};
}

static void tell_v2(void *infos, unsigned at, unsigned pid, uint64_t bytes) {
    ((nvmlProcessInfo_v2_t *)infos)[at] = (nvmlProcessInfo_v2_t){pid, bytes, UINT32_MAX, UINT32_MAX};
}

nvmlReturn_t nvmlDeviceGetComputeRunningProcesses(nvmlDevice_t device, unsigned *infoCount, nvmlProcessInfo_v1_t *infos) {
    return processes(device, infoCount, infos, tell_v1);
}

nvmlReturn_t nvmlDeviceGetComputeRunningProcesses_v2(nvmlDevice_t device, unsigned *infoCount, nvmlProcessInfo_v2_t *infos) {
    return processes(device, infoCount, infos, tell_v2);
}

nvmlReturn_t nvmlDeviceGetComputeRunningProcesses_v3(nvmlDevice_t device, unsigned *infoCount, nvmlProcessInfo_v2_t *infos) {
    return processes(device, infoCount, infos, tell_v2);
}

nvmlReturn_t nvmlDeviceGetMigMode(nvmlDevice_t device, unsigned *currentMode, unsigned *pendingMode) {
    (void)currentMode, (void)pendingMode;
    nvmlReturn_t result = nvml_check(device);
    return result != NVML_SUCCESS ? result : NVML_ERROR_NOT_SUPPORTED;
}

nvmlReturn_t nvmlDeviceGetMaxMigDeviceCount(nvmlDevice_t device, unsigned *count) {
    nvmlReturn_t result = nvml_check(device);
    if (result != NVML_SUCCESS) return result;
    if (!count) return NVML_ERROR_INVALID_ARGUMENT;
    *count = 0;
    return NVML_SUCCESS;
}
