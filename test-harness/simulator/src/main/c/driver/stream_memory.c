// stream_memory.c: taking and giving back memory in the order of a stream.
#include "driver/address.h"
#include "driver/api.h"
#include "driver/pool.h"
#include "graph/capture.h"
#include "graph/memory_node.h"

static CUresult find_stream(CUstream handle, struct stream **stream) {
    CUcontext context;
    CUresult result = context_current(&context);
    return result != CUDA_SUCCESS ? result : stream_find(context, handle, stream);
}

static CUresult allocate(CUdeviceptr *dptr, size_t bytes, struct memory_pool *pool, struct stream *stream) {
    if (!dptr || bytes == 0) return CUDA_ERROR_INVALID_VALUE;
    if (!pool) return CUDA_ERROR_OUT_OF_MEMORY;
    uint64_t address;
    CUresult result;
    if (memory_node_captures(stream, bytes, dptr, &result)) return result;
    result = pool_allocate(pool, bytes, stream, &address);
    if (result == CUDA_SUCCESS) *dptr = address;
    return result;
}

CUresult cuMemAllocAsync(CUdeviceptr *dptr, size_t bytesize, CUstream hStream) {
    struct stream *stream;
    CUresult result = find_stream(hStream, &stream);
    if (result != CUDA_SUCCESS) return result;
    return allocate(dptr, bytesize, pool_current(device_of_card(stream->queue->card)), stream);
}

CUresult cuMemAllocFromPoolAsync(CUdeviceptr *dptr, size_t bytesize, CUmemoryPool pool, CUstream hStream) {
    struct stream *stream;
    CUresult result = find_stream(hStream, &stream);
    if (result != CUDA_SUCCESS) return result;
    if (!pool_is(pool) || pool->imported) return CUDA_ERROR_INVALID_VALUE;
    return allocate(dptr, bytesize, pool, stream);
}

struct free_work {
    uint64_t address, id;
};

// Memory of cuMemAlloc goes back to its context when the stream comes to the free.
static void finish_free(struct operation *operation) {
    const struct free_work *work = (const struct free_work *)operation->payload;
    struct allocation *allocation = arena_find(work->address);
    if (!allocation || allocation->id != work->id) return;
    CUcontext owner = atomic_load(&allocation->owner);
    device_memory_give(&owner->device->memory, &owner->memory, allocation);
}

static int run_free(struct operation *operation) {
    finish_free(operation);
    return 0;
}

static CUresult free_of_context(struct allocation *allocation, struct stream *stream) {
    struct operation *operation = operation_new(run_free, ENGINE_NONE, sizeof(struct free_work));
    if (!operation) return CUDA_ERROR_OUT_OF_MEMORY;
    operation->skip = finish_free;
    *(struct free_work *)operation->payload = (struct free_work){atomic_load(&allocation->base), allocation->id};
    queue_submit(stream, operation);
    return CUDA_SUCCESS;
}

CUresult cuMemFreeAsync(CUdeviceptr dptr, CUstream hStream) {
    struct stream *stream;
    CUresult result = find_stream(hStream, &stream);
    if (result != CUDA_SUCCESS) return result;
    struct work give = {.type = WORK_FREE, .free = dptr};
    if (capture_active(stream)) return memory_node_is(dptr) ? capture_or_submit(stream, &give) : CUDA_ERROR_INVALID_VALUE;
    if (memory_node_claim(dptr)) return capture_or_submit(stream, &give);
    struct allocation *allocation = arena_find(dptr);
    if (!allocation || atomic_load(&allocation->base) != dptr) return CUDA_ERROR_INVALID_VALUE;
    if (allocation->arena->kind == MEMORY_MAPPED || !allocation_claim(allocation)) return CUDA_ERROR_INVALID_VALUE;
    result = allocation->pool ? pool_free(allocation, stream) : free_of_context(allocation, stream);
    if (result != CUDA_SUCCESS) atomic_store(&allocation->leaving, 0);
    return result;
}
