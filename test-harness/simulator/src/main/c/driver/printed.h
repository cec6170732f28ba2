// printed.h: what kernels of a context have printed and nobody has seen yet.
#ifndef SLUICE_SIM_PRINTED_H
#define SLUICE_SIM_PRINTED_H

#include "driver/context.h"

struct printed;

// As ptx_launch.print has it; `context` is a CUcontext. Beyond CU_LIMIT_PRINTF_FIFO_SIZE the oldest text gives way.
void printed_add(void *context, const char *text, size_t length);
// Writes it to standard output: whenever the application waits for the device, launches, or changes modules.
void printed_flush(CUcontext context);
// The same of the calling thread's context, broken or not.
void printed_flush_current(void);
// When the context ends.
void printed_close(CUcontext context);

#endif
