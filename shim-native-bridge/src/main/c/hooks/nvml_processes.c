// nvml_processes.c: who uses a GPU, as NVML tells it: the tenant's own processes, each with the bytes that are charged to it. Left out
// are those in another pid namespace: they have no number here.
#include "liveness.h"
#include "nvml.h"
#include "nvml_gpu.h"
#include "nvml_result.h"
#include "reader.h"

#include <stdlib.h>
#include <string.h>

// As NVIDIA's documentation has them (NVML API reference, "Device structs"). The other forms have the first at their start.
struct process_v1 {
    unsigned pid;
    unsigned long long used_bytes;
};
struct process_v2 {
    struct process_v1 v1;
    unsigned gpu_instance, compute_instance;
};
enum { FIRST_ROOM = 64, MOST_ROOM = 1 << 20, NO_INSTANCE = -1 };

typedef int list_function(void *device, unsigned *count, void *infos);

struct processes {
    unsigned count;
    size_t entry_bytes;
    char *entries;
};

static int tell(list_function *real, list_function *other, size_t entry_bytes, void *device, unsigned *count, void *infos);
static int read_all(list_function *real, size_t entry_bytes, void *device, struct processes *processes);
static unsigned tell_own(const struct sluice_nvml_gpu *gpu, const struct processes *here, const struct processes *there, unsigned room, char *infos);
static const void *find(const struct processes *processes, unsigned pid);

#define LIST(name, other, form)                                                                                                 \
    int sluice_nvml_hook_##name(void *device, unsigned *count, void *infos) {                                                   \
        return tell(sluice_nvml_real_##name, other, sizeof(struct form), device, count, infos);                                 \
    }

// Whoever holds memory computes, and is told with the first three whether the driver has noticed or not, but for the clients of an
// MPS server, which the driver lists apart.
LIST(nvmlDeviceGetComputeRunningProcesses, sluice_nvml_real_nvmlDeviceGetMPSComputeRunningProcesses, process_v1)
LIST(nvmlDeviceGetComputeRunningProcesses_v2, sluice_nvml_real_nvmlDeviceGetMPSComputeRunningProcesses_v2, process_v2)
LIST(nvmlDeviceGetComputeRunningProcesses_v3, sluice_nvml_real_nvmlDeviceGetMPSComputeRunningProcesses_v3, process_v2)
LIST(nvmlDeviceGetGraphicsRunningProcesses, NULL, process_v1)
LIST(nvmlDeviceGetGraphicsRunningProcesses_v2, NULL, process_v2)
LIST(nvmlDeviceGetGraphicsRunningProcesses_v3, NULL, process_v2)
LIST(nvmlDeviceGetMPSComputeRunningProcesses, NULL, process_v1)
LIST(nvmlDeviceGetMPSComputeRunningProcesses_v2, NULL, process_v2)
LIST(nvmlDeviceGetMPSComputeRunningProcesses_v3, NULL, process_v2)

static int tell(list_function *real, list_function *other, size_t entry_bytes, void *device, unsigned *count, void *infos) {
    struct sluice_nvml_gpu gpu;
    enum sluice_nvml_view view = sluice_nvml_look_at(device, &gpu);
    if (view == SLUICE_NVML_GPU || !count || (*count && !infos)) {
        return real(device, count, infos);
    }
    struct processes here, there = {0};
    int result = read_all(real, entry_bytes, device, &here);
    if (result != NVML_SUCCESS || view == SLUICE_NVML_NOTHING) {
        free(here.entries);
        return result != NVML_SUCCESS ? result : NVML_ERROR_NO_PERMISSION;
    }
    if (other && read_all(other, entry_bytes, device, &there) != NVML_SUCCESS) {
        there.count = 0; // a driver that has no such list
    }
    unsigned room = *count;
    *count = gpu.row >= 0 ? tell_own(&gpu, &here, other ? &there : NULL, room, infos) : 0;
    free(here.entries);
    free(there.entries);
    return *count > room ? NVML_ERROR_INSUFFICIENT_SIZE : NVML_SUCCESS;
}

// The list may grow between being counted and being read.
static int read_all(list_function *real, size_t entry_bytes, void *device, struct processes *processes) {
    int result = NVML_ERROR_INSUFFICIENT_SIZE;
    *processes = (struct processes){.entry_bytes = entry_bytes};
    for (unsigned room = FIRST_ROOM; result == NVML_ERROR_INSUFFICIENT_SIZE && room <= MOST_ROOM; room *= 2) {
        free(processes->entries);
        processes->entries = calloc(room, entry_bytes);
        if (!processes->entries) {
            return NVML_ERROR_MEMORY;
        }
        processes->count = room;
        result = real(device, &processes->count, processes->entries);
    }
    return result;
}

// Returns how many there are, of which as many are told as there is room for. `there` is NULL where the driver decides who is listed.
static unsigned tell_own(const struct sluice_nvml_gpu *gpu, const struct processes *here, const struct processes *there, unsigned room, char *infos) {
    uint64_t shares[SLUICE_SLOT_COUNT];
    struct sluice_identity self = sluice_identity_self();
    unsigned count = 0, slots = sluice_reader_shares(gpu->ledger, (unsigned)gpu->row, shares);
    for (unsigned i = 0; i < slots; i++) {
        const struct sluice_slot *slot = &gpu->ledger->slots[i];
        int active = (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) & 0xff) == SLUICE_SLOT_ACTIVE;
        if (!active || slot->pid_namespace != self.pid_namespace || sluice_liveness_process_gone(slot->pid, slot->start_time)) {
            continue;
        }
        const void *seen = find(here, slot->pid);
        if (!seen && (!there || shares[i] == 0 || find(there, slot->pid))) {
            continue;
        }
        if (count < room) {
            struct process_v2 own = {.gpu_instance = (unsigned)NO_INSTANCE, .compute_instance = (unsigned)NO_INSTANCE};
            if (seen) {
                memcpy(&own, seen, here->entry_bytes);
            }
            own.v1 = (struct process_v1){.pid = slot->pid, .used_bytes = shares[i]};
            memcpy(infos + count * here->entry_bytes, &own, here->entry_bytes);
        }
        count++;
    }
    return count;
}

static const void *find(const struct processes *processes, unsigned pid) {
    for (unsigned i = 0; i < processes->count; i++) {
        const struct process_v1 *process = (const void *)(processes->entries + i * processes->entry_bytes);
        if (process->pid == pid) {
            return process;
        }
    }
    return NULL;
}
