// jit.h: the log buffers among the JIT options.
#ifndef SLUICE_SIM_JIT_H
#define SLUICE_SIM_JIT_H

#include "driver/cuda_types.h"
#include "ptx/ptx.h"

struct jit_log {
    struct ptx_log ptx;
    char own[512]; // where the application gave no error buffer
};

void jit_log_open(struct jit_log *log, unsigned count, const CUjit_option *options, void *const *values);
// Writes back how many bytes of each buffer were filled.
void jit_log_close(struct jit_log *log, unsigned count, const CUjit_option *options, void **values);

#endif
