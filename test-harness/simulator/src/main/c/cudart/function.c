// function.c: what is known of kernels, and how many fit.
#include "cudart/runtime.h"

enum { COUNT = 16 };

EXPORT cudaError_t cudaFuncGetAttributes(cudaFuncAttributes *attr, const void *func) {
    cudaFunction_t function;
    int of[COUNT] = {0};
    if (!ready()) return last_error();
    if (!attr) return done(cudaErrorInvalidValue);
    cudaError_t result = function_of(func, &function);
    if (result != cudaSuccess) return done(result);
    for (int i = 0; i < COUNT; i++)
        if (driver.cuFuncGetAttribute(&of[i], i, function) != cudaSuccess) of[i] = 0; // an older driver's list is shorter
    *attr = (cudaFuncAttributes){(size_t)of[1], (size_t)of[2], (size_t)of[3], of[0], of[4], of[5], of[6], of[7], of[8],
                                 of[9], of[10], of[11], of[12], of[13], of[15], of[14], {0}};
    return cudaSuccess;
}

EXPORT cudaError_t cudaFuncSetAttribute(const void *func, int attr, int value) {
    cudaFunction_t function;
    if (!ready()) return last_error();
    cudaError_t result = function_of(func, &function);
    return done(result != cudaSuccess ? result : driver.cuFuncSetAttribute(function, attr, value));
}

EXPORT cudaError_t cudaFuncSetCacheConfig(const void *func, int config) {
    cudaFunction_t function;
    if (!ready()) return last_error();
    cudaError_t result = function_of(func, &function);
    return done(result != cudaSuccess ? result : driver.cuFuncSetCacheConfig(function, config));
}

EXPORT cudaError_t cudaFuncSetSharedMemConfig(const void *func, int config) {
    cudaFunction_t function;
    if (!ready()) return last_error();
    cudaError_t result = function_of(func, &function);
    return done(result != cudaSuccess ? result : driver.cuFuncSetSharedMemConfig(function, config));
}

EXPORT cudaError_t cudaFuncGetName(const char **name, const void *func) {
    cudaFunction_t function;
    if (!ready()) return last_error();
    cudaError_t result = function_of(func, &function);
    return done(result != cudaSuccess ? result : driver.cuFuncGetName(name, function));
}

EXPORT cudaError_t cudaFuncGetParamInfo(const void *func, size_t index, size_t *offset, size_t *size) {
    cudaFunction_t function;
    if (!ready()) return last_error();
    cudaError_t result = function_of(func, &function);
    return done(result != cudaSuccess ? result : driver.cuFuncGetParamInfo(function, index, offset, size));
}

EXPORT cudaError_t cudaGetFuncBySymbol(cudaFunction_t *function, const void *symbol) {
    if (!ready()) return last_error();
    return done(function ? function_of(symbol, function) : cudaErrorInvalidValue);
}

EXPORT cudaError_t cudaGetKernel(cudaKernel_t *kernel, const void *entry) {
    if (!ready()) return last_error();
    if (!kernel) return done(cudaErrorInvalidValue);
    *kernel = kernel_of(entry);
    return *kernel ? cudaSuccess : done(cudaErrorInvalidDeviceFunction);
}

EXPORT cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int *blocks, const void *func, int blockSize,
                                                                         size_t shared, unsigned flags) {
    cudaFunction_t function;
    if (!ready()) return last_error();
    cudaError_t result = function_of(func, &function);
    if (result != cudaSuccess) return done(result);
    return done(driver.cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(blocks, function, blockSize, shared, flags));
}

EXPORT cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, const void *func, int blockSize,
                                                                size_t shared) {
    return cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(blocks, func, blockSize, shared, 0);
}

EXPORT cudaError_t cudaOccupancyAvailableDynamicSMemPerBlock(size_t *bytes, const void *func, int blocks, int blockSize) {
    cudaFunction_t function;
    if (!ready()) return last_error();
    cudaError_t result = function_of(func, &function);
    if (result != cudaSuccess) return done(result);
    return done(driver.cuOccupancyAvailableDynamicSMemPerBlock(bytes, function, blocks, blockSize));
}

static CUlaunchConfig shape_of(const cudaLaunchConfig_t *config) {
    return (CUlaunchConfig){config->gridDim, config->blockDim, (unsigned)config->dynamicSmemBytes, config->stream,
                            config->attrs, config->numAttrs};
}

EXPORT cudaError_t cudaOccupancyMaxPotentialClusterSize(int *size, const void *func, const cudaLaunchConfig_t *config) {
    cudaFunction_t function;
    if (!ready()) return last_error();
    if (!config) return done(cudaErrorInvalidValue);
    CUlaunchConfig shape = shape_of(config);
    cudaError_t result = function_of(func, &function);
    return done(result != cudaSuccess ? result : driver.cuOccupancyMaxPotentialClusterSize(size, function, &shape));
}

EXPORT cudaError_t cudaOccupancyMaxActiveClusters(int *clusters, const void *func, const cudaLaunchConfig_t *config) {
    cudaFunction_t function;
    if (!ready()) return last_error();
    if (!config) return done(cudaErrorInvalidValue);
    CUlaunchConfig shape = shape_of(config);
    cudaError_t result = function_of(func, &function);
    return done(result != cudaSuccess ? result : driver.cuOccupancyMaxActiveClusters(clusters, function, &shape));
}
