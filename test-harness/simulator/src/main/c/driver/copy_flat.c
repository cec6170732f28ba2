// copy_flat.c: the copies of bytes in a row. The names with _ptds and _ptsz are generated from these.
#include "driver/api.h"
#include "driver/copy.h"

static CUresult flat(enum side_kind to_kind, uint64_t to, enum side_kind from_kind, uint64_t from, uint64_t bytes,
                     CUstream stream, int async) {
    return copy_submit((struct copy){.to = {.kind = to_kind, .address = to, .pitch = 0},
                                     .from = {.kind = from_kind, .address = from, .pitch = 0},
                                     .width = bytes, .height = 1, .depth = 1},
                       stream, async);
}

CUresult cuMemcpyHtoD_v2(CUdeviceptr dstDevice, const void *srcHost, size_t ByteCount) {
    return flat(SIDE_DEVICE, dstDevice, SIDE_ANY, (uint64_t)(uintptr_t)srcHost, ByteCount, NULL, 0);
}

CUresult cuMemcpyDtoH_v2(void *dstHost, CUdeviceptr srcDevice, size_t ByteCount) {
    return flat(SIDE_ANY, (uint64_t)(uintptr_t)dstHost, SIDE_DEVICE, srcDevice, ByteCount, NULL, 0);
}

CUresult cuMemcpyDtoD_v2(CUdeviceptr dstDevice, CUdeviceptr srcDevice, size_t ByteCount) {
    return flat(SIDE_DEVICE, dstDevice, SIDE_DEVICE, srcDevice, ByteCount, NULL, 0);
}

CUresult cuMemcpy(CUdeviceptr dst, CUdeviceptr src, size_t ByteCount) {
    return flat(SIDE_ANY, dst, SIDE_ANY, src, ByteCount, NULL, 0);
}

CUresult cuMemcpyPeer(CUdeviceptr dstDevice, CUcontext dstContext, CUdeviceptr srcDevice, CUcontext srcContext,
                      size_t ByteCount) {
    if (!context_is(dstContext) || !context_is(srcContext)) return CUDA_ERROR_INVALID_CONTEXT;
    return flat(SIDE_DEVICE, dstDevice, SIDE_DEVICE, srcDevice, ByteCount, NULL, 0);
}

CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr dstDevice, const void *srcHost, size_t ByteCount, CUstream hStream) {
    return flat(SIDE_DEVICE, dstDevice, SIDE_ANY, (uint64_t)(uintptr_t)srcHost, ByteCount, hStream, 1);
}

CUresult cuMemcpyDtoHAsync_v2(void *dstHost, CUdeviceptr srcDevice, size_t ByteCount, CUstream hStream) {
    return flat(SIDE_ANY, (uint64_t)(uintptr_t)dstHost, SIDE_DEVICE, srcDevice, ByteCount, hStream, 1);
}

CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr dstDevice, CUdeviceptr srcDevice, size_t ByteCount, CUstream hStream) {
    return flat(SIDE_DEVICE, dstDevice, SIDE_DEVICE, srcDevice, ByteCount, hStream, 1);
}

CUresult cuMemcpyAsync(CUdeviceptr dst, CUdeviceptr src, size_t ByteCount, CUstream hStream) {
    return flat(SIDE_ANY, dst, SIDE_ANY, src, ByteCount, hStream, 1);
}

CUresult cuMemcpyPeerAsync(CUdeviceptr dstDevice, CUcontext dstContext, CUdeviceptr srcDevice, CUcontext srcContext,
                           size_t ByteCount, CUstream hStream) {
    if (!context_is(dstContext) || !context_is(srcContext)) return CUDA_ERROR_INVALID_CONTEXT;
    return flat(SIDE_DEVICE, dstDevice, SIDE_DEVICE, srcDevice, ByteCount, hStream, 1);
}
