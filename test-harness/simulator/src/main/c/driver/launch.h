// launch.h: one kernel launch, however it was asked for.
#ifndef SLUICE_SIM_LAUNCH_H
#define SLUICE_SIM_LAUNCH_H

#include "driver/module.h"

struct launch_shape {
    unsigned grid[3], block[3], shared_bytes;
    int cooperative; // its blocks are all there at once
};

// `parameters` is packed as the kernel declares them.
struct kernel_call {
    CUfunction function;
    struct launch_shape shape;
    const void *parameters;
    size_t parameter_bytes;
    int priority;
};

// One attribute of a launch: 1 for an unknown one, 801 for one that this GPU lacks.
CUresult kernel_attribute_set(struct kernel_call *call, int id, const CUlaunchAttributeValue *value);
CUresult kernel_attribute_get(const struct kernel_call *call, int id, CUlaunchAttributeValue *value);

// Whether the kernel can be launched so.
CUresult kernel_check(const struct kernel_call *call);
// Copies the parameters; NULL without memory.
struct operation *kernel_operation(const struct kernel_call *call);
// Packs parameters in either of the forms that a launch takes them into `packed`, ptx_parameter_bytes() long.
CUresult kernel_pack(CUfunction function, void **parameters, void **extra, void *packed);

// `parameters` is packed as the kernel declares them and is copied.
CUresult launch_packed(CUcontext context, CUfunction function, const struct launch_shape *shape, CUstream stream,
                       const void *parameters, size_t parameter_bytes);

#endif
