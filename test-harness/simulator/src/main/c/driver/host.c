// host.c: page-locked host memory.
#include "driver/api.h"
#include "driver/context.h"
#include "graph/capture.h"
#include "memory/host_memory.h"

enum { HOST_ALLOC_FLAGS = 7, HOST_REGISTER_FLAGS = 15, REGISTER_IO_MEMORY = 4, REGISTER_READ_ONLY = 8 };

CUresult cuMemHostAlloc(void **pp, size_t bytesize, unsigned int Flags) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result == CUDA_SUCCESS) result = capture_forbids();
    if (result != CUDA_SUCCESS) return result;
    if (!pp || !bytesize || (Flags & ~(unsigned)HOST_ALLOC_FLAGS)) return CUDA_ERROR_INVALID_VALUE;
    return host_memory_allocate(pp, bytesize, Flags, context) == HOST_DONE ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

CUresult cuMemAllocHost_v2(void **pp, size_t bytesize) {
    return cuMemHostAlloc(pp, bytesize, 0);
}

CUresult cuMemAllocHost(void **pp, unsigned int bytesize) {
    return cuMemHostAlloc(pp, bytesize, 0);
}

CUresult cuMemFreeHost(void *p) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result == CUDA_SUCCESS && p) result = capture_forbids();
    if (result != CUDA_SUCCESS || !p) return result;
    result = (CUresult)queue_wait(&context->queue); // a copy may be using it
    if (result != CUDA_SUCCESS) return result;
    return host_memory_free(p) == HOST_DONE ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuMemHostRegister_v2(void *p, size_t bytesize, unsigned int Flags) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result == CUDA_SUCCESS) result = capture_forbids();
    if (result != CUDA_SUCCESS) return result;
    if (!p || !bytesize || (Flags & ~(unsigned)HOST_REGISTER_FLAGS)) return CUDA_ERROR_INVALID_VALUE;
    if (Flags & (REGISTER_IO_MEMORY | REGISTER_READ_ONLY)) return CUDA_ERROR_NOT_SUPPORTED;
    switch (host_memory_register(p, bytesize, Flags, context)) {
    case HOST_DONE: return CUDA_SUCCESS;
    case HOST_OVERLAP: return CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED;
    default: return CUDA_ERROR_OUT_OF_MEMORY;
    }
}

CUresult cuMemHostRegister(void *p, size_t bytesize, unsigned int Flags) {
    return cuMemHostRegister_v2(p, bytesize, Flags);
}

CUresult cuMemHostUnregister(void *p) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result == CUDA_SUCCESS) result = capture_forbids();
    if (result != CUDA_SUCCESS) return result;
    if (!p) return CUDA_ERROR_INVALID_VALUE;
    result = (CUresult)queue_wait(&context->queue);
    if (result != CUDA_SUCCESS) return result;
    return host_memory_unregister(p) == HOST_DONE ? CUDA_SUCCESS : CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED;
}

CUresult cuMemHostGetDevicePointer_v2(CUdeviceptr *pdptr, void *p, unsigned int Flags) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    uint64_t address = (uint64_t)(uintptr_t)p;
    if (!pdptr || Flags || !host_memory_find(address, 1, NULL)) return CUDA_ERROR_INVALID_VALUE;
    *pdptr = address;
    return CUDA_SUCCESS;
}

CUresult cuMemHostGetDevicePointer(CUdeviceptr_v1 *pdptr, void *p, unsigned int Flags) {
    CUdeviceptr address;
    CUresult result = cuMemHostGetDevicePointer_v2(pdptr ? &address : NULL, p, Flags);
    if (result != CUDA_SUCCESS) return result;
    if (address > UINT32_MAX) return CUDA_ERROR_NOT_SUPPORTED;
    *pdptr = (CUdeviceptr_v1)address;
    return CUDA_SUCCESS;
}

// Of memory that was allocated, not registered.
CUresult cuMemHostGetFlags(unsigned int *pFlags, void *p) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    struct host_range range;
    if (!pFlags || !host_memory_find((uint64_t)(uintptr_t)p, 1, &range)) return CUDA_ERROR_INVALID_VALUE;
    if (range.registered) return CUDA_ERROR_INVALID_VALUE;
    *pFlags = range.flags | 2; // with unified addressing all of it is mapped
    return CUDA_SUCCESS;
}
