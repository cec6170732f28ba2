// copy_shaped.c: the copies of rows and slices, between arrays, device and host.
#include "driver/api.h"
#include "driver/array.h"

enum { MEMORYTYPE_HOST = 1, MEMORYTYPE_DEVICE = 2, MEMORYTYPE_ARRAY = 3, MEMORYTYPE_UNIFIED = 4, PITCH_MAX = 2147483647 };

// One side as the application describes it.
struct asked_side {
    CUmemorytype type;
    const void *host;
    CUdeviceptr device;
    CUarray array;
    size_t x, y, z, level, pitch, height;
};

static CUresult settle(const struct asked_side *asked, const struct copy *copy, struct copy_side *side) {
    if (asked->level) return CUDA_ERROR_INVALID_VALUE;
    switch (asked->type) {
    case MEMORYTYPE_HOST: side->kind = SIDE_ANY; side->address = (uint64_t)(uintptr_t)asked->host; break;
    case MEMORYTYPE_DEVICE: side->kind = SIDE_DEVICE; side->address = asked->device; break;
    case MEMORYTYPE_UNIFIED: side->kind = SIDE_ANY; side->address = asked->device; break;
    case MEMORYTYPE_ARRAY: return array_side(asked->array, asked->x, asked->y, asked->z, copy, side);
    default: return CUDA_ERROR_INVALID_VALUE;
    }
    if (!side->address) return CUDA_ERROR_INVALID_VALUE;
    // A pitch or height of 0 means as dense as can be.
    uint64_t width, rows;
    if (__builtin_add_overflow(asked->x, copy->width, &width)) return CUDA_ERROR_INVALID_VALUE;
    if (__builtin_add_overflow(asked->y, copy->height, &rows)) return CUDA_ERROR_INVALID_VALUE;
    if (asked->pitch && (asked->pitch < width || asked->pitch > PITCH_MAX)) return CUDA_ERROR_INVALID_VALUE;
    if (asked->height && asked->height < rows) return CUDA_ERROR_INVALID_VALUE;
    side->pitch = asked->pitch ? asked->pitch : width;
    side->slice = side->pitch * (asked->height ? asked->height : rows);
    side->address += asked->x + asked->y * side->pitch + asked->z * side->slice;
    return CUDA_SUCCESS;
}

CUresult copy_from_3d(const CUDA_MEMCPY3D *asked, struct copy *copy) {
    if (!asked) return CUDA_ERROR_INVALID_VALUE;
    *copy = (struct copy){.width = asked->WidthInBytes, .height = asked->Height, .depth = asked->Depth};
    struct asked_side from = {asked->srcMemoryType, asked->srcHost, asked->srcDevice, asked->srcArray, asked->srcXInBytes,
                              asked->srcY, asked->srcZ, asked->srcLOD, asked->srcPitch, asked->srcHeight};
    struct asked_side to = {asked->dstMemoryType, asked->dstHost, asked->dstDevice, asked->dstArray, asked->dstXInBytes,
                            asked->dstY, asked->dstZ, asked->dstLOD, asked->dstPitch, asked->dstHeight};
    CUresult result = settle(&from, copy, &copy->from);
    return result != CUDA_SUCCESS ? result : settle(&to, copy, &copy->to);
}

static CUresult copy3d(const CUDA_MEMCPY3D *asked, CUstream stream, int async) {
    CUcontext context;
    struct copy copy;
    CUresult result = context_current(&context);
    if (result == CUDA_SUCCESS) result = copy_from_3d(asked, &copy);
    return result != CUDA_SUCCESS ? result : copy_submit(copy, stream, async);
}

CUDA_MEMCPY3D copy_to_3d(const struct copy *copy) {
    CUDA_MEMCPY3D asked = {.WidthInBytes = copy->width, .Height = copy->height, .Depth = copy->depth};
    asked.srcMemoryType = copy->from.kind == SIDE_HOST ? MEMORYTYPE_HOST : MEMORYTYPE_DEVICE;
    asked.dstMemoryType = copy->to.kind == SIDE_HOST ? MEMORYTYPE_HOST : MEMORYTYPE_DEVICE;
    if (copy->from.kind == SIDE_HOST) asked.srcHost = (const void *)(uintptr_t)copy->from.address;
    else asked.srcDevice = copy->from.address;
    if (copy->to.kind == SIDE_HOST) asked.dstHost = (void *)(uintptr_t)copy->to.address;
    else asked.dstDevice = copy->to.address;
    asked.srcPitch = copy->from.pitch;
    asked.dstPitch = copy->to.pitch;
    asked.srcHeight = copy->from.pitch ? copy->from.slice / copy->from.pitch : 0;
    asked.dstHeight = copy->to.pitch ? copy->to.slice / copy->to.pitch : 0;
    return asked;
}

static CUresult copy2d(const CUDA_MEMCPY2D *asked, CUstream stream, int async) {
    if (!asked) return CUDA_ERROR_INVALID_VALUE;
    CUDA_MEMCPY3D whole = {
        .srcXInBytes = asked->srcXInBytes, .srcY = asked->srcY, .srcMemoryType = asked->srcMemoryType,
        .srcHost = asked->srcHost, .srcDevice = asked->srcDevice, .srcArray = asked->srcArray, .srcPitch = asked->srcPitch,
        .dstXInBytes = asked->dstXInBytes, .dstY = asked->dstY, .dstMemoryType = asked->dstMemoryType,
        .dstHost = asked->dstHost, .dstDevice = asked->dstDevice, .dstArray = asked->dstArray, .dstPitch = asked->dstPitch,
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

// The contexts only say which GPU each side is of, and the addresses tell that.
static CUresult copy_peer(const CUDA_MEMCPY3D_PEER *asked, CUstream stream, int async) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    if (!asked) return CUDA_ERROR_INVALID_VALUE;
    if (asked->srcMemoryType != MEMORYTYPE_HOST && !context_is(asked->srcContext)) return CUDA_ERROR_INVALID_CONTEXT;
    if (asked->dstMemoryType != MEMORYTYPE_HOST && !context_is(asked->dstContext)) return CUDA_ERROR_INVALID_CONTEXT;
    CUDA_MEMCPY3D whole = {
        .srcXInBytes = asked->srcXInBytes, .srcY = asked->srcY, .srcZ = asked->srcZ, .srcLOD = asked->srcLOD,
        .srcMemoryType = asked->srcMemoryType, .srcHost = asked->srcHost, .srcDevice = asked->srcDevice,
        .srcArray = asked->srcArray, .srcPitch = asked->srcPitch, .srcHeight = asked->srcHeight,
        .dstXInBytes = asked->dstXInBytes, .dstY = asked->dstY, .dstZ = asked->dstZ, .dstLOD = asked->dstLOD,
        .dstMemoryType = asked->dstMemoryType, .dstHost = asked->dstHost, .dstDevice = asked->dstDevice,
        .dstArray = asked->dstArray, .dstPitch = asked->dstPitch, .dstHeight = asked->dstHeight,
        .WidthInBytes = asked->WidthInBytes, .Height = asked->Height, .Depth = asked->Depth,
    };
    return copy3d(&whole, stream, async);
}

CUresult cuMemcpy3DPeer(const CUDA_MEMCPY3D_PEER *pCopy) {
    return copy_peer(pCopy, NULL, 0);
}

CUresult cuMemcpy3DPeerAsync(const CUDA_MEMCPY3D_PEER *pCopy, CUstream hStream) {
    return copy_peer(pCopy, hStream, 1);
}
