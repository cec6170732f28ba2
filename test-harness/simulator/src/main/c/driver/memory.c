// memory.c: taking and giving back device memory, and how much there is.
#include "driver/address.h"
#include "driver/api.h"
#include "driver/pool.h"
#include "graph/capture.h"
#include "graph/memory_node.h"

enum { PITCH_ALIGNMENT = 512 };

static CUresult take(enum memory_kind kind, uint64_t bytes, uint64_t *address) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result == CUDA_SUCCESS) result = capture_forbids();
    if (result != CUDA_SUCCESS) return result;
    if (!address || bytes == 0) return CUDA_ERROR_INVALID_VALUE;
    uint64_t taken = device_memory_take(&context->device->memory, &context->memory, context, kind, bytes);
    if (!taken) return CUDA_ERROR_OUT_OF_MEMORY;
    *address = taken;
    return CUDA_SUCCESS;
}

CUresult cuMemAlloc_v2(CUdeviceptr *dptr, size_t bytesize) {
    uint64_t address = 0;
    CUresult result = take(MEMORY_DEVICE, bytesize, dptr ? &address : NULL);
    if (result == CUDA_SUCCESS) *dptr = address;
    return result;
}

CUresult cuMemAllocPitch_v2(CUdeviceptr *dptr, size_t *pPitch, size_t WidthInBytes, size_t Height,
                            unsigned int ElementSizeBytes) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    if (!dptr || !pPitch || !WidthInBytes || !Height) return CUDA_ERROR_INVALID_VALUE;
    if (ElementSizeBytes != 4 && ElementSizeBytes != 8 && ElementSizeBytes != 16) return CUDA_ERROR_INVALID_VALUE;
    size_t pitch, bytes;
    if (__builtin_add_overflow(WidthInBytes, PITCH_ALIGNMENT - 1, &pitch)) return CUDA_ERROR_OUT_OF_MEMORY;
    pitch = pitch / PITCH_ALIGNMENT * PITCH_ALIGNMENT;
    if (__builtin_mul_overflow(pitch, Height, &bytes)) return CUDA_ERROR_OUT_OF_MEMORY;
    result = cuMemAlloc_v2(dptr, bytes);
    if (result == CUDA_SUCCESS) *pPitch = pitch;
    return result;
}

CUresult cuMemAllocManaged(CUdeviceptr *dptr, size_t bytesize, unsigned int flags) {
    enum { ATTACH_GLOBAL = 1, ATTACH_HOST = 2 };
    uint64_t address = 0;
    if (flags != ATTACH_GLOBAL && flags != ATTACH_HOST) {
        CUcontext context;
        CUresult result = context_current(&context);
        return result != CUDA_SUCCESS ? result : CUDA_ERROR_INVALID_VALUE;
    }
    CUresult result = take(MEMORY_MANAGED, bytesize, dptr ? &address : NULL);
    if (result == CUDA_SUCCESS) *dptr = address;
    return result;
}

// Waits for the work of the context that owns the memory, as the driver does; for that of a pool, all that may use it here.
CUresult cuMemFree_v2(CUdeviceptr dptr) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result == CUDA_SUCCESS && dptr) result = capture_forbids();
    if (result != CUDA_SUCCESS || dptr == 0) return result;
    struct allocation *allocation = arena_find(dptr);
    if (!allocation || atomic_load(&allocation->base) != dptr) return CUDA_ERROR_INVALID_VALUE;
    if (memory_node_claim(dptr)) {
        contexts_wait(context->device);
        memory_node_give(dptr);
        return CUDA_SUCCESS;
    }
    if (allocation->arena->kind == MEMORY_MAPPED || atomic_load(&allocation->leaving)) return CUDA_ERROR_INVALID_VALUE;
    CUcontext owner = atomic_load(&allocation->owner);
    if (!owner || device_count() > 1) contexts_wait(NULL); // pools and peers are used by others too
    if (owner) result = (CUresult)queue_wait(&owner->queue);
    if (result != CUDA_SUCCESS) return result;
    if (!allocation_claim(allocation)) return CUDA_ERROR_INVALID_VALUE;
    if (owner) device_memory_give(&owner->device->memory, &owner->memory, allocation);
    else pool_free_now(allocation);
    return CUDA_SUCCESS;
}

CUresult cuMemGetInfo_v2(size_t *free, size_t *total) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    if (!free || !total) return CUDA_ERROR_INVALID_VALUE;
    uint64_t capacity = context->device->card.description->memory_bytes, used = card_used(&context->device->card);
    *total = capacity;
    *free = used < capacity ? capacity - used : 0;
    return CUDA_SUCCESS;
}

CUresult cuMemGetAddressRange_v2(CUdeviceptr *pbase, size_t *psize, CUdeviceptr dptr) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    struct allocation *allocation = arena_find(dptr);
    if (!allocation) return CUDA_ERROR_NOT_FOUND;
    if (pbase) *pbase = atomic_load(&allocation->base);
    if (psize) *psize = atomic_load(&allocation->bytes);
    return CUDA_SUCCESS;
}

