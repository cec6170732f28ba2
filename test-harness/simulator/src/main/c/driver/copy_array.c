// copy_array.c: copies of bytes in a row from and to arrays of one dimension.
#include "driver/api.h"
#include "driver/array.h"

struct place {
    CUarray array;
    uint64_t offset; // in the array
    struct copy_side side; // where there is no array
};

static CUresult settle(const struct place *place, const struct copy *copy, struct copy_side *side) {
    if (!place->array) {
        *side = place->side;
        return side->address ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
    }
    if (!array_is(place->array)) return CUDA_ERROR_INVALID_HANDLE;
    if (place->array->rows != 1 || place->array->slices != 1) return CUDA_ERROR_INVALID_VALUE;
    return array_side(place->array, place->offset, 0, 0, copy, side);
}

static CUresult copy_row(struct place to, struct place from, uint64_t bytes, CUstream stream, int async) {
    CUcontext context;
    struct copy copy = {.width = bytes, .height = 1, .depth = 1};
    CUresult result = context_current(&context);
    if (result == CUDA_SUCCESS) result = settle(&to, &copy, &copy.to);
    if (result == CUDA_SUCCESS) result = settle(&from, &copy, &copy.from);
    return result != CUDA_SUCCESS ? result : copy_submit(copy, stream, async);
}

// A handle of NULL is wrong here, not absent.
static struct place in_array(CUarray array, uint64_t offset) {
    return (struct place){.array = array ? array : (CUarray)1, .offset = offset};
}

static struct place on_host(const void *host) {
    return (struct place){.side = {.kind = SIDE_ANY, .address = (uint64_t)(uintptr_t)host}};
}

static struct place on_device(CUdeviceptr address) {
    return (struct place){.side = {.kind = SIDE_DEVICE, .address = address}};
}

CUresult cuMemcpyHtoAAsync_v2(CUarray dstArray, size_t dstOffset, const void *srcHost, size_t ByteCount, CUstream hStream) {
    return copy_row(in_array(dstArray, dstOffset), on_host(srcHost), ByteCount, hStream, 1);
}

CUresult cuMemcpyAtoHAsync_v2(void *dstHost, CUarray srcArray, size_t srcOffset, size_t ByteCount, CUstream hStream) {
    return copy_row(on_host(dstHost), in_array(srcArray, srcOffset), ByteCount, hStream, 1);
}

CUresult cuMemcpyHtoA_v2(CUarray dstArray, size_t dstOffset, const void *srcHost, size_t ByteCount) {
    return copy_row(in_array(dstArray, dstOffset), on_host(srcHost), ByteCount, NULL, 0);
}

CUresult cuMemcpyAtoH_v2(void *dstHost, CUarray srcArray, size_t srcOffset, size_t ByteCount) {
    return copy_row(on_host(dstHost), in_array(srcArray, srcOffset), ByteCount, NULL, 0);
}

CUresult cuMemcpyDtoA_v2(CUarray dstArray, size_t dstOffset, CUdeviceptr srcDevice, size_t ByteCount) {
    return copy_row(in_array(dstArray, dstOffset), on_device(srcDevice), ByteCount, NULL, 0);
}

CUresult cuMemcpyAtoD_v2(CUdeviceptr dstDevice, CUarray srcArray, size_t srcOffset, size_t ByteCount) {
    return copy_row(on_device(dstDevice), in_array(srcArray, srcOffset), ByteCount, NULL, 0);
}

CUresult cuMemcpyAtoA_v2(CUarray dstArray, size_t dstOffset, CUarray srcArray, size_t srcOffset, size_t ByteCount) {
    return copy_row(in_array(dstArray, dstOffset), in_array(srcArray, srcOffset), ByteCount, NULL, 0);
}
