// copy_shaped.c: copies of rows, between pitched memory and arrays.
#include "cudart/api.h"

int memory_type(int kind, bool is_source) {
    switch (kind) {
    case cudaMemcpyHostToHost: return MEMORY_HOST;
    case cudaMemcpyHostToDevice: return is_source ? MEMORY_HOST : MEMORY_DEVICE;
    case cudaMemcpyDeviceToHost: return is_source ? MEMORY_DEVICE : MEMORY_HOST;
    case cudaMemcpyDeviceToDevice: return MEMORY_DEVICE;
    default: return MEMORY_UNIFIED;
    }
}

static CopySide2D rows_2d(int type, const void *pointer, size_t pitch) {
    return (CopySide2D){.memoryType = type, .host = pointer, .device = (CUdeviceptr)(uintptr_t)pointer, .pitch = pitch};
}

static CopySide2D array_2d(cudaArray_t array, size_t x, size_t y) {
    return (CopySide2D){.xInBytes = x, .y = y, .memoryType = MEMORY_ARRAY, .array = array};
}

static bool check_2d(const CUDA_MEMCPY2D *shape, int kind) {
    if (!ready()) return false;
    cudaError_t result = cudaSuccess;
    if (kind < 0 || kind > cudaMemcpyDefault) result = cudaErrorInvalidMemcpyDirection;
    else if (shape->from.memoryType != MEMORY_ARRAY && shape->from.pitch < shape->widthInBytes)
        result = cudaErrorInvalidPitchValue;
    else if (shape->to.memoryType != MEMORY_ARRAY && shape->to.pitch < shape->widthInBytes)
        result = cudaErrorInvalidPitchValue;
    return done(result) == cudaSuccess;
}

static bool is_nothing_2d(const CUDA_MEMCPY2D *shape) {
    return !shape->widthInBytes || !shape->height;
}

static cudaError_t copy_2d(CUDA_MEMCPY2D shape, int kind) {
    if (!check_2d(&shape, kind)) return last_error();
    return is_nothing_2d(&shape) ? cudaSuccess : done(driver.cuMemcpy2DUnaligned_v2(&shape));
}

static cudaError_t copy_2d_async(CUDA_MEMCPY2D shape, int kind, cudaStream_t stream) {
    if (!check_2d(&shape, kind)) return last_error();
    return is_nothing_2d(&shape) ? cudaSuccess : done(driver.cuMemcpy2DAsync_v2(&shape, stream));
}

static CUDA_MEMCPY2D between_rows(void *dst, size_t dpitch, const void *src, size_t spitch, size_t width, size_t height,
                                  int kind) {
    return (CUDA_MEMCPY2D){rows_2d(memory_type(kind, true), src, spitch), rows_2d(memory_type(kind, false), dst, dpitch),
                           width, height};
}

EXPORT cudaError_t cudaMemcpy2D(void *dst, size_t dpitch, const void *src, size_t spitch, size_t width, size_t height,
                                int kind) {
    return copy_2d(between_rows(dst, dpitch, src, spitch, width, height, kind), kind);
}

EXPORT cudaError_t cudaMemcpy2DAsync(void *dst, size_t dpitch, const void *src, size_t spitch, size_t width, size_t height,
                                     int kind, cudaStream_t stream) {
    return copy_2d_async(between_rows(dst, dpitch, src, spitch, width, height, kind), kind, stream);
}

static CUDA_MEMCPY2D into_array(cudaArray_t dst, size_t x, size_t y, const void *src, size_t spitch, size_t width,
                                size_t height, int kind) {
    return (CUDA_MEMCPY2D){rows_2d(memory_type(kind, true), src, spitch), array_2d(dst, x, y), width, height};
}

static CUDA_MEMCPY2D out_of_array(void *dst, size_t dpitch, cudaArray_t src, size_t x, size_t y, size_t width,
                                  size_t height, int kind) {
    return (CUDA_MEMCPY2D){array_2d(src, x, y), rows_2d(memory_type(kind, false), dst, dpitch), width, height};
}

EXPORT cudaError_t cudaMemcpy2DToArray(cudaArray_t dst, size_t x, size_t y, const void *src, size_t spitch, size_t width,
                                       size_t height, int kind) {
    return copy_2d(into_array(dst, x, y, src, spitch, width, height, kind), kind);
}

EXPORT cudaError_t cudaMemcpy2DToArrayAsync(cudaArray_t dst, size_t x, size_t y, const void *src, size_t spitch,
                                            size_t width, size_t height, int kind, cudaStream_t stream) {
    return copy_2d_async(into_array(dst, x, y, src, spitch, width, height, kind), kind, stream);
}

EXPORT cudaError_t cudaMemcpy2DFromArray(void *dst, size_t dpitch, cudaArray_t src, size_t x, size_t y, size_t width,
                                         size_t height, int kind) {
    return copy_2d(out_of_array(dst, dpitch, src, x, y, width, height, kind), kind);
}

EXPORT cudaError_t cudaMemcpy2DFromArrayAsync(void *dst, size_t dpitch, cudaArray_t src, size_t x, size_t y, size_t width,
                                              size_t height, int kind, cudaStream_t stream) {
    return copy_2d_async(out_of_array(dst, dpitch, src, x, y, width, height, kind), kind, stream);
}

EXPORT cudaError_t cudaMemcpy2DArrayToArray(cudaArray_t dst, size_t dx, size_t dy, cudaArray_t src, size_t sx, size_t sy,
                                            size_t width, size_t height, int kind) {
    return copy_2d((CUDA_MEMCPY2D){array_2d(src, sx, sy), array_2d(dst, dx, dy), width, height}, kind);
}

// Positions count elements where an array takes part, else bytes.
static size_t bytes_of_element(cudaArray_t array) {
    static const struct { int format; size_t bytes; } formats[] = {{1, 1}, {2, 2}, {3, 4}, {8, 1}, {9, 2}, {10, 4}, {16, 2},
                                                                    {32, 4}};
    CUDA_ARRAY3D_DESCRIPTOR descriptor;
    if (!array || driver.cuArray3DGetDescriptor_v2(&descriptor, array) != cudaSuccess) return 1;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (formats[i].format == descriptor.format) return formats[i].bytes * descriptor.channels;
    return 1;
}

static cudaError_t side_3d(cudaArray_t array, cudaPos at, cudaPitchedPtr pointer, int type, CopySide3D *side) {
    if (!array == !pointer.ptr) return cudaErrorInvalidValue;
    *side = array ? (CopySide3D){.xInBytes = at.x * bytes_of_element(array), .y = at.y, .z = at.z,
                                 .memoryType = MEMORY_ARRAY, .array = array}
                  : (CopySide3D){.xInBytes = at.x, .y = at.y, .z = at.z, .memoryType = type, .host = pointer.ptr,
                                 .device = (CUdeviceptr)(uintptr_t)pointer.ptr, .pitch = pointer.pitch,
                                 .height = pointer.ysize};
    return cudaSuccess;
}

cudaError_t copy_3d_shape(const cudaMemcpy3DParms *parms, CUDA_MEMCPY3D *shape) {
    if (!parms) return cudaErrorInvalidValue;
    int kind = parms->kind;
    if (kind < 0 || kind > cudaMemcpyDefault) return cudaErrorInvalidMemcpyDirection;
    cudaError_t result = side_3d(parms->srcArray, parms->srcPos, parms->srcPtr, memory_type(kind, true), &shape->from);
    if (result == cudaSuccess)
        result = side_3d(parms->dstArray, parms->dstPos, parms->dstPtr, memory_type(kind, false), &shape->to);
    if (result != cudaSuccess) return result;
    cudaArray_t array = parms->srcArray ? parms->srcArray : parms->dstArray;
    shape->widthInBytes = parms->extent.width * bytes_of_element(array);
    shape->height = parms->extent.height;
    shape->depth = parms->extent.depth;
    return cudaSuccess;
}

static bool is_nothing_3d(const CUDA_MEMCPY3D *shape) {
    return !shape->widthInBytes || !shape->height || !shape->depth;
}

EXPORT cudaError_t cudaMemcpy3D(const cudaMemcpy3DParms *p) {
    CUDA_MEMCPY3D shape;
    if (!ready()) return last_error();
    cudaError_t result = copy_3d_shape(p, &shape);
    return done(result != cudaSuccess || is_nothing_3d(&shape) ? result : driver.cuMemcpy3D_v2(&shape));
}

EXPORT cudaError_t cudaMemcpy3DAsync(const cudaMemcpy3DParms *p, cudaStream_t stream) {
    CUDA_MEMCPY3D shape;
    if (!ready()) return last_error();
    cudaError_t result = copy_3d_shape(p, &shape);
    return done(result != cudaSuccess || is_nothing_3d(&shape) ? result : driver.cuMemcpy3DAsync_v2(&shape, stream));
}

static cudaError_t peer_shape(const cudaMemcpy3DPeerParms *p, CUDA_MEMCPY3D *shape) {
    CUcontext from, to;
    if (!p) return cudaErrorInvalidValue;
    cudaError_t result = copy_3d_shape(&(cudaMemcpy3DParms){p->srcArray, p->srcPos, p->srcPtr, p->dstArray, p->dstPos,
                                                            p->dstPtr, p->extent, cudaMemcpyDeviceToDevice},
                                       shape);
    if (result == cudaSuccess) result = device_context(p->srcDevice, &from);
    if (result == cudaSuccess) result = device_context(p->dstDevice, &to);
    if (result != cudaSuccess) return result;
    shape->from.context = from;
    shape->to.context = to;
    return cudaSuccess;
}

EXPORT cudaError_t cudaMemcpy3DPeer(const cudaMemcpy3DPeerParms *p) {
    CUDA_MEMCPY3D shape;
    if (!ready()) return last_error();
    cudaError_t result = peer_shape(p, &shape);
    return done(result != cudaSuccess ? result : driver.cuMemcpy3DPeer(&shape));
}

EXPORT cudaError_t cudaMemcpy3DPeerAsync(const cudaMemcpy3DPeerParms *p, cudaStream_t stream) {
    CUDA_MEMCPY3D shape;
    if (!ready()) return last_error();
    cudaError_t result = peer_shape(p, &shape);
    return done(result != cudaSuccess ? result : driver.cuMemcpy3DPeerAsync(&shape, stream));
}
