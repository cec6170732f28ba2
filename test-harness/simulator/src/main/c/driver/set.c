// set.c: filling device memory with 1, 2 or 4 bytes. Also the forms without a stream return before the fill is over, unless the
// memory has CU_POINTER_ATTRIBUTE_SYNC_MEMOPS.
#include "driver/set.h"

#include <string.h>

#include "driver/address.h"
#include "driver/api.h"
#include "graph/capture.h"
#include "graph/memory_node.h"

static uint64_t extent(const struct fill *fill) {
    return (fill->height - 1) * fill->pitch + fill->width * fill->element;
}

static void fill_row(char *row, const struct fill *fill) {
    if (fill->element == 1) memset(row, (int)fill->value, fill->width);
    else if (fill->element == 2) for (uint64_t x = 0; x < fill->width; x++) ((uint16_t *)row)[x] = (uint16_t)fill->value;
    else for (uint64_t x = 0; x < fill->width; x++) ((uint32_t *)row)[x] = fill->value;
}

static int run_fill(struct operation *operation) {
    const struct fill *fill = (const struct fill *)operation->payload;
    char *host = address_host(fill->address, extent(fill));
    if (!host) return CUDA_ERROR_ILLEGAL_ADDRESS;
    for (uint64_t y = 0; y < fill->height; y++) fill_row(host + y * fill->pitch, fill);
    return CUDA_SUCCESS;
}

CUresult fill_check(const struct fill *fill) {
    uint64_t rows;
    if (fill->width > INT64_MAX / 8 || __builtin_mul_overflow(fill->height, fill->pitch, &rows) || rows > INT64_MAX / 2)
        return CUDA_ERROR_INVALID_VALUE;
    if (fill->address % fill->element || fill->pitch % fill->element) return CUDA_ERROR_INVALID_VALUE;
    if (fill->height > 1 && fill->pitch < fill->width * fill->element) return CUDA_ERROR_INVALID_VALUE;
    int there = address_host(fill->address, extent(fill)) || memory_node_holds(fill->address, extent(fill));
    return there ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

struct operation *fill_operation(const struct fill *fill) {
    struct operation *operation = operation_new(run_fill, ENGINE_COMPUTE, sizeof *fill);
    if (!operation) return NULL;
    *(struct fill *)operation->payload = *fill;
    CUcontext context;
    const struct device *device = context_current_even_broken(&context) == CUDA_SUCCESS ? context->device : device_at(0);
    const struct card_description *card = device->card.description;
    operation->length_ns = card->copy_start_ns + fill->width * fill->element * fill->height / card->device_gb_s;
    return operation;
}

static CUresult submit(struct fill fill, CUstream handle) {
    CUcontext context;
    struct stream *stream;
    CUresult result = context_current(&context);
    if (result == CUDA_SUCCESS) result = stream_find(context, handle, &stream);
    if (result != CUDA_SUCCESS || fill.width == 0 || fill.height == 0) return result;
    result = fill_check(&fill);
    return result != CUDA_SUCCESS ? result : capture_or_submit(stream, &(struct work){.type = WORK_FILL, .fill = fill});
}

static CUresult row(CUdeviceptr address, uint32_t value, uint32_t element, size_t count, CUstream stream) {
    return submit((struct fill){address, 0, count, 1, value, element}, stream);
}

static CUresult settled(CUresult submitted, CUdeviceptr address) {
    CUcontext context;
    struct stream *stream;
    struct allocation *allocation = submitted == CUDA_SUCCESS ? arena_find(address) : NULL;
    if (!allocation || !atomic_load(&allocation->sync_memops)) return submitted;
    CUresult result = context_current(&context);
    if (result == CUDA_SUCCESS) result = stream_find(context, NULL, &stream);
    return result != CUDA_SUCCESS ? result : (CUresult)stream_wait(stream);
}

CUresult cuMemsetD8_v2(CUdeviceptr dstDevice, unsigned char uc, size_t N) {
    return settled(row(dstDevice, uc, 1, N, NULL), dstDevice);
}

CUresult cuMemsetD16_v2(CUdeviceptr dstDevice, unsigned short us, size_t N) {
    return settled(row(dstDevice, us, 2, N, NULL), dstDevice);
}

CUresult cuMemsetD32_v2(CUdeviceptr dstDevice, unsigned int ui, size_t N) {
    return settled(row(dstDevice, ui, 4, N, NULL), dstDevice);
}

CUresult cuMemsetD8Async(CUdeviceptr dstDevice, unsigned char uc, size_t N, CUstream hStream) {
    return row(dstDevice, uc, 1, N, hStream);
}

CUresult cuMemsetD16Async(CUdeviceptr dstDevice, unsigned short us, size_t N, CUstream hStream) {
    return row(dstDevice, us, 2, N, hStream);
}

CUresult cuMemsetD32Async(CUdeviceptr dstDevice, unsigned int ui, size_t N, CUstream hStream) {
    return row(dstDevice, ui, 4, N, hStream);
}

CUresult cuMemsetD2D8Async(CUdeviceptr dstDevice, size_t dstPitch, unsigned char uc, size_t Width, size_t Height,
                           CUstream hStream) {
    return submit((struct fill){dstDevice, dstPitch, Width, Height, uc, 1}, hStream);
}

CUresult cuMemsetD2D16Async(CUdeviceptr dstDevice, size_t dstPitch, unsigned short us, size_t Width, size_t Height,
                            CUstream hStream) {
    return submit((struct fill){dstDevice, dstPitch, Width, Height, us, 2}, hStream);
}

CUresult cuMemsetD2D32Async(CUdeviceptr dstDevice, size_t dstPitch, unsigned int ui, size_t Width, size_t Height,
                            CUstream hStream) {
    return submit((struct fill){dstDevice, dstPitch, Width, Height, ui, 4}, hStream);
}

CUresult cuMemsetD2D8_v2(CUdeviceptr dstDevice, size_t dstPitch, unsigned char uc, size_t Width, size_t Height) {
    return settled(cuMemsetD2D8Async(dstDevice, dstPitch, uc, Width, Height, NULL), dstDevice);
}

CUresult cuMemsetD2D16_v2(CUdeviceptr dstDevice, size_t dstPitch, unsigned short us, size_t Width, size_t Height) {
    return settled(cuMemsetD2D16Async(dstDevice, dstPitch, us, Width, Height, NULL), dstDevice);
}

CUresult cuMemsetD2D32_v2(CUdeviceptr dstDevice, size_t dstPitch, unsigned int ui, size_t Width, size_t Height) {
    return settled(cuMemsetD2D32Async(dstDevice, dstPitch, ui, Width, Height, NULL), dstDevice);
}
