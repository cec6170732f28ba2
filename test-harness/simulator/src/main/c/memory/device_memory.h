// device_memory.h: allocations of one card in this process. The card's capacity is booked in 2 MiB blocks; what is smaller
// shares blocks with other small allocations of its context, in units of 512 bytes.
#ifndef SLUICE_SIM_DEVICE_MEMORY_H
#define SLUICE_SIM_DEVICE_MEMORY_H

#include "cards/card_state.h"
#include "memory/arena.h"

// All memory of one context, or of one pool. The lock of its card's memory guards everything in it.
struct context_memory {
    struct allocation *first;
    struct small_block *small[MEMORY_KINDS];
    // Of a pool, which books the capacity itself:
    int prepaid;
    struct arena *arena; // where its memory lies; NULL for where its card's does
    struct memory_pool *pool;
    uint32_t devices;    // see struct allocation
    int borrowed;        // its bytes are another process': they are not wiped when they are given
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
// The same bytes in the list's own arena as another process has at this offset of the file behind it. 0 if they are taken.
uint64_t device_memory_adopt(struct device_memory *memory, struct context_memory *list, uint64_t offset, uint64_t bytes);
void device_memory_give(struct device_memory *memory, struct context_memory *list, struct allocation *allocation);
void device_memory_give_all(struct device_memory *memory, struct context_memory *list);
// Where the blocks of an allocation are, for other processes: descriptor `fd` of process `pid`, which is this file.
struct block_place {
    int32_t pid, fd;
    uint64_t device, inode, offset, bytes;
};
// Books the allocation's blocks as memory that others may hold from now on: the same piece each time, or NULL.
struct shared_memory *device_memory_share(struct device_memory *memory, struct context_memory *list,
                                          struct allocation *allocation, uint32_t kind);
// Descriptors for what is not taken from a card's arena; they live for ever, for arena_find reads them without a lock.
struct allocation *allocation_new(void);
void allocation_drop(struct allocation *allocation);
uint64_t allocation_next_id(void);
// All of the list's memory from now on is reached by these GPUs' contexts.
void device_memory_open_to(struct device_memory *memory, struct context_memory *list, uint32_t devices);

#endif
