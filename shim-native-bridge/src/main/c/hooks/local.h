// local.h: local memory of kernels, which the driver takes when they are first launched.
#ifndef SLUICE_LOCAL_H
#define SLUICE_LOCAL_H

#include "driver.h"

#include <stdint.h>

// How many functions wait to be launched first. Entries of launches look at it.
extern unsigned sluice_watched __attribute__((visibility("hidden")));

// A launch, while any function is watched: charges what it needs more than its context has. `name` is the call's. Anything but
// CUDA_SUCCESS is the answer to the application.
CUresult sluice_local_launch(const char *name, const void *function);

// Nothing of this module or library is launched any more.
void sluice_local_unloading(const void *owner);

void sluice_local_context_over(uint64_t context);
#endif
