// jit.h: the JIT options that mean something here: the log buffers and the time it took.
#ifndef SLUICE_SIM_JIT_H
#define SLUICE_SIM_JIT_H

#include "driver/cuda_types.h"
#include "ptx/ptx.h"

struct jit_log {
    struct ptx_log ptx;
    uint64_t began_ns;
    char own[512]; // where the application gave no error buffer
};

// CUDA_ERROR_INVALID_VALUE where an option is none.
CUresult jit_check(unsigned count, const CUjit_option *options, void *const *values);
void jit_log_open(struct jit_log *log, unsigned count, const CUjit_option *options, void *const *values);
// Writes back how many bytes of each buffer were filled, and the time.
void jit_log_close(struct jit_log *log, unsigned count, const CUjit_option *options, void **values);

#endif
