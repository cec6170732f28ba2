// device_memory.h: allocations of one card in this process. The card's capacity is booked in 2 MiB blocks; what is smaller
// shares blocks with other small allocations of its context, in units of 512 bytes.
#ifndef SLUICE_SIM_DEVICE_MEMORY_H
#define SLUICE_SIM_DEVICE_MEMORY_H

#include "cards/card_state.h"
#include "memory/arena.h"

// All memory of one context. The lock of its card's memory guards everything in it.
struct context_memory {
    struct allocation *first;
    struct small_block *small[MEMORY_KINDS];
};

struct device_memory {
    pthread_mutex_t lock;
    struct card *card;
    struct arena *arena[MEMORY_KINDS]; // reserved at first need
};

void device_memory_init(struct device_memory *memory, struct card *card);
// The device address, or 0 when the card is full.
uint64_t device_memory_take(struct device_memory *memory, struct context_memory *list, struct context *owner,
                            enum memory_kind kind, uint64_t bytes);
void device_memory_give(struct device_memory *memory, struct context_memory *list, struct allocation *allocation);
void device_memory_give_all(struct device_memory *memory, struct context_memory *list);

#endif
