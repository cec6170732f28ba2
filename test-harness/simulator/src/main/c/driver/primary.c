// primary.c: the context that a process shares with the runtime API. Its handle stays the same, retained or not.
#include "driver/api.h"
#include "driver/context.h"

static CUresult find(CUdevice dev, struct device **device) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    *device = device_at(dev);
    return *device ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}

static CUresult retain(struct device *device) {
    if (device->primary_users == 0) {
        CUresult result = device->primary ? context_reopen(device->primary, device->primary_flags)
                                          : context_open(device, device->primary_flags, 1, &device->primary);
        if (result != CUDA_SUCCESS) return result;
    }
    device->primary_users++;
    return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxRetain(CUcontext *pctx, CUdevice dev) {
    struct device *device;
    CUresult result = find(dev, &device);
    if (result != CUDA_SUCCESS) return result;
    if (!pctx) return CUDA_ERROR_INVALID_VALUE;
    pthread_mutex_lock(&device->primary_lock);
    result = retain(device);
    if (result == CUDA_SUCCESS) *pctx = device->primary;
    pthread_mutex_unlock(&device->primary_lock);
    return result;
}

CUresult cuDevicePrimaryCtxRelease_v2(CUdevice dev) {
    struct device *device;
    CUresult result = find(dev, &device);
    if (result != CUDA_SUCCESS) return result;
    pthread_mutex_lock(&device->primary_lock);
    if (device->primary_users == 0) result = CUDA_ERROR_INVALID_CONTEXT;
    else if (--device->primary_users == 0) context_close(device->primary);
    pthread_mutex_unlock(&device->primary_lock);
    return result;
}

CUresult cuDevicePrimaryCtxRelease(CUdevice dev) {
    return cuDevicePrimaryCtxRelease_v2(dev);
}

CUresult cuDevicePrimaryCtxReset_v2(CUdevice dev) {
    struct device *device;
    CUresult result = find(dev, &device);
    if (result != CUDA_SUCCESS) return result;
    pthread_mutex_lock(&device->primary_lock);
    if (device->primary_users > 0) {
        device->primary_users = 0;
        context_close(device->primary);
    }
    pthread_mutex_unlock(&device->primary_lock);
    return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxReset(CUdevice dev) {
    return cuDevicePrimaryCtxReset_v2(dev);
}

CUresult cuDevicePrimaryCtxSetFlags_v2(CUdevice dev, unsigned int flags) {
    struct device *device;
    CUresult result = find(dev, &device);
    if (result != CUDA_SUCCESS) return result;
    if (!context_flags_are_valid(flags)) return CUDA_ERROR_INVALID_VALUE;
    pthread_mutex_lock(&device->primary_lock);
    device->primary_flags = flags;
    if (device->primary_users > 0) device->primary->flags = flags;
    pthread_mutex_unlock(&device->primary_lock);
    return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxSetFlags(CUdevice dev, unsigned int flags) {
    struct device *device;
    CUresult result = find(dev, &device);
    if (result != CUDA_SUCCESS) return result;
    return device->primary_users > 0 ? CUDA_ERROR_PRIMARY_CONTEXT_ACTIVE : cuDevicePrimaryCtxSetFlags_v2(dev, flags);
}

CUresult cuDevicePrimaryCtxGetState(CUdevice dev, unsigned int *flags, int *active) {
    struct device *device;
    CUresult result = find(dev, &device);
    if (result != CUDA_SUCCESS) return result;
    if (!flags || !active) return CUDA_ERROR_INVALID_VALUE;
    pthread_mutex_lock(&device->primary_lock);
    *flags = device->primary_flags;
    *active = device->primary_users > 0;
    pthread_mutex_unlock(&device->primary_lock);
    return CUDA_SUCCESS;
}
