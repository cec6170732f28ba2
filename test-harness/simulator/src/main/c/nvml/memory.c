// memory.c: how much memory there is, and how much of it is taken.
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

nvmlReturn_t nvmlDeviceGetBAR1MemoryInfo(nvmlDevice_t device, nvmlBAR1Memory_t *bar1Memory) {
    enum { BAR1_USED = 2 << 20 }; // what an idle card has mapped
    nvmlReturn_t result = nvml_check(device);
    if (result != NVML_SUCCESS) return result;
    if (!bar1Memory) return NVML_ERROR_INVALID_ARGUMENT;
    uint64_t total = device->description->bar1_bytes, used = total < BAR1_USED ? total : BAR1_USED;
    *bar1Memory = (nvmlBAR1Memory_t){total, total - used, used};
    return NVML_SUCCESS;
}
