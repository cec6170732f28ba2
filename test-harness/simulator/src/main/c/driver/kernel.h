// kernel.h: a kernel of a library. Each context that launches it has a function of its own for it.
#ifndef SLUICE_SIM_KERNEL_H
#define SLUICE_SIM_KERNEL_H

#include "driver/module.h"

struct kernel {
    struct pooled pooled;
    struct library *library;
    char *name;
    struct kernel *next;
};

int kernel_is(const void *handle);
// The function of the current context.
CUresult kernel_function(CUkernel kernel, CUfunction *function);

#endif
