// set.c: fills.
#include "cudart/api.h"

EXPORT cudaError_t cudaMemset(void *devPtr, int value, size_t count) {
    return ready() ? done(driver.cuMemsetD8_v2(devPtr, (unsigned char)value, count)) : last_error();
}

EXPORT cudaError_t cudaMemsetAsync(void *devPtr, int value, size_t count, cudaStream_t stream) {
    return ready() ? done(driver.cuMemsetD8Async(devPtr, (unsigned char)value, count, stream)) : last_error();
}

EXPORT cudaError_t cudaMemset2D(void *devPtr, size_t pitch, int value, size_t width, size_t height) {
    return ready() ? done(driver.cuMemsetD2D8_v2(devPtr, pitch, (unsigned char)value, width, height)) : last_error();
}

EXPORT cudaError_t cudaMemset2DAsync(void *devPtr, size_t pitch, int value, size_t width, size_t height,
                                     cudaStream_t stream) {
    if (!ready()) return last_error();
    return done(driver.cuMemsetD2D8Async(devPtr, pitch, (unsigned char)value, width, height, stream));
}

// A slice at a time: between slices there may be rows that are not to be filled.
EXPORT cudaError_t cudaMemset3DAsync(cudaPitchedPtr pitched, int value, cudaExtent extent, cudaStream_t stream) {
    if (!ready()) return last_error();
    cudaError_t result = cudaSuccess;
    for (size_t z = 0; result == cudaSuccess && z < extent.depth && extent.width && extent.height; z++) {
        char *slice = (char *)pitched.ptr + z * pitched.pitch * pitched.ysize;
        result = driver.cuMemsetD2D8Async(slice, pitched.pitch, (unsigned char)value, extent.width, extent.height, stream);
    }
    return done(result);
}

EXPORT cudaError_t cudaMemset3D(cudaPitchedPtr pitched, int value, cudaExtent extent) {
    return cudaMemset3DAsync(pitched, value, extent, NULL);
}
