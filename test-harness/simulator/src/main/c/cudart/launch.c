// launch.c: starts kernels. <<<>>> is a push of the configuration, a call of the kernel's host stub, which pops it, and
// cudaLaunchKernel.
#include "cudart/api.h"

struct configuration {
    dim3 grid, block;
    size_t shared;
    cudaStream_t stream;
};

enum { NESTED = 16 };

static __thread struct configuration pushed[NESTED];
static __thread int depth;

EXPORT unsigned __cudaPushCallConfiguration(dim3 gridDim, dim3 blockDim, size_t sharedMem, cudaStream_t stream) {
    if (depth == NESTED) return (unsigned)done(cudaErrorMissingConfiguration);
    pushed[depth++] = (struct configuration){gridDim, blockDim, sharedMem, stream};
    return 0;
}

EXPORT cudaError_t __cudaPopCallConfiguration(dim3 *gridDim, dim3 *blockDim, size_t *sharedMem, void *stream) {
    if (depth == 0) return done(cudaErrorMissingConfiguration);
    struct configuration top = pushed[--depth];
    *gridDim = top.grid;
    *blockDim = top.block;
    *sharedMem = top.shared;
    *(cudaStream_t *)stream = top.stream;
    return cudaSuccess;
}

static bool is_over(unsigned wanted, int attribute, CUdevice device) {
    int most;
    return driver.cuDeviceGetAttribute(&most, attribute, device) == cudaSuccess && wanted > (unsigned)most;
}

// A shape that no launch on this device can have is an invalid value to the driver, and an error of its own here.
static cudaError_t explain(cudaError_t result, dim3 grid, dim3 block) {
    enum { MAX_THREADS = 1, MAX_BLOCK_X, MAX_BLOCK_Y, MAX_BLOCK_Z, MAX_GRID_X, MAX_GRID_Y, MAX_GRID_Z };
    if (result != cudaErrorInvalidValue) return result;
    CUdevice device = device_of_thread();
    bool nothing = !grid.x || !grid.y || !grid.z || !block.x || !block.y || !block.z;
    bool too_large = is_over(block.x, MAX_BLOCK_X, device) || is_over(block.y, MAX_BLOCK_Y, device)
                     || is_over(block.z, MAX_BLOCK_Z, device) || is_over(grid.x, MAX_GRID_X, device)
                     || is_over(grid.y, MAX_GRID_Y, device) || is_over(grid.z, MAX_GRID_Z, device)
                     || is_over(block.x * block.y * block.z, MAX_THREADS, device);
    return nothing || too_large ? cudaErrorInvalidConfiguration : result;
}

static cudaError_t prepare(const void *func, size_t shared, cudaFunction_t *function) {
    cudaError_t result = function_of(func, function);
    return result == cudaSuccess && shared > UINT32_MAX ? cudaErrorInvalidValue : result;
}

EXPORT cudaError_t cudaLaunchKernel(const void *func, dim3 grid, dim3 block, void **args, size_t shared,
                                    cudaStream_t stream) {
    cudaFunction_t function;
    if (!ready()) return last_error();
    cudaError_t result = prepare(func, shared, &function);
    if (result != cudaSuccess) return done(result);
    result = driver.cuLaunchKernel(function, grid.x, grid.y, grid.z, block.x, block.y, block.z, (unsigned)shared, stream,
                                   args, NULL);
    return done(explain(result, grid, block));
}

EXPORT cudaError_t cudaLaunchCooperativeKernel(const void *func, dim3 grid, dim3 block, void **args, size_t shared,
                                               cudaStream_t stream) {
    cudaFunction_t function;
    if (!ready()) return last_error();
    cudaError_t result = prepare(func, shared, &function);
    if (result != cudaSuccess) return done(result);
    result = driver.cuLaunchCooperativeKernel(function, grid.x, grid.y, grid.z, block.x, block.y, block.z, (unsigned)shared,
                                              stream, args);
    return done(explain(result, grid, block));
}

EXPORT cudaError_t cudaLaunchKernelExC(const cudaLaunchConfig_t *config, const void *func, void **args) {
    cudaFunction_t function;
    if (!ready()) return last_error();
    if (!config) return done(cudaErrorInvalidValue);
    cudaError_t result = prepare(func, config->dynamicSmemBytes, &function);
    if (result != cudaSuccess) return done(result);
    CUlaunchConfig shape = {config->gridDim, config->blockDim, (unsigned)config->dynamicSmemBytes, config->stream,
                            config->attrs, config->numAttrs};
    return done(explain(driver.cuLaunchKernelEx(&shape, function, args, NULL), config->gridDim, config->blockDim));
}
