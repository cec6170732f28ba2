// nvml_usage.c: what processes do on a GPU, and did, as NVML tells it: of the tenant's own processes alone.
#include "liveness.h"
#include "nvml.h"
#include "nvml_gpu.h"
#include "nvml_result.h"

#include <stdlib.h>

// nvmlProcessUtilizationSample_t (NVML API reference, "Device structs").
struct sample {
    unsigned pid;
    unsigned long long time_us;
    unsigned percent[4];
};
enum { FIRST_ROOM = 128, MOST_ROOM = 1 << 16 };

static int is_own(const struct sluice_nvml_gpu *gpu, uint64_t pid_namespace, unsigned pid) {
    unsigned slots = gpu->row >= 0 ? __atomic_load_n(&gpu->ledger->header->slots_used, __ATOMIC_ACQUIRE) : 0;
    for (unsigned i = 0; i < slots && i < SLUICE_SLOT_COUNT; i++) {
        const struct sluice_slot *slot = &gpu->ledger->slots[i];
        int active = (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) & 0xff) == SLUICE_SLOT_ACTIVE;
        if (active && slot->pid == pid && slot->pid_namespace == pid_namespace) {
            return 1;
        }
    }
    return 0;
}

// Tells those of `found` that are the tenant's, as many as there is room for.
static int tell_samples(const struct sluice_nvml_gpu *gpu, const struct sample *found, unsigned found_count, struct sample *told, unsigned *count) {
    struct sluice_identity self = sluice_identity_self();
    unsigned room = *count, own = 0;
    for (unsigned i = 0; i < found_count; i++) {
        if (is_own(gpu, self.pid_namespace, found[i].pid)) {
            if (told && own < room) {
                told[own] = found[i];
            }
            own++;
        }
    }
    *count = own;
    return own > room || (own && !told) ? NVML_ERROR_INSUFFICIENT_SIZE : NVML_SUCCESS;
}

int sluice_nvml_hook_nvmlDeviceGetProcessUtilization(void *device, void *utilization, unsigned int *processSamplesCount, unsigned long long lastSeenTimeStamp) {
    struct sluice_nvml_gpu gpu;
    enum sluice_nvml_view view = sluice_nvml_look_at(device, &gpu);
    if (view == SLUICE_NVML_GPU || !processSamplesCount) {
        return sluice_nvml_real_nvmlDeviceGetProcessUtilization(device, utilization, processSamplesCount, lastSeenTimeStamp);
    }
    if (view == SLUICE_NVML_NOTHING) {
        return NVML_ERROR_NO_PERMISSION;
    }
    int result = NVML_ERROR_INSUFFICIENT_SIZE;
    for (unsigned room = FIRST_ROOM; result == NVML_ERROR_INSUFFICIENT_SIZE && room <= MOST_ROOM; room *= 2) {
        struct sample *samples = calloc(room, sizeof *samples);
        unsigned count = room;
        if (!samples) {
            return NVML_ERROR_MEMORY;
        }
        result = sluice_nvml_real_nvmlDeviceGetProcessUtilization(device, samples, &count, lastSeenTimeStamp);
        if (result == NVML_SUCCESS) {
            result = tell_samples(&gpu, samples, count < room ? count : room, utilization, processSamplesCount);
            free(samples);
            return result;
        }
        free(samples);
    }
    return result;
}

int sluice_nvml_hook_nvmlDeviceGetAccountingPids(void *device, unsigned int *count, unsigned int *pids) {
    struct sluice_nvml_gpu gpu;
    struct sluice_identity self = sluice_identity_self();
    int result = sluice_nvml_real_nvmlDeviceGetAccountingPids(device, count, pids);
    enum sluice_nvml_view view = sluice_nvml_look_at(device, &gpu);
    if (result != NVML_SUCCESS || view == SLUICE_NVML_GPU || !pids) {
        return result;
    }
    unsigned own = 0;
    for (unsigned i = 0; i < *count && view == SLUICE_NVML_TENANT; i++) {
        if (is_own(&gpu, self.pid_namespace, pids[i])) {
            pids[own++] = pids[i];
        }
    }
    *count = own;
    return view == SLUICE_NVML_TENANT ? NVML_SUCCESS : NVML_ERROR_NO_PERMISSION;
}

int sluice_nvml_hook_nvmlDeviceGetAccountingStats(void *device, unsigned int pid, void *stats) {
    struct sluice_nvml_gpu gpu;
    struct sluice_identity self = sluice_identity_self();
    enum sluice_nvml_view view = sluice_nvml_look_at(device, &gpu);
    if (view == SLUICE_NVML_GPU || (view == SLUICE_NVML_TENANT && is_own(&gpu, self.pid_namespace, pid))) {
        return sluice_nvml_real_nvmlDeviceGetAccountingStats(device, pid, stats);
    }
    return view == SLUICE_NVML_TENANT ? NVML_ERROR_NOT_FOUND : NVML_ERROR_NO_PERMISSION;
}

// A list of all processes that only GPUs with confidential computing have.
int sluice_nvml_hook_nvmlDeviceGetRunningProcessDetailList(void *device, void *plist) {
    struct sluice_nvml_gpu gpu;
    enum sluice_nvml_view view = sluice_nvml_look_at(device, &gpu);
    return view == SLUICE_NVML_GPU ? sluice_nvml_real_nvmlDeviceGetRunningProcessDetailList(device, plist) : NVML_ERROR_NOT_SUPPORTED;
}
