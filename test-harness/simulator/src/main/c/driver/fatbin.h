// fatbin.h: containers of kernel images, as nvcc and fatbinary write them.
#ifndef SLUICE_SIM_FATBIN_H
#define SLUICE_SIM_FATBIN_H

#include "driver/cuda_types.h"
#include "ptx/ptx.h"

// A fatbin, or the wrapper that points to one.
int fatbin_is(const void *data, size_t bytes);
// The PTX for the highest architecture up to `target` (as 80), unpacked; the caller frees it. 209 where there is none that can be used.
CUresult fatbin_text(const void *data, size_t bytes, unsigned target, struct ptx_log *log, char **text, size_t *length);

#endif
