// address.h: what a device address means, for copies and for kernels.
#ifndef SLUICE_SIM_ADDRESS_H
#define SLUICE_SIM_ADDRESS_H

#include "driver/context.h"
#include "ptx/ptx.h"

// How the PTX interpreter reaches a context's memory.
struct ptx_memory address_memory(CUcontext context);
// Whether a kernel of this context may use it.
int address_reaches(CUcontext context, struct allocation *allocation);
// For copies: the host pointer of [address, address + bytes), which may lie in device memory of any context of this process, in
// managed or in page-locked memory; NULL otherwise.
void *address_host(uint64_t address, uint64_t bytes);

#endif
