// current_gpu.h: which row of the ledger a call concerns.
#ifndef SLUICE_CURRENT_GPU_H
#define SLUICE_CURRENT_GPU_H

#include "cuda_result.h"
#include "driver.h"

#include <stdint.h>

enum {
    SLUICE_ROW_NONE = -1,     // the tenant's ledger has no row for this GPU: its file does not list it
    SLUICE_ROW_UNKNOWN = -2,  // no current context, or the driver does not say: the driver will answer for itself
};

// The device numbers that are looked at: from 0 to below this.
enum { SLUICE_DEVICES = 128 };

// What the calling thread found out last, for sluice_current_row alone.
struct sluice_last_gpu {
    uint64_t context;
    unsigned ended_contexts;
    int row;
};
extern __thread struct sluice_last_gpu sluice_last_gpu __attribute__((tls_model("initial-exec"), visibility("hidden")));
extern unsigned sluice_ended_contexts __attribute__((visibility("hidden")));
int sluice_find_current_row(uint64_t context, unsigned ended_contexts);

// The row of the GPU of the calling thread's current context, which is stored in *context.
static inline int sluice_current_row(uint64_t *context) {
    CUcontext current = NULL;
    if (sluice_real_cuCtxGetCurrent(&current) != CUDA_SUCCESS) {
        current = NULL;
    }
    *context = (uint64_t)(uintptr_t)current;
    unsigned ended = __atomic_load_n(&sluice_ended_contexts, __ATOMIC_ACQUIRE);
    int known = current && sluice_last_gpu.context == *context && sluice_last_gpu.ended_contexts == ended;
    return __builtin_expect(known, 1) ? sluice_last_gpu.row : sluice_find_current_row(*context, ended);
}

// The row of a device, by its UUID: the same GPU whatever CUDA_VISIBLE_DEVICES makes of its number.
int sluice_row_of_device(int device);

// The device of a stream, whatever context is current. Returns 0, or -1 where the driver does not know the stream.
int sluice_device_of_stream(void *stream, int per_thread, int *device);

// A context has ended: its handle may come to mean another device.
void sluice_current_gpu_forget(void);

#endif
