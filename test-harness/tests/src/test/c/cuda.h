// cuda.h: the driver functions that the test client calls, and how it gets hold of them. Written from the API
// description; nothing here is NVIDIA's header.
#ifndef SLUICE_TEST_CUDA_H
#define SLUICE_TEST_CUDA_H

#include <stddef.h>
#include <stdint.h>

// X(symbol, base, version to ask cuGetProcAddress for, parameters)
#define CUDA_FUNCTIONS(X)                                                                                              \
    X(cuInit, cuInit, 2000, (unsigned flags))                                                                          \
    X(cuDriverGetVersion, cuDriverGetVersion, 2020, (int *version))                                                    \
    X(cuGetErrorName, cuGetErrorName, 6000, (int error, const char **name))                                            \
    X(cuDeviceGetCount, cuDeviceGetCount, 2000, (int *count))                                                          \
    X(cuDeviceGet, cuDeviceGet, 2000, (int *device, int ordinal))                                                      \
    X(cuDeviceGetName, cuDeviceGetName, 2000, (char *name, int length, int device))                                    \
    X(cuDeviceGetUuid_v2, cuDeviceGetUuid, 11040, (unsigned char *uuid, int device))                                   \
    X(cuDeviceGetAttribute, cuDeviceGetAttribute, 2000, (int *value, int attribute, int device))                       \
    X(cuDeviceTotalMem_v2, cuDeviceTotalMem, 3020, (size_t *bytes, int device))                                        \
    X(cuMemGetInfo_v2, cuMemGetInfo, 3020, (size_t *free, size_t *total))                                              \
    X(cuCtxCreate_v2, cuCtxCreate, 3020, (void **context, unsigned flags, int device))                                 \
    X(cuCtxDestroy_v2, cuCtxDestroy, 4000, (void *context))                                                            \
    X(cuCtxSetCurrent, cuCtxSetCurrent, 4000, (void *context))                                                         \
    X(cuCtxGetCurrent, cuCtxGetCurrent, 4000, (void **context))                                                        \
    X(cuCtxGetDevice, cuCtxGetDevice, 2000, (int *device))                                                             \
    X(cuCtxSynchronize, cuCtxSynchronize, 2000, (void))                                                                \
    X(cuDevicePrimaryCtxRetain, cuDevicePrimaryCtxRetain, 7000, (void **context, int device))                          \
    X(cuDevicePrimaryCtxRelease_v2, cuDevicePrimaryCtxRelease, 11000, (int device))                                    \
    X(cuDevicePrimaryCtxReset_v2, cuDevicePrimaryCtxReset, 11000, (int device))                                        \
    X(cuMemAlloc_v2, cuMemAlloc, 3020, (uint64_t *address, size_t bytes))                                              \
    X(cuMemAllocPitch_v2, cuMemAllocPitch, 3020,                                                                       \
      (uint64_t *address, size_t *pitch, size_t width, size_t height, unsigned element))                               \
    X(cuMemAllocManaged, cuMemAllocManaged, 6000, (uint64_t *address, size_t bytes, unsigned flags))                   \
    X(cuMemFree_v2, cuMemFree, 3020, (uint64_t address))                                                               \
    X(cuMemGetAddressRange_v2, cuMemGetAddressRange, 3020, (uint64_t *base, size_t *bytes, uint64_t address))          \
    X(cuMemcpyHtoD_v2, cuMemcpyHtoD, 3020, (uint64_t to, const void *from, size_t bytes))                              \
    X(cuMemcpyDtoH_v2, cuMemcpyDtoH, 3020, (void *to, uint64_t from, size_t bytes))                                    \
    X(cuMemsetD8_v2, cuMemsetD8, 3020, (uint64_t to, unsigned char value, size_t count))                               \
    X(cuModuleLoadData, cuModuleLoadData, 2000, (void **module, const void *image))                                    \
    X(cuModuleGetFunction, cuModuleGetFunction, 2000, (void **function, void *module, const char *name))               \
    X(cuModuleUnload, cuModuleUnload, 2000, (void *module))                                                            \
    X(cuLaunchKernel, cuLaunchKernel, 4000,                                                                            \
      (void *function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared,  \
       void *stream, void **parameters, void **extra))                                                                 \
    X(cuStreamCreate, cuStreamCreate, 2000, (void **stream, unsigned flags))                                           \
    X(cuStreamSynchronize, cuStreamSynchronize, 2000, (void *stream))                                                  \
    X(cuStreamDestroy_v2, cuStreamDestroy, 4000, (void *stream))                                                       \
    X(cuEventCreate, cuEventCreate, 2000, (void **event, unsigned flags))                                              \
    X(cuEventRecord, cuEventRecord, 2000, (void *event, void *stream))                                                 \
    X(cuEventSynchronize, cuEventSynchronize, 2000, (void *event))                                                     \
    X(cuEventElapsedTime, cuEventElapsedTime, 2000, (float *milliseconds, void *start, void *end))                     \
    X(cuEventDestroy_v2, cuEventDestroy, 4000, (void *event))

#define CUDA_FIELD(symbol, base, version, parameters) int(*symbol) parameters;
struct cuda {
    CUDA_FUNCTIONS(CUDA_FIELD)
};
extern struct cuda cuda;

// Fills `cuda` in the named way: linked, soname, name, path, proc1, proc2, proc-self. `path` is the driver's file for
// the way `path`. Returns 0, or -1 with a line on stderr.
int cuda_reach(const char *way, const char *path);

// One more function in the same way; NULL if there is none. `version` counts where cuGetProcAddress is the way.
void *cuda_symbol(const char *symbol, const char *base, int version);

// cuGetProcAddress_v2 itself, in the same way.
int cuda_proc_address(const char *base, int version, uint64_t flags, void **function, int *status);

#endif
