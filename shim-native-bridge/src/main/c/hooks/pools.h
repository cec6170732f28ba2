// pools.h: what pools of stream-ordered memory hold (CUDA driver API, "Stream Ordered Memory Allocator").
#ifndef SLUICE_POOLS_H
#define SLUICE_POOLS_H

#include "pointer_map.h"

// An allocation of a pool was freed, whatever function did it: its pool keeps the memory.
void sluice_pool_freed(const struct sluice_allocation *freed);

// Charges what each pool holds now, no more and no less. Costs one load in a process that uses no pools.
void sluice_pools_settle(void);

#endif
