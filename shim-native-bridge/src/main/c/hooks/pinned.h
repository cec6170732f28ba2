// pinned.h: page-locked host memory, which a tenant holds on the node and on no GPU.
#ifndef SLUICE_PINNED_H
#define SLUICE_PINNED_H

#include "driver.h"

#include <stdint.h>

// A request on its way. Filled by sluice_pinned_begin, used up by sluice_pinned_settle.
struct sluice_pinning {
    uint64_t bytes;   // whole pages
    uint64_t context; // that is current
    int governed, charged;
};

// CUDA_SUCCESS: call the driver, then settle. Anything else is the answer to the application.
CUresult sluice_pinned_begin(struct sluice_pinning *pinning, const char *function, uint64_t bytes);

// After the driver's answer, which is returned: what succeeded is charged, what failed is not. Without a limit the charge is made
// here, since nothing could be denied.
CUresult sluice_pinned_settle(struct sluice_pinning *pinning, CUresult result);

#endif
