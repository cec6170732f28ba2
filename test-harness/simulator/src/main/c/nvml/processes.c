// processes.c: who uses a card. Nothing draws on it, and there is no MPS. A pid is that of the process' own pid namespace.
#include "cards/card_lock.h"
#include "nvml/nvml.h"

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

static nvmlReturn_t none(nvmlDevice_t device, unsigned *count, const void *infos) {
    nvmlReturn_t result = nvml_check(device);
    if (result != NVML_SUCCESS) return result;
    if (!count || (*count && !infos)) return NVML_ERROR_INVALID_ARGUMENT;
    *count = 0;
    return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetGraphicsRunningProcesses(nvmlDevice_t device, unsigned *infoCount,
                                                   nvmlProcessInfo_v1_t *infos) {
    return none(device, infoCount, infos);
}

nvmlReturn_t nvmlDeviceGetGraphicsRunningProcesses_v2(nvmlDevice_t device, unsigned *infoCount,
                                                      nvmlProcessInfo_v2_t *infos) {
    return none(device, infoCount, infos);
}

nvmlReturn_t nvmlDeviceGetGraphicsRunningProcesses_v3(nvmlDevice_t device, unsigned *infoCount,
                                                      nvmlProcessInfo_t *infos) {
    return none(device, infoCount, infos);
}

nvmlReturn_t nvmlDeviceGetMPSComputeRunningProcesses(nvmlDevice_t device, unsigned *infoCount,
                                                     nvmlProcessInfo_v1_t *infos) {
    return none(device, infoCount, infos);
}

nvmlReturn_t nvmlDeviceGetMPSComputeRunningProcesses_v2(nvmlDevice_t device, unsigned *infoCount,
                                                        nvmlProcessInfo_v2_t *infos) {
    return none(device, infoCount, infos);
}

nvmlReturn_t nvmlDeviceGetMPSComputeRunningProcesses_v3(nvmlDevice_t device, unsigned *infoCount,
                                                        nvmlProcessInfo_t *infos) {
    return none(device, infoCount, infos);
}
