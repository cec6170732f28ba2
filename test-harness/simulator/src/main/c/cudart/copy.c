// copy.c: copies of bytes in a row, also from and to variables of registered images.
#include "cudart/api.h"

static cudaError_t copy(void *to, const void *from, size_t bytes, int kind) {
    switch (kind) {
    case cudaMemcpyHostToHost:
    case cudaMemcpyDefault: return driver.cuMemcpy(to, from, bytes);
    case cudaMemcpyHostToDevice: return driver.cuMemcpyHtoD_v2(to, from, bytes);
    case cudaMemcpyDeviceToHost: return driver.cuMemcpyDtoH_v2(to, from, bytes);
    case cudaMemcpyDeviceToDevice: return driver.cuMemcpyDtoD_v2(to, from, bytes);
    default: return cudaErrorInvalidMemcpyDirection;
    }
}

static cudaError_t copy_async(void *to, const void *from, size_t bytes, int kind, cudaStream_t stream) {
    switch (kind) {
    case cudaMemcpyHostToHost:
    case cudaMemcpyDefault: return driver.cuMemcpyAsync(to, from, bytes, stream);
    case cudaMemcpyHostToDevice: return driver.cuMemcpyHtoDAsync_v2(to, from, bytes, stream);
    case cudaMemcpyDeviceToHost: return driver.cuMemcpyDtoHAsync_v2(to, from, bytes, stream);
    case cudaMemcpyDeviceToDevice: return driver.cuMemcpyDtoDAsync_v2(to, from, bytes, stream);
    default: return cudaErrorInvalidMemcpyDirection;
    }
}

EXPORT cudaError_t cudaMemcpy(void *dst, const void *src, size_t count, int kind) {
    return ready() ? done(copy(dst, src, count, kind)) : last_error();
}

EXPORT cudaError_t cudaMemcpyAsync(void *dst, const void *src, size_t count, int kind, cudaStream_t stream) {
    return ready() ? done(copy_async(dst, src, count, kind, stream)) : last_error();
}

static cudaError_t both_contexts(CUdevice to, CUdevice from, CUcontext contexts[2]) {
    cudaError_t result = device_context(to, &contexts[0]);
    return result != cudaSuccess ? result : device_context(from, &contexts[1]);
}

EXPORT cudaError_t cudaMemcpyPeer(void *dst, int dstDevice, const void *src, int srcDevice, size_t count) {
    CUcontext contexts[2];
    if (!ready()) return last_error();
    cudaError_t result = both_contexts(dstDevice, srcDevice, contexts);
    return done(result != cudaSuccess ? result : driver.cuMemcpyPeer(dst, contexts[0], src, contexts[1], count));
}

EXPORT cudaError_t cudaMemcpyPeerAsync(void *dst, int dstDevice, const void *src, int srcDevice, size_t count,
                                       cudaStream_t stream) {
    CUcontext contexts[2];
    if (!ready()) return last_error();
    cudaError_t result = both_contexts(dstDevice, srcDevice, contexts);
    if (result != cudaSuccess) return done(result);
    return done(driver.cuMemcpyPeerAsync(dst, contexts[0], src, contexts[1], count, stream));
}

// Where a part of a variable lies; it must lie inside.
static cudaError_t part_of(const void *symbol, size_t offset, size_t count, void **address) {
    void *variable;
    size_t bytes;
    cudaError_t result = variable_of(symbol, &variable, &bytes);
    if (result != cudaSuccess) return result;
    if (offset > bytes || count > bytes - offset) return cudaErrorInvalidValue;
    *address = (char *)variable + offset;
    return cudaSuccess;
}

EXPORT cudaError_t cudaMemcpyToSymbol(const void *symbol, const void *src, size_t count, size_t offset, int kind) {
    void *address;
    if (!ready()) return last_error();
    if (kind == cudaMemcpyHostToHost || kind == cudaMemcpyDeviceToHost) return done(cudaErrorInvalidMemcpyDirection);
    cudaError_t result = part_of(symbol, offset, count, &address);
    return done(result != cudaSuccess ? result : copy(address, src, count, kind));
}

EXPORT cudaError_t cudaMemcpyFromSymbol(void *dst, const void *symbol, size_t count, size_t offset, int kind) {
    void *address;
    if (!ready()) return last_error();
    if (kind == cudaMemcpyHostToHost || kind == cudaMemcpyHostToDevice) return done(cudaErrorInvalidMemcpyDirection);
    cudaError_t result = part_of(symbol, offset, count, &address);
    return done(result != cudaSuccess ? result : copy(dst, address, count, kind));
}

EXPORT cudaError_t cudaMemcpyToSymbolAsync(const void *symbol, const void *src, size_t count, size_t offset, int kind,
                                           cudaStream_t stream) {
    void *address;
    if (!ready()) return last_error();
    if (kind == cudaMemcpyHostToHost || kind == cudaMemcpyDeviceToHost) return done(cudaErrorInvalidMemcpyDirection);
    cudaError_t result = part_of(symbol, offset, count, &address);
    return done(result != cudaSuccess ? result : copy_async(address, src, count, kind, stream));
}

EXPORT cudaError_t cudaMemcpyFromSymbolAsync(void *dst, const void *symbol, size_t count, size_t offset, int kind,
                                             cudaStream_t stream) {
    void *address;
    if (!ready()) return last_error();
    if (kind == cudaMemcpyHostToHost || kind == cudaMemcpyHostToDevice) return done(cudaErrorInvalidMemcpyDirection);
    cudaError_t result = part_of(symbol, offset, count, &address);
    return done(result != cudaSuccess ? result : copy_async(dst, address, count, kind, stream));
}

EXPORT cudaError_t cudaGetSymbolAddress(void **devPtr, const void *symbol) {
    size_t bytes;
    if (!ready()) return last_error();
    return done(devPtr ? variable_of(symbol, devPtr, &bytes) : cudaErrorInvalidValue);
}

EXPORT cudaError_t cudaGetSymbolSize(size_t *size, const void *symbol) {
    void *address;
    if (!ready()) return last_error();
    return done(size ? variable_of(symbol, &address, size) : cudaErrorInvalidValue);
}
