// launch.h: one kernel launch, however it was asked for.
#ifndef SLUICE_SIM_LAUNCH_H
#define SLUICE_SIM_LAUNCH_H

#include "driver/module.h"

struct launch_shape {
    unsigned grid[3], block[3], shared_bytes;
    int cooperative; // its blocks are all there at once
};

// `parameters` is packed as the kernel declares them and is copied.
CUresult launch_packed(CUcontext context, CUfunction function, const struct launch_shape *shape, CUstream stream,
                       const void *parameters, size_t parameter_bytes);

#endif
