// state.c: the calling thread's device and last error. Contexts are the driver's own: each device's primary context, retained
// once for the whole process, so that runtime and driver API share everything.
#include <pthread.h>

#include "cudart/runtime.h"

enum { DEVICES_MAX = 64 };

static __thread cudaError_t last;
static __thread CUdevice chosen; // by cudaSetDevice

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static CUcontext primary[DEVICES_MAX]; // as this library retained it; guarded by lock

cudaError_t done(cudaError_t result) {
    if (result != cudaSuccess) last = result;
    return result;
}

cudaError_t last_error(void) {
    return last;
}

bool driver_ready(void) {
    return done(driver_open()) == cudaSuccess;
}

static bool is_active(CUdevice device) {
    unsigned flags;
    int active;
    return driver.cuDevicePrimaryCtxGetState(device, &flags, &active) == cudaSuccess && active;
}

// The primary context is retained anew where somebody reset it by the driver API.
cudaError_t device_context(CUdevice device, CUcontext *context) {
    if (device < 0 || device >= DEVICES_MAX) return cudaErrorInvalidDevice;
    cudaError_t result = cudaSuccess;
    pthread_mutex_lock(&lock);
    if (!primary[device] || !is_active(device)) result = driver.cuDevicePrimaryCtxRetain(&primary[device], device);
    if (result == cudaSuccess) *context = primary[device];
    else primary[device] = NULL;
    pthread_mutex_unlock(&lock);
    return result;
}

static cudaError_t make_current(CUdevice device) {
    CUcontext context;
    cudaError_t result = device_context(device, &context);
    return result != cudaSuccess ? result : driver.cuCtxSetCurrent(context);
}

// The device of the current context. One that was reset or destroyed is current still, but is none any more; one that a kernel
// broke is one, and tells of it.
static bool current_device(CUdevice *device) {
    CUcontext context = NULL;
    if (driver.cuCtxGetCurrent(&context) != cudaSuccess || !context) return false;
    cudaError_t result = driver.cuCtxGetDevice(device);
    return result != cudaErrorContextIsDestroyed && result != cudaErrorDeviceUninitialized;
}

bool ready(void) {
    CUdevice device;
    if (!driver_ready()) return false;
    return current_device(&device) || done(make_current(chosen)) == cudaSuccess;
}

CUdevice device_of_thread(void) {
    CUdevice device = chosen;
    return current_device(&device) ? device : chosen;
}

EXPORT cudaError_t cudaGetLastError(void) {
    cudaError_t result = last;
    last = cudaSuccess;
    return result;
}

EXPORT cudaError_t cudaPeekAtLastError(void) {
    return last;
}

EXPORT cudaError_t cudaSetDevice(int device) {
    int count = 0;
    if (!driver_ready()) return last;
    cudaError_t result = driver.cuDeviceGetCount(&count);
    if (result != cudaSuccess) return done(result);
    if (device < 0 || device >= count) return done(cudaErrorInvalidDevice);
    chosen = device;
    return done(make_current(device));
}

EXPORT cudaError_t cudaInitDevice(int device, unsigned deviceFlags, unsigned flags) {
    int count = 0;
    CUcontext context;
    if (!driver_ready()) return last;
    cudaError_t result = driver.cuDeviceGetCount(&count);
    if (result != cudaSuccess) return done(result);
    if (device < 0 || device >= count) return done(cudaErrorInvalidDevice);
    if (flags & 1) result = driver.cuDevicePrimaryCtxSetFlags_v2(device, deviceFlags); // cudaInitDeviceFlagsAreValid
    return done(result != cudaSuccess ? result : device_context(device, &context));
}

EXPORT cudaError_t cudaGetDevice(int *device) {
    if (!driver_ready()) return last;
    if (!device) return done(cudaErrorInvalidValue);
    *device = device_of_thread();
    return cudaSuccess;
}

EXPORT cudaError_t cudaGetDeviceCount(int *count) {
    if (!count) return done(cudaErrorInvalidValue);
    *count = 0;
    return driver_ready() ? done(driver.cuDeviceGetCount(count)) : last;
}

// All that the process has on the device is gone, whichever thread asks; the next call begins anew.
EXPORT cudaError_t cudaDeviceReset(void) {
    if (!driver_ready()) return last;
    CUdevice device = device_of_thread();
    cudaError_t result = driver.cuDevicePrimaryCtxReset_v2(device);
    pthread_mutex_lock(&lock);
    if (primary[device]) driver.cuDevicePrimaryCtxRelease_v2(device);
    primary[device] = NULL;
    pthread_mutex_unlock(&lock);
    return done(result);
}

EXPORT cudaError_t cudaThreadExit(void) {
    return cudaDeviceReset();
}
