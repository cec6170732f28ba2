// module.h: modules, their functions, and what a launch needs of them.
#ifndef SLUICE_SIM_MODULE_H
#define SLUICE_SIM_MODULE_H

#include "driver/context.h"
#include "driver/image.h"
#include "ptx/ptx.h"

enum { FUNCTION_SHARED_MAX = 49152, OLD_PARAMETERS_MAX = 4096 };

struct module {
    struct pooled pooled;
    CUcontext context;
    struct ptx_module *ptx;
    struct function *functions; // by next; guarded by the context's modules_lock
    struct module *next;        // in the context's list
    int of_library;
};

struct function {
    struct pooled pooled;
    struct module *module;
    struct ptx_kernel *kernel;
    const struct length_rule *rule; // of cards.conf, or NULL
    char *name;
    struct ptx_attributes attributes;
    _Atomic int dynamic_shared_max;
    _Atomic int launched;
    int cache_config, carveout;
    struct old_launch *old; // see launch_old.c
    struct function *next;
};

// The state of the functions from before CUDA 4: shape and parameters are set one by one.
struct old_launch {
    unsigned block[3], shared_bytes, parameter_bytes;
    char parameters[OLD_PARAMETERS_MAX];
};

int module_is(const void *handle);
int function_is(const void *handle);
// How many SMs a grid of `blocks` blocks fills, at most all of the card; at least 1.
uint32_t function_sms(const struct function *function, uint64_t blocks, unsigned threads, size_t dynamic_shared);
void modules_release(CUcontext context);
CUresult module_load(CUcontext context, const struct image *image, struct ptx_log *log, CUmodule *module);
// The error that its context is broken by.
CUresult module_unload(CUmodule module);

#endif
