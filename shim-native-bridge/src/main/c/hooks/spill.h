// spill.h: linear memory over the limit, where the tenant's file says `on_excess: spill`.
#ifndef SLUICE_SPILL_H
#define SLUICE_SPILL_H

#include "charge.h"

// Managed memory that stays on the host, in place of what sluice_charge_begin answered SLUICE_SPILLS for; denied where the GPU
// cannot have it. *pointer is set where that succeeds. `flags` are cuMemAllocManaged's.
CUresult sluice_spill(const struct sluice_asking *asking, CUdeviceptr *pointer, uint64_t bytes, unsigned flags);

enum { SLUICE_ATTACH_GLOBAL = 1 };

#endif
