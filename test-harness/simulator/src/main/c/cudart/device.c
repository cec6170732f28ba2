// device.c: versions, flags and neighbours of devices, and what else concerns one as a whole.
#include "cudart/api.h"

enum { MAP_HOST = 0x8, KNOWN_FLAGS = 0xff };

EXPORT cudaError_t cudaRuntimeGetVersion(int *version) {
    if (!version) return done(cudaErrorInvalidValue);
    *version = RUNTIME_VERSION;
    return cudaSuccess;
}

// 0 where there is no driver, which is no error.
EXPORT cudaError_t cudaDriverGetVersion(int *version) {
    if (!version) return done(cudaErrorInvalidValue);
    *version = 0;
    driver_open();
    return driver.cuDriverGetVersion ? done(driver.cuDriverGetVersion(version)) : cudaSuccess;
}

EXPORT cudaError_t cudaSetDeviceFlags(unsigned flags) {
    if (!driver_ready()) return last_error();
    if (flags & ~(unsigned)KNOWN_FLAGS) return done(cudaErrorInvalidValue);
    return done(driver.cuDevicePrimaryCtxSetFlags_v2(device_of_thread(), flags & ~(unsigned)MAP_HOST));
}

EXPORT cudaError_t cudaGetDeviceFlags(unsigned *flags) {
    int active;
    if (!driver_ready()) return last_error();
    if (!flags) return done(cudaErrorInvalidValue);
    cudaError_t result = driver.cuDevicePrimaryCtxGetState(device_of_thread(), flags, &active);
    if (result == cudaSuccess) *flags |= MAP_HOST;
    return done(result);
}

EXPORT cudaError_t cudaDeviceEnablePeerAccess(int peer, unsigned flags) {
    CUcontext context;
    if (!ready()) return last_error();
    cudaError_t result = device_context(peer, &context);
    return done(result != cudaSuccess ? result : driver.cuCtxEnablePeerAccess(context, flags));
}

EXPORT cudaError_t cudaDeviceDisablePeerAccess(int peer) {
    CUcontext context;
    if (!ready()) return last_error();
    cudaError_t result = device_context(peer, &context);
    return done(result != cudaSuccess ? result : driver.cuCtxDisablePeerAccess(context));
}

// The old names of functions about the device, from before there was one for each thread.
EXPORT cudaError_t cudaThreadSynchronize(void) {
    return cudaDeviceSynchronize();
}

EXPORT cudaError_t cudaThreadGetLimit(size_t *value, int limit) {
    return cudaDeviceGetLimit(value, limit);
}

EXPORT cudaError_t cudaThreadSetLimit(int limit, size_t value) {
    return cudaDeviceSetLimit(limit, value);
}

EXPORT cudaError_t cudaThreadGetCacheConfig(int *config) {
    return cudaDeviceGetCacheConfig(config);
}

EXPORT cudaError_t cudaThreadSetCacheConfig(int config) {
    return cudaDeviceSetCacheConfig(config);
}

EXPORT cudaError_t cudaStreamCreate(cudaStream_t *stream) {
    return cudaStreamCreateWithFlags(stream, 0);
}

EXPORT cudaError_t cudaEventCreate(cudaEvent_t *event) {
    return cudaEventCreateWithFlags(event, 0);
}

// How the driver answered by name: the function is NULL where it has none, or none that old.
static cudaError_t entry_point(const char *symbol, void **function, unsigned version, unsigned long long flags, int *status) {
    int found = 0;
    if (!driver_ready()) return last_error();
    if (!symbol || !function) return done(cudaErrorInvalidValue);
    *function = NULL;
    cudaError_t result = driver.cuGetProcAddress_v2(symbol, function, (int)version, flags, &found);
    if (result == cudaErrorSymbolNotFound) result = cudaSuccess;
    if (status) *status = found;
    return done(result);
}

EXPORT cudaError_t cudaGetDriverEntryPoint(const char *symbol, void **function, unsigned long long flags, int *status) {
    return entry_point(symbol, function, RUNTIME_VERSION, flags, status);
}

EXPORT cudaError_t cudaGetDriverEntryPoint_ptsz(const char *symbol, void **function, unsigned long long flags, int *status) {
    enum { PER_THREAD = 2 };
    return entry_point(symbol, function, RUNTIME_VERSION, flags ? flags : PER_THREAD, status);
}

EXPORT cudaError_t cudaGetDriverEntryPointByVersion(const char *symbol, void **function, unsigned version,
                                                    unsigned long long flags, int *status) {
    return entry_point(symbol, function, version, flags, status);
}

// As the driver of the simulated GPU, it has no tables that only NVIDIA's own parts know.
EXPORT cudaError_t cudaGetExportTable(const void **table, const cudaUUID_t *id) {
    if (!table || !id) return done(cudaErrorInvalidValue);
    *table = NULL;
    return done(cudaErrorSymbolNotFound);
}
