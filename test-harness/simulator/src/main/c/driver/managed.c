// managed.c: hints about managed memory. It is in one place here, so they are checked and otherwise change nothing.
#include "driver/address.h"
#include "driver/api.h"

static CUresult check(CUdeviceptr address, size_t bytes) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    struct allocation *allocation = arena_find(address);
    if (!allocation || allocation->arena->kind != MEMORY_MANAGED) return CUDA_ERROR_INVALID_VALUE;
    return bytes && address_host(address, bytes) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuMemAdvise(CUdeviceptr devPtr, size_t count, CUmem_advise advice, CUdevice device) {
    CUresult result = check(devPtr, count);
    if (result != CUDA_SUCCESS) return result;
    if (advice < 1 || advice > 6) return CUDA_ERROR_INVALID_VALUE;
    return device == -1 || device_at(device) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}

CUresult cuMemPrefetchAsync(CUdeviceptr devPtr, size_t count, CUdevice dstDevice, CUstream hStream) {
    struct stream *stream;
    CUcontext context;
    CUresult result = check(devPtr, count);
    if (result == CUDA_SUCCESS) result = context_current(&context);
    if (result == CUDA_SUCCESS) result = stream_find(context, hStream, &stream);
    if (result != CUDA_SUCCESS) return result;
    return dstDevice == -1 || device_at(dstDevice) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}

CUresult cuStreamAttachMemAsync(CUstream hStream, CUdeviceptr dptr, size_t length, unsigned int flags) {
    struct stream *stream;
    CUcontext context;
    CUresult result = check(dptr, length ? length : 1);
    if (result == CUDA_SUCCESS) result = context_current(&context);
    if (result == CUDA_SUCCESS) result = stream_find(context, hStream, &stream);
    if (result != CUDA_SUCCESS) return result;
    return flags == 1 || flags == 2 || flags == 4 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}
