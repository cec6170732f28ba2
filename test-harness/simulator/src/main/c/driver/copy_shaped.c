// copy_shaped.c: the copies of rows and slices. Arrays are not supported.
#include "driver/api.h"
#include "driver/copy.h"

enum { MEMORYTYPE_HOST = 1, MEMORYTYPE_DEVICE = 2, MEMORYTYPE_ARRAY = 3, MEMORYTYPE_UNIFIED = 4 };

static CUresult side(CUmemorytype type, const void *host, CUdeviceptr device, struct copy_side *side) {
    switch (type) {
    case MEMORYTYPE_HOST: side->kind = SIDE_ANY; side->address = (uint64_t)(uintptr_t)host; break;
    case MEMORYTYPE_DEVICE: side->kind = SIDE_DEVICE; side->address = device; break;
    case MEMORYTYPE_UNIFIED: side->kind = SIDE_ANY; side->address = device; break;
    case MEMORYTYPE_ARRAY: return CUDA_ERROR_NOT_SUPPORTED;
    default: return CUDA_ERROR_INVALID_VALUE;
    }
    return side->address ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

static CUresult copy3d(const CUDA_MEMCPY3D *asked, CUstream stream, int async) {
    if (!asked) return CUDA_ERROR_INVALID_VALUE;
    struct copy copy = {.width = asked->WidthInBytes, .height = asked->Height, .depth = asked->Depth};
    CUresult result = side(asked->srcMemoryType, asked->srcHost, asked->srcDevice, &copy.from);
    if (result == CUDA_SUCCESS) result = side(asked->dstMemoryType, asked->dstHost, asked->dstDevice, &copy.to);
    if (result != CUDA_SUCCESS) return result;
    // A pitch or height of 0 means as dense as can be.
    copy.from.pitch = asked->srcPitch ? asked->srcPitch : asked->srcXInBytes + asked->WidthInBytes;
    copy.to.pitch = asked->dstPitch ? asked->dstPitch : asked->dstXInBytes + asked->WidthInBytes;
    copy.from.slice = copy.from.pitch * (asked->srcHeight ? asked->srcHeight : asked->srcY + asked->Height);
    copy.to.slice = copy.to.pitch * (asked->dstHeight ? asked->dstHeight : asked->dstY + asked->Height);
    copy.from.address += asked->srcXInBytes + asked->srcY * copy.from.pitch + asked->srcZ * copy.from.slice;
    copy.to.address += asked->dstXInBytes + asked->dstY * copy.to.pitch + asked->dstZ * copy.to.slice;
    return copy_submit(copy, stream, async);
}

static CUresult copy2d(const CUDA_MEMCPY2D *asked, CUstream stream, int async) {
    if (!asked) return CUDA_ERROR_INVALID_VALUE;
    CUDA_MEMCPY3D whole = {
        .srcXInBytes = asked->srcXInBytes, .srcY = asked->srcY, .srcMemoryType = asked->srcMemoryType,
        .srcHost = asked->srcHost, .srcDevice = asked->srcDevice, .srcPitch = asked->srcPitch,
        .dstXInBytes = asked->dstXInBytes, .dstY = asked->dstY, .dstMemoryType = asked->dstMemoryType,
        .dstHost = asked->dstHost, .dstDevice = asked->dstDevice, .dstPitch = asked->dstPitch,
        .WidthInBytes = asked->WidthInBytes, .Height = asked->Height, .Depth = 1,
    };
    return copy3d(&whole, stream, async);
}

CUresult cuMemcpy2D_v2(const CUDA_MEMCPY2D *pCopy) {
    return copy2d(pCopy, NULL, 0);
}

CUresult cuMemcpy2DUnaligned_v2(const CUDA_MEMCPY2D *pCopy) {
    return copy2d(pCopy, NULL, 0);
}

CUresult cuMemcpy2DAsync_v2(const CUDA_MEMCPY2D *pCopy, CUstream hStream) {
    return copy2d(pCopy, hStream, 1);
}

CUresult cuMemcpy3D_v2(const CUDA_MEMCPY3D *pCopy) {
    return copy3d(pCopy, NULL, 0);
}

CUresult cuMemcpy3DAsync_v2(const CUDA_MEMCPY3D *pCopy, CUstream hStream) {
    return copy3d(pCopy, hStream, 1);
}
