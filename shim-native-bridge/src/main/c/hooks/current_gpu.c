#include "current_gpu.h"

#include "tenant.h"

// Row + 1 per device, 0 unknown. A row never changes its GPU, so this is only ever filled in.
static int row_of_device[SLUICE_DEVICES];
unsigned sluice_ended_contexts; // counts them, so that threads drop what they remember

__thread struct sluice_last_gpu sluice_last_gpu __attribute__((tls_model("initial-exec"), visibility("hidden")));

int sluice_find_current_row(uint64_t context, unsigned ended_contexts) {
    CUdevice device;
    if (!context || sluice_real_cuCtxGetDevice(&device) != CUDA_SUCCESS) {
        return SLUICE_ROW_UNKNOWN;
    }
    int row = sluice_row_of_device(device);
    if (row >= 0) {
        sluice_last_gpu = (struct sluice_last_gpu){.context = context, .ended_contexts = ended_contexts, .row = row};
    }
    return row;
}

int sluice_row_of_device(int device) {
    if (device < 0 || device >= SLUICE_DEVICES) {
        return SLUICE_ROW_UNKNOWN;
    }
    int known = __atomic_load_n(&row_of_device[device], __ATOMIC_RELAXED);
    if (known) {
        return known - 1;
    }
    uint8_t uuid[16];
    // v2 first: in MIG mode the older call answers with the UUID of the whole GPU (CUDA driver API, "Device Management").
    if (sluice_real_cuDeviceGetUuid_v2(uuid, device) != CUDA_SUCCESS && sluice_real_cuDeviceGetUuid(uuid, device) != CUDA_SUCCESS) {
        return SLUICE_ROW_UNKNOWN;
    }
    int row = sluice_ledger_row(sluice_tenant_ledger(), uuid);
    if (row >= 0) {
        __atomic_store_n(&row_of_device[device], row + 1, __ATOMIC_RELAXED);
    }
    return row >= 0 ? row : SLUICE_ROW_NONE;
}

int sluice_device_of_stream(void *stream, int per_thread, int *device) {
    CUcontext context = NULL, current = NULL;
    CUresult result = per_thread ? sluice_real_cuStreamGetCtx_ptsz(stream, &context) : sluice_real_cuStreamGetCtx(stream, &context);
    if (result != CUDA_SUCCESS || sluice_real_cuCtxGetCurrent(&current) != CUDA_SUCCESS) {
        return -1;
    }
    if (context == current) {
        return sluice_real_cuCtxGetDevice(device) == CUDA_SUCCESS ? 0 : -1;
    }
    if (sluice_real_cuCtxPushCurrent_v2(context) != CUDA_SUCCESS) {
        return -1;
    }
    result = sluice_real_cuCtxGetDevice(device);
    sluice_real_cuCtxPopCurrent_v2(&context);
    return result == CUDA_SUCCESS ? 0 : -1;
}

void sluice_current_gpu_forget(void) {
    __atomic_add_fetch(&sluice_ended_contexts, 1, __ATOMIC_RELEASE);
}
