// copy.c: see copy.h. As with the driver, only a copy between device and page-locked memory is truly asynchronous: what comes
// from pageable memory is staged before the call returns, what goes there is waited for.
#include "driver/copy.h"

#include <stdlib.h>
#include <string.h>

#include "driver/address.h"
#include "driver/printed.h"
#include "graph/capture.h"
#include "graph/memory_node.h"
#include "memory/host_memory.h"

struct copy_work {
    struct copy copy;
    void *staged; // a private copy of pageable source bytes
};

static uint64_t extent(const struct copy *copy, const struct copy_side *side) {
    return (copy->depth - 1) * side->slice + (copy->height - 1) * side->pitch + copy->width;
}

// The kind is settled at submission; the device may have lost the memory since.
static char *host_of(const struct copy *copy, const struct copy_side *side) {
    return side->kind == SIDE_HOST ? (char *)(uintptr_t)side->address : address_host(side->address, extent(copy, side));
}

static void move(const struct copy *copy, char *to, const char *from) {
    for (uint64_t z = 0; z < copy->depth; z++)
        for (uint64_t y = 0; y < copy->height; y++)
            memmove(to + z * copy->to.slice + y * copy->to.pitch, from + z * copy->from.slice + y * copy->from.pitch, copy->width);
}

static void forget(struct operation *operation) {
    free(((struct copy_work *)operation->payload)->staged);
}

static int run_copy(struct operation *operation) {
    struct copy_work *work = (struct copy_work *)operation->payload;
    const struct copy *copy = &work->copy;
    char *to = host_of(copy, &copy->to);
    const char *from = host_of(copy, &copy->from);
    if (to && from) move(copy, to, from);
    free(work->staged);
    return to && from ? CUDA_SUCCESS : CUDA_ERROR_ILLEGAL_ADDRESS;
}

static int shape_fits(const struct copy *copy, const struct copy_side *side) {
    uint64_t rows, slices;
    if (copy->height > 1 && side->pitch < copy->width) return 0;
    return !__builtin_mul_overflow(copy->height, side->pitch, &rows) && !__builtin_mul_overflow(copy->depth, side->slice, &slices)
           && rows < INT64_MAX / 4 && slices < INT64_MAX / 4 && copy->width < INT64_MAX / 4;
}

// Settles what kind of address it is, and checks that device memory holds all of it.
static CUresult resolve(const struct copy *copy, struct copy_side *side) {
    if (!shape_fits(copy, side) || !side->address) return CUDA_ERROR_INVALID_VALUE;
    uint64_t bytes = extent(copy, side);
    int of_graph = memory_node_holds(side->address, bytes); // it may be there only when the copy runs
    if (side->kind == SIDE_ANY) side->kind = of_graph || arena_find(side->address) ? SIDE_DEVICE : SIDE_HOST;
    if (side->kind == SIDE_HOST) return CUDA_SUCCESS;
    int there = of_graph || address_host(side->address, bytes);
    return there ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

static int is_pageable(const struct copy *copy, const struct copy_side *side) {
    return side->kind == SIDE_HOST && !host_memory_find(side->address, extent(copy, side), NULL);
}

// The staged bytes lie densely.
static CUresult stage(struct copy_work *work) {
    struct copy *copy = &work->copy;
    work->staged = malloc(copy->width * copy->height * copy->depth);
    if (!work->staged) return CUDA_ERROR_OUT_OF_MEMORY;
    struct copy dense = *copy;
    dense.to = (struct copy_side){SIDE_HOST, (uint64_t)(uintptr_t)work->staged, copy->width, copy->width * copy->height};
    move(&dense, work->staged, (const char *)(uintptr_t)copy->from.address);
    copy->from = dense.to;
    return CUDA_SUCCESS;
}

CUresult copy_resolve(struct copy *copy) {
    if (copy->width == 0 || copy->height == 0 || copy->depth == 0) return CUDA_SUCCESS;
    CUresult result = resolve(copy, &copy->to);
    return result != CUDA_SUCCESS ? result : resolve(copy, &copy->from);
}

struct operation *copy_operation(const struct copy *copy) {
    enum card_engine engine = copy->to.kind == SIDE_HOST ? ENGINE_COPY_OUT : ENGINE_COPY_IN;
    struct operation *operation = operation_new(run_copy, engine, sizeof(struct copy_work));
    if (!operation) return NULL;
    *(struct copy_work *)operation->payload = (struct copy_work){.copy = *copy};
    operation->skip = forget;
    CUcontext context;
    const struct device *device = context_current_even_broken(&context) == CUDA_SUCCESS ? context->device : device_at(0);
    const struct card_description *card = device->card.description;
    int inside = copy->to.kind == SIDE_DEVICE && copy->from.kind == SIDE_DEVICE;
    uint64_t bytes = copy->width * copy->height * copy->depth;
    operation->length_ns = card->copy_start_ns + bytes / (inside ? card->device_gb_s : card->copy_gb_s);
    return operation;
}

CUresult copy_submit(struct copy copy, CUstream handle, int async) {
    CUcontext context;
    struct stream *stream;
    CUresult result = context_current(&context);
    if (result == CUDA_SUCCESS) result = stream_find(context, handle, &stream);
    if (result != CUDA_SUCCESS || copy.width == 0 || copy.height == 0 || copy.depth == 0) return result;
    result = copy_resolve(&copy);
    if (result != CUDA_SUCCESS) return result;
    // Captured, its host memory is read and written at each launch: nothing to stage or to wait for.
    if (capture_takes(stream, &(struct work){.type = WORK_COPY, .copy = copy}, async, &result)) return result;
    struct operation *operation = copy_operation(&copy);
    if (!operation) return CUDA_ERROR_OUT_OF_MEMORY;
    if (async && is_pageable(&copy, &copy.to)) async = 0;
    if (async && is_pageable(&copy, &copy.from)) result = stage((struct copy_work *)operation->payload);
    if (result != CUDA_SUCCESS) {
        operation_free(operation);
        return result;
    }
    queue_submit(stream, operation);
    if (async) return CUDA_SUCCESS;
    result = (CUresult)stream_wait(stream);
    printed_flush(context);
    return result;
}
