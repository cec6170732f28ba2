// physical.h: memory without an address, for cuMemMap; and what of it other processes hold.
#ifndef SLUICE_SIM_PHYSICAL_H
#define SLUICE_SIM_PHYSICAL_H

#include "cards/shared.h"
#include "driver/context.h"

// The kinds of pieces, see shared.h.
enum { SHARED_PHYSICAL = 1, SHARED_POOL = 2, SHARED_IPC = 3, SHARED_EVENT = 4 };

struct physical {
    struct pooled pooled; // alive while the application holds a handle
    struct device *device;
    CUmemAllocationProp properties;
    uint64_t bytes;
    uint32_t handles, mappings; // under the lock of physical.c; the memory goes with the last of both
    int fd;                     // where its bytes are, from `offset` on
    uint64_t offset;
    struct allocation *blocks;   // of its card's arena, or
    struct shared_memory *shared; // a piece that can leave the process
};

// NULL if it is no handle.
struct physical *physical_of(CUmemGenericAllocationHandle handle);
// One more, or one less, handle or mapping.
void physical_retain(struct physical *physical, uint32_t handles, uint32_t mappings);
void physical_release(struct physical *physical, uint32_t handles, uint32_t mappings);
// The GPU that a piece is of; NULL if this process does not see it.
struct device *device_of_page(const struct shared_page *page);

#endif
