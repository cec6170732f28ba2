// arena.h: device addresses. An arena is a stretch of addresses cut into 2 MiB blocks, and the host memory behind it.
//
// Device memory lies elsewhere than its addresses say: those are reserved and never accessible, so that a host that follows
// a device pointer dies as it would with a real GPU. Managed memory is the exception, where both are one.
//
// table[block] says what a block holds: nothing, one large allocation, or small ones side by side (tagged, see `small_block`).
// It is read without a lock, by every memory access of a kernel; descriptors are therefore never given back to malloc.
#ifndef SLUICE_SIM_ARENA_H
#define SLUICE_SIM_ARENA_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

enum { BLOCK_BYTES = 2 << 20, UNIT_BYTES = 512, UNITS_PER_BLOCK = BLOCK_BYTES / UNIT_BYTES };

enum memory_kind {
    MEMORY_DEVICE,
    MEMORY_MANAGED, // the host may use its address
    MEMORY_LOW,     // its address fits 32 bits, for the functions from before CUDA 3.2
    MEMORY_MAPPED,  // addresses only: what lies behind them is mapped there piece by piece
    MEMORY_KINDS
};

struct context;
struct memory_pool;
struct shared_memory;

// What the application said of managed memory. Places are GPUs, PLACE_HOST or PLACE_NONE.
enum { PLACE_HOST = -1, PLACE_NONE = -2 };
struct managed_advice {
    _Atomic int read_mostly, preferred, prefetched;
    _Atomic uint32_t accessed_by; // a bit for each GPU, the highest one for the host
};

struct allocation {
    _Atomic uint64_t base, bytes; // as requested; bytes is 0 while free
    struct context *_Atomic owner;
    _Atomic uint32_t devices; // a bit for each GPU all of whose contexts reach it, beside the owner
    struct arena *arena;
    struct memory_pool *pool; // of stream-ordered memory
    void *source;             // of mapped memory: who mapped it, and what
    struct shared_memory *shared; // the blocks that it takes, where other processes may map them
    _Atomic int leaving;      // somebody is freeing it
    _Atomic int sync_memops;  // what the application set for it
    uint64_t id;
    uint64_t taken_bytes; // a multiple of UNIT_BYTES (small) or BLOCK_BYTES (large)
    struct allocation *next, *previous; // in the owner's list
    struct managed_advice advice;
};

struct small_block {
    struct small_block *next;
    struct context *owner;
    struct shared_memory *shared; // as in struct allocation
    uint32_t block, free_units, cursor;
    struct allocation *_Atomic unit[UNITS_PER_BLOCK];
};

struct arena {
    enum memory_kind kind;
    uint64_t device_base, bytes;
    char *store;
    int fd; // the file behind the store, which other processes may map; -1 for none
    _Atomic uintptr_t *table;
    uint32_t blocks, cursor;
    struct arena *_Atomic next; // in the list of all arenas of the process
    struct arena *spare;        // in the list of those without a file
};

// Bit 0 of a table entry.
enum { TABLE_SMALL = 1 };

struct arena *arena_create(enum memory_kind kind, uint64_t bytes);
// On a file that the caller has opened, and that the arena closes.
struct arena *arena_create_on(int fd, uint64_t bytes);
// Lets go of that file. Nothing is taken any more; the addresses serve the next one.
void arena_detach(struct arena *arena);
// The first of `count` blocks in a row, readable and writable, or -1. The caller holds the memory lock.
int64_t arena_take(struct arena *arena, uint32_t count);
void arena_give(struct arena *arena, uint32_t first, uint32_t count);
void arena_fill_table(struct arena *arena, uint32_t first, uint32_t count, uintptr_t entry);

// The allocation that holds this address, or NULL. Lock-free.
struct allocation *arena_find(uint64_t address);

// Whether the caller is the one that may free it.
static inline int allocation_claim(struct allocation *allocation) {
    return atomic_exchange(&allocation->leaving, 1) == 0;
}

static inline char *allocation_host(const struct allocation *allocation, uint64_t address) {
    return allocation->arena->store + (address - allocation->arena->device_base);
}

#endif
