// pointer_map.h: what this process was charged for: pointer → size, row, kind and context. O(1) however many are live.
#ifndef SLUICE_POINTER_MAP_H
#define SLUICE_POINTER_MAP_H

#include <stdint.h>

// 24 bytes, since with many allocations a lookup costs as many cache lines as it touches.
struct sluice_allocation {
    uint64_t pointer;    // never 0
    uint64_t context;    // the CUcontext that holds it
    uint64_t bytes : 48; // as charged: below 256 TiB
    uint64_t row : 8;
    uint64_t kind : 8; // enum sluice_kind
};

// In one word, where single bit-fields would be written one by one and then waited for.
static inline struct sluice_allocation sluice_allocation_of(uint64_t pointer, uint64_t context, uint64_t bytes, unsigned row, unsigned kind) {
    struct sluice_allocation allocation = {.pointer = pointer, .context = context};
    uint64_t rest = (bytes & 0xffffffffffff) | (uint64_t)row << 48 | (uint64_t)kind << 56;
    __builtin_memcpy((char *)&allocation + 16, &rest, sizeof rest);
    return allocation;
}

// All functions may be called from any thread. Returns 0, or -1 when there is no memory for the entry.
int sluice_pointer_map_put(const struct sluice_allocation *allocation);

// Takes the entry out into *allocation. Returns 0, and sets its pointer to 0, where the pointer is not known.
int sluice_pointer_map_take(uint64_t pointer, struct sluice_allocation *allocation);

// Takes out entries of one context, at most `most`. Returns how many; 0 when none is left.
unsigned sluice_pointer_map_take_of_context(uint64_t context, struct sluice_allocation *allocations, unsigned most);

// Forgets everything, in a forked child: what it inherited is its parent's.
void sluice_pointer_map_reset_after_fork(void);

#endif
