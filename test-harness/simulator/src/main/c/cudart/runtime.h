// runtime.h: what all parts of the stand-in share: the calling thread's device and last error, and the functions that its
// registered images define. Every exported function begins with ready() or driver_ready() and ends with done().
#ifndef SLUICE_CUDART_RUNTIME_H
#define SLUICE_CUDART_RUNTIME_H

#include <stdbool.h>

#include "cudart/driver.h"

// CUDA 12.2, as the simulated driver.
#define RUNTIME_VERSION 12020

#define EXPORT __attribute__((visibility("default")))

// Remembers an error as the calling thread's last one; returns what it was given.
cudaError_t done(cudaError_t result);

// The calling thread's last error.
cudaError_t last_error(void);

// Whether there is a driver; else the last error says why not.
bool driver_ready(void);

// Whether the calling thread has a context: the one that is current, else the primary context of its device, which the first
// call makes. Else the last error says why not.
bool ready(void);

// The primary context of a device, made where there is none yet.
cudaError_t device_context(CUdevice device, CUcontext *context);

CUdevice device_of_thread(void);

// The function in the current context that host code, a cudaKernel_t or nothing stands for; the latter is
// cudaErrorInvalidDeviceFunction.
cudaError_t function_of(const void *symbol, cudaFunction_t *function);

// The kernel's handle, where it comes from a registered image; else NULL.
cudaKernel_t kernel_of(const void *symbol);

// Where a registered variable lies in the current context; cudaErrorInvalidSymbol where it is none.
cudaError_t variable_of(const void *symbol, void **address, size_t *bytes);

// One side of a copy of rows: by kind and direction, or whatever it is.
int memory_type(int kind, bool is_source);

// The driver's shape of a copy between pitched memory or arrays.
cudaError_t copy_3d_shape(const cudaMemcpy3DParms *parms, CUDA_MEMCPY3D *shape);

#endif
