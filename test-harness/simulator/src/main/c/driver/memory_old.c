// memory_old.c: device addresses of 32 bits, from before CUDA 3.2. Such memory lies below 4 GiB.
#include "driver/address.h"
#include "driver/api.h"

CUresult cuMemAlloc(CUdeviceptr_v1 *dptr, unsigned int bytesize) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    if (!dptr || bytesize == 0) return CUDA_ERROR_INVALID_VALUE;
    uint64_t address = device_memory_take(&context->device->memory, &context->memory, context, MEMORY_LOW, bytesize);
    if (!address) return CUDA_ERROR_OUT_OF_MEMORY;
    *dptr = (CUdeviceptr_v1)address;
    return CUDA_SUCCESS;
}

CUresult cuMemAllocPitch(CUdeviceptr_v1 *dptr, unsigned int *pPitch, unsigned int WidthInBytes, unsigned int Height,
                         unsigned int ElementSizeBytes) {
    uint64_t pitch = ((uint64_t)WidthInBytes + 511) / 512 * 512;
    if (!pPitch || (ElementSizeBytes != 4 && ElementSizeBytes != 8 && ElementSizeBytes != 16)) return CUDA_ERROR_INVALID_VALUE;
    if (pitch * Height > UINT32_MAX) return CUDA_ERROR_OUT_OF_MEMORY;
    CUresult result = cuMemAlloc(dptr, (unsigned)(pitch * Height));
    if (result == CUDA_SUCCESS) *pPitch = (unsigned)pitch;
    return result;
}

CUresult cuMemFree(CUdeviceptr_v1 dptr) {
    return cuMemFree_v2(dptr);
}

static unsigned clamp(size_t bytes) {
    return bytes > UINT32_MAX ? UINT32_MAX : (unsigned)bytes;
}

CUresult cuMemGetInfo(unsigned int *free, unsigned int *total) {
    size_t free_bytes, total_bytes;
    CUresult result = cuMemGetInfo_v2(free ? &free_bytes : NULL, &total_bytes);
    if (result != CUDA_SUCCESS) return result;
    if (!total) return CUDA_ERROR_INVALID_VALUE;
    *free = clamp(free_bytes);
    *total = clamp(total_bytes);
    return CUDA_SUCCESS;
}

CUresult cuMemGetAddressRange(CUdeviceptr_v1 *pbase, unsigned int *psize, CUdeviceptr_v1 dptr) {
    CUdeviceptr base;
    size_t size;
    CUresult result = cuMemGetAddressRange_v2(&base, &size, dptr);
    if (result != CUDA_SUCCESS) return result;
    if (pbase) *pbase = (CUdeviceptr_v1)base;
    if (psize) *psize = clamp(size);
    return CUDA_SUCCESS;
}

CUresult cuModuleGetGlobal(CUdeviceptr_v1 *dptr, unsigned int *bytes, CUmodule hmod, const char *name) {
    CUdeviceptr address;
    size_t size;
    CUresult result = cuModuleGetGlobal_v2(&address, &size, hmod, name);
    if (result != CUDA_SUCCESS) return result;
    if (dptr && address > UINT32_MAX) return CUDA_ERROR_NOT_SUPPORTED;
    if (dptr) *dptr = (CUdeviceptr_v1)address;
    if (bytes) *bytes = clamp(size);
    return CUDA_SUCCESS;
}

CUresult cuMemcpyHtoD(CUdeviceptr_v1 dstDevice, const void *srcHost, unsigned int ByteCount) {
    return cuMemcpyHtoD_v2(dstDevice, srcHost, ByteCount);
}

CUresult cuMemcpyDtoH(void *dstHost, CUdeviceptr_v1 srcDevice, unsigned int ByteCount) {
    return cuMemcpyDtoH_v2(dstHost, srcDevice, ByteCount);
}

CUresult cuMemcpyDtoD(CUdeviceptr_v1 dstDevice, CUdeviceptr_v1 srcDevice, unsigned int ByteCount) {
    return cuMemcpyDtoD_v2(dstDevice, srcDevice, ByteCount);
}

CUresult cuMemcpyHtoDAsync(CUdeviceptr_v1 dstDevice, const void *srcHost, unsigned int ByteCount, CUstream hStream) {
    return cuMemcpyHtoDAsync_v2(dstDevice, srcHost, ByteCount, hStream);
}

CUresult cuMemcpyDtoHAsync(void *dstHost, CUdeviceptr_v1 srcDevice, unsigned int ByteCount, CUstream hStream) {
    return cuMemcpyDtoHAsync_v2(dstHost, srcDevice, ByteCount, hStream);
}

CUresult cuMemcpyDtoDAsync(CUdeviceptr_v1 dstDevice, CUdeviceptr_v1 srcDevice, unsigned int ByteCount, CUstream hStream) {
    return cuMemcpyDtoDAsync_v2(dstDevice, srcDevice, ByteCount, hStream);
}

CUresult cuMemsetD8(CUdeviceptr_v1 dstDevice, unsigned char uc, unsigned int N) {
    return cuMemsetD8_v2(dstDevice, uc, N);
}

CUresult cuMemsetD16(CUdeviceptr_v1 dstDevice, unsigned short us, unsigned int N) {
    return cuMemsetD16_v2(dstDevice, us, N);
}

CUresult cuMemsetD32(CUdeviceptr_v1 dstDevice, unsigned int ui, unsigned int N) {
    return cuMemsetD32_v2(dstDevice, ui, N);
}

CUresult cuMemsetD2D8(CUdeviceptr_v1 dstDevice, unsigned int dstPitch, unsigned char uc, unsigned int Width,
                      unsigned int Height) {
    return cuMemsetD2D8_v2(dstDevice, dstPitch, uc, Width, Height);
}

CUresult cuMemsetD2D16(CUdeviceptr_v1 dstDevice, unsigned int dstPitch, unsigned short us, unsigned int Width,
                       unsigned int Height) {
    return cuMemsetD2D16_v2(dstDevice, dstPitch, us, Width, Height);
}

CUresult cuMemsetD2D32(CUdeviceptr_v1 dstDevice, unsigned int dstPitch, unsigned int ui, unsigned int Width,
                       unsigned int Height) {
    return cuMemsetD2D32_v2(dstDevice, dstPitch, ui, Width, Height);
}
