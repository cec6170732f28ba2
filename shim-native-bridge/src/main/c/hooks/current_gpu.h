// current_gpu.h: which row of the ledger a call concerns.
#ifndef SLUICE_CURRENT_GPU_H
#define SLUICE_CURRENT_GPU_H

#include <stdint.h>

enum {
    SLUICE_ROW_NONE = -1,     // the tenant's ledger has no row for this GPU: its file does not list it
    SLUICE_ROW_UNKNOWN = -2,  // no current context, or the driver does not say: the driver will answer for itself
};

// The device numbers that are looked at: from 0 to below this.
enum { SLUICE_DEVICES = 128 };

// The row of the GPU of the calling thread's current context, which is stored in *context.
int sluice_current_row(uint64_t *context);

// The row of a device, by its UUID: the same GPU whatever CUDA_VISIBLE_DEVICES makes of its number.
int sluice_row_of_device(int device);

// The device of a stream, whatever context is current. Returns 0, or -1 where the driver does not know the stream.
int sluice_device_of_stream(void *stream, int per_thread, int *device);

// A context has ended: its handle may come to mean another device.
void sluice_current_gpu_forget(void);

#endif
