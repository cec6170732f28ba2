// memory.c: what allocates and frees. To allocate nothing is no error of the runtime, as it is of the driver.
#include "cudart/api.h"

enum { WIDEST_ELEMENT = 16 };

EXPORT cudaError_t cudaMalloc(void **devPtr, size_t size) {
    if (!ready()) return last_error();
    if (!devPtr) return done(cudaErrorInvalidValue);
    *devPtr = NULL;
    return size == 0 ? cudaSuccess : done(driver.cuMemAlloc_v2(devPtr, size));
}

EXPORT cudaError_t cudaFree(void *devPtr) {
    if (!ready()) return last_error();
    return devPtr ? done(driver.cuMemFree_v2(devPtr)) : cudaSuccess;
}

EXPORT cudaError_t cudaMallocManaged(void **devPtr, size_t size, unsigned flags) {
    return ready() ? done(driver.cuMemAllocManaged(devPtr, size, flags)) : last_error();
}

EXPORT cudaError_t cudaMallocPitch(void **devPtr, size_t *pitch, size_t width, size_t height) {
    if (!ready()) return last_error();
    if (!devPtr || !pitch) return done(cudaErrorInvalidValue);
    *devPtr = NULL;
    *pitch = 0;
    if (width == 0 || height == 0) return cudaSuccess;
    return done(driver.cuMemAllocPitch_v2(devPtr, pitch, width, height, WIDEST_ELEMENT));
}

EXPORT cudaError_t cudaMalloc3D(cudaPitchedPtr *pitchedDevPtr, cudaExtent extent) {
    if (!pitchedDevPtr) return done(cudaErrorInvalidValue);
    size_t rows;
    if (__builtin_mul_overflow(extent.height, extent.depth, &rows)) return done(cudaErrorMemoryAllocation);
    *pitchedDevPtr = (cudaPitchedPtr){.xsize = extent.width, .ysize = extent.height};
    return cudaMallocPitch(&pitchedDevPtr->ptr, &pitchedDevPtr->pitch, extent.width, rows);
}

EXPORT cudaError_t cudaMallocAsync(void **devPtr, size_t size, cudaStream_t stream) {
    if (!ready()) return last_error();
    if (!devPtr) return done(cudaErrorInvalidValue);
    *devPtr = NULL;
    return size == 0 ? cudaSuccess : done(driver.cuMemAllocAsync(devPtr, size, stream));
}

// Addresses of page-locked memory are the same everywhere, so it is always portable and mapped.
EXPORT cudaError_t cudaHostAlloc(void **pHost, size_t size, unsigned flags) {
    if (!ready()) return last_error();
    if (!pHost) return done(cudaErrorInvalidValue);
    *pHost = NULL;
    return size == 0 ? cudaSuccess : done(driver.cuMemHostAlloc(pHost, size, flags));
}

EXPORT cudaError_t cudaMallocHost(void **ptr, size_t size) {
    return cudaHostAlloc(ptr, size, 0);
}

EXPORT cudaError_t cudaFreeHost(void *ptr) {
    if (!ready()) return last_error();
    return ptr ? done(driver.cuMemFreeHost(ptr)) : cudaSuccess;
}

EXPORT cudaError_t cudaHostRegister(void *ptr, size_t size, unsigned flags) {
    return ready() ? done(driver.cuMemHostRegister_v2(ptr, size, flags)) : last_error();
}

EXPORT cudaError_t cudaMemPoolExportToShareableHandle(void *handle, cudaMemPool_t pool, int type, unsigned flags) {
    return ready() ? done(driver.cuMemPoolExportToShareableHandle(handle, pool, type, flags)) : last_error();
}

EXPORT cudaError_t cudaMemPoolImportFromShareableHandle(cudaMemPool_t *pool, void *handle, int type, unsigned flags) {
    return ready() ? done(driver.cuMemPoolImportFromShareableHandle(pool, handle, type, flags)) : last_error();
}

// Of memory that CUDA does not know nothing is told, and that is no error.
EXPORT cudaError_t cudaPointerGetAttributes(cudaPointerAttributes *attributes, const void *ptr) {
    enum { MEMORY_TYPE = 2, DEVICE_POINTER = 3, HOST_POINTER = 4, IS_MANAGED = 8, DEVICE_ORDINAL = 9 };
    if (!ready()) return last_error();
    if (!attributes) return done(cudaErrorInvalidValue);
    unsigned type = 0, managed = 0;
    int device = -2;
    void *of_device = NULL, *of_host = NULL;
    int asked[] = {MEMORY_TYPE, DEVICE_POINTER, HOST_POINTER, IS_MANAGED, DEVICE_ORDINAL};
    void *answers[] = {&type, &of_device, &of_host, &managed, &device};
    cudaError_t result = driver.cuPointerGetAttributes(5, asked, answers, ptr);
    if (result != cudaSuccess) return done(result);
    if (type == 0) *attributes = (cudaPointerAttributes){.device = -2, .hostPointer = (void *)ptr};
    else *attributes = (cudaPointerAttributes){managed ? 3 : (int)type, device, of_device, of_host};
    return cudaSuccess;
}
