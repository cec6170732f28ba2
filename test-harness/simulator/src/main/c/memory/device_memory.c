// device_memory.c: see device_memory.h.
#define _GNU_SOURCE
#include "memory/device_memory.h"

#include <stdlib.h>
#include <unistd.h>

#include "cards/shared.h"

#include "cards/faults.h"
#include "base/file_status.h"

// Addresses for the largest card many times over: they cost nothing, and are long unused after a free.
enum { ADDRESSES_PER_BYTE = 4 };
static const uint64_t LOW_BYTES = 512u << 20;

static pthread_mutex_t spare_lock = PTHREAD_MUTEX_INITIALIZER;
static struct allocation *spare_allocations; // by `next`
static struct small_block *spare_blocks;     // by `next`
static _Atomic uint64_t next_id = 1;

struct allocation *allocation_new(void) {
    pthread_mutex_lock(&spare_lock);
    struct allocation *allocation = spare_allocations;
    if (allocation) spare_allocations = allocation->next;
    pthread_mutex_unlock(&spare_lock);
    return allocation ? allocation : calloc(1, sizeof *allocation);
}

void allocation_drop(struct allocation *allocation) {
    pthread_mutex_lock(&spare_lock);
    allocation->next = spare_allocations;
    spare_allocations = allocation;
    pthread_mutex_unlock(&spare_lock);
}

uint64_t allocation_next_id(void) {
    return atomic_fetch_add(&next_id, 1);
}

static struct small_block *new_block(void) {
    pthread_mutex_lock(&spare_lock);
    struct small_block *block = spare_blocks;
    if (block) spare_blocks = block->next;
    pthread_mutex_unlock(&spare_lock);
    return block ? block : calloc(1, sizeof *block);
}

static void drop_block(struct small_block *block) {
    pthread_mutex_lock(&spare_lock);
    block->next = spare_blocks;
    spare_blocks = block;
    pthread_mutex_unlock(&spare_lock);
}

void device_memory_init(struct device_memory *memory, struct card *card) {
    pthread_mutex_init(&memory->lock, NULL);
    memory->card = card;
}

static struct arena *arena_of(struct device_memory *memory, enum memory_kind kind) {
    uint64_t bytes = kind == MEMORY_LOW ? LOW_BYTES : memory->card->description->memory_bytes * ADDRESSES_PER_BYTE;
    if (!memory->arena[kind]) memory->arena[kind] = arena_create(kind, bytes);
    return memory->arena[kind];
}

// Books the capacity, then takes the addresses: the block's number, or -1.
static int64_t take_blocks(struct device_memory *memory, const struct context_memory *list, struct arena *arena, uint32_t count) {
    uint64_t bytes = (uint64_t)count * BLOCK_BYTES;
    if (!list->prepaid && card_take(memory->card, bytes) != 0) return -1;
    int64_t first = arena_take(arena, count);
    if (first < 0 && !list->prepaid) card_give(memory->card, bytes);
    return first;
}

// Blocks that another process still has mapped stay taken: nothing in this process may be written there.
static struct allocation lost;

static void give_blocks(struct device_memory *memory, const struct context_memory *list, struct arena *arena, uint32_t first,
                        uint32_t count, struct shared_memory *shared) {
    if (list->borrowed) {
        arena_fill_table(arena, first, count, 0);
        return;
    }
    if (shared) {
        if (shared_leave(shared)) arena_fill_table(arena, first, count, (uintptr_t)&lost);
        else arena_give(arena, first, count);
        return;
    }
    arena_give(arena, first, count);
    if (!list->prepaid) card_give(memory->card, (uint64_t)count * BLOCK_BYTES);
}

// The first of `units` free units in a row, or -1. Begins where the last search ended.
static int32_t find_units(struct small_block *block, uint32_t units) {
    if (block->free_units < units) return -1;
    uint32_t run = 0, at = block->cursor;
    for (uint32_t seen = 0; seen < UNITS_PER_BLOCK + units; seen++, at++) {
        if (at >= UNITS_PER_BLOCK) {
            at = 0;
            run = 0;
        }
        run = atomic_load_explicit(&block->unit[at], memory_order_relaxed) ? 0 : run + 1;
        if (run == units) return (int32_t)(at - units + 1);
    }
    return -1;
}

static void fill_units(struct small_block *block, uint32_t first, uint32_t units, struct allocation *allocation) {
    for (uint32_t i = 0; i < units; i++) atomic_store_explicit(&block->unit[first + i], allocation, memory_order_release);
}

static struct small_block *add_block(struct device_memory *memory, struct context_memory *list, struct context *owner,
                                     struct arena *arena) {
    struct small_block *block = new_block();
    if (!block) return NULL;
    int64_t number = take_blocks(memory, list, arena, 1);
    if (number < 0) {
        drop_block(block);
        return NULL;
    }
    block->owner = owner;
    block->shared = NULL;
    block->block = (uint32_t)number;
    block->free_units = UNITS_PER_BLOCK;
    block->cursor = 0;
    block->next = list->small[arena->kind];
    list->small[arena->kind] = block;
    arena_fill_table(arena, block->block, 1, (uintptr_t)block + TABLE_SMALL);
    return block;
}

static void begin(struct allocation *allocation, const struct context_memory *list, struct arena *arena,
                  struct context *owner, uint64_t base, uint64_t bytes, uint64_t taken_bytes) {
    allocation->arena = arena;
    allocation->pool = list->pool;
    allocation->source = NULL;
    allocation->shared = NULL;
    atomic_store(&allocation->advice.read_mostly, 0);
    atomic_store(&allocation->advice.accessed_by, 0);
    atomic_store(&allocation->advice.preferred, PLACE_NONE);
    atomic_store(&allocation->advice.prefetched, PLACE_NONE);
    atomic_store(&allocation->leaving, 0);
    atomic_store(&allocation->sync_memops, 0);
    atomic_store(&allocation->devices, list->devices);
    allocation->taken_bytes = taken_bytes;
    allocation->id = allocation_next_id();
    atomic_store(&allocation->owner, owner);
    atomic_store(&allocation->base, base);
    atomic_store(&allocation->bytes, bytes);
}

static int place_small(struct device_memory *memory, struct context_memory *list, struct context *owner,
                       struct arena *arena, uint64_t bytes, struct allocation *allocation) {
    uint32_t units = (uint32_t)((bytes + UNIT_BYTES - 1) / UNIT_BYTES);
    struct small_block *block = list->small[arena->kind];
    int32_t first = -1;
    while (block && (first = find_units(block, units)) < 0) block = block->next;
    if (!block) {
        block = add_block(memory, list, owner, arena);
        if (!block) return -1;
        first = 0;
    }
    block->free_units -= units;
    block->cursor = (uint32_t)first + units;
    uint64_t base = arena->device_base + (uint64_t)block->block * BLOCK_BYTES + (uint64_t)first * UNIT_BYTES;
    begin(allocation, list, arena, owner, base, bytes, (uint64_t)units * UNIT_BYTES);
    fill_units(block, (uint32_t)first, units, allocation);
    return 0;
}

static int place_large(struct device_memory *memory, struct context_memory *list, struct context *owner,
                       struct arena *arena, uint64_t bytes, struct allocation *allocation) {
    uint32_t count = (uint32_t)((bytes + BLOCK_BYTES - 1) / BLOCK_BYTES);
    int64_t first = take_blocks(memory, list, arena, count);
    if (first < 0) return -1;
    uint64_t base = arena->device_base + (uint64_t)first * BLOCK_BYTES;
    begin(allocation, list, arena, owner, base, bytes, (uint64_t)count * BLOCK_BYTES);
    arena_fill_table(arena, (uint32_t)first, count, (uintptr_t)allocation);
    return 0;
}

static void link_in(struct context_memory *list, struct allocation *allocation) {
    allocation->previous = NULL;
    allocation->next = list->first;
    if (list->first) list->first->previous = allocation;
    list->first = allocation;
}

uint64_t device_memory_take(struct device_memory *memory, struct context_memory *list, struct context *owner,
                            enum memory_kind kind, uint64_t bytes) {
    if (bytes > memory->card->description->memory_bytes) return 0;
    if (fault_strikes(FAULT_ALLOCATION, memory->card->description, NULL)) return 0;
    struct allocation *allocation = allocation_new();
    if (!allocation) return 0;
    pthread_mutex_lock(&memory->lock);
    struct arena *arena = list->arena ? list->arena : arena_of(memory, kind);
    int placed = -1;
    if (arena && bytes < BLOCK_BYTES) placed = place_small(memory, list, owner, arena, bytes, allocation);
    else if (arena) placed = place_large(memory, list, owner, arena, bytes, allocation);
    if (placed == 0) link_in(list, allocation);
    pthread_mutex_unlock(&memory->lock);
    if (placed == 0) return atomic_load(&allocation->base);
    allocation_drop(allocation);
    return 0;
}

static struct small_block *adopt_block(struct context_memory *list, struct arena *arena, uint32_t number) {
    struct small_block *block = list->small[arena->kind];
    while (block && block->block != number) block = block->next;
    if (block || atomic_load(&arena->table[number]) || !(block = new_block())) return block;
    *block = (struct small_block){.next = list->small[arena->kind], .block = number, .free_units = UNITS_PER_BLOCK};
    list->small[arena->kind] = block;
    arena_fill_table(arena, number, 1, (uintptr_t)block + TABLE_SMALL);
    return block;
}

static int adopt(struct context_memory *list, struct allocation *allocation, uint64_t offset, uint64_t bytes) {
    struct arena *arena = list->arena;
    uint64_t first = offset / BLOCK_BYTES, base = arena->device_base + offset;
    if (bytes >= BLOCK_BYTES) {
        uint64_t count = (bytes + BLOCK_BYTES - 1) / BLOCK_BYTES;
        for (uint64_t i = 0; i < count; i++)
            if (atomic_load(&arena->table[first + i])) return -1;
        begin(allocation, list, arena, NULL, base, bytes, count * BLOCK_BYTES);
        arena_fill_table(arena, (uint32_t)first, (uint32_t)count, (uintptr_t)allocation);
        return 0;
    }
    uint32_t unit = (uint32_t)(offset % BLOCK_BYTES / UNIT_BYTES), units = (uint32_t)((bytes + UNIT_BYTES - 1) / UNIT_BYTES);
    struct small_block *block = adopt_block(list, arena, (uint32_t)first);
    if (!block) return -1;
    for (uint32_t i = 0; i < units; i++)
        if (atomic_load(&block->unit[unit + i])) return -1;
    begin(allocation, list, arena, NULL, base, bytes, (uint64_t)units * UNIT_BYTES);
    block->free_units -= units;
    fill_units(block, unit, units, allocation);
    return 0;
}

uint64_t device_memory_adopt(struct device_memory *memory, struct context_memory *list, uint64_t offset, uint64_t bytes) {
    uint64_t end = 0;
    struct allocation *allocation = allocation_new();
    if (!allocation) return 0;
    int fits = bytes && offset % UNIT_BYTES == 0 && !__builtin_add_overflow(offset, bytes, &end) && end <= list->arena->bytes
               && (bytes < BLOCK_BYTES ? end <= offset / BLOCK_BYTES * BLOCK_BYTES + BLOCK_BYTES : offset % BLOCK_BYTES == 0);
    pthread_mutex_lock(&memory->lock);
    int adopted = fits ? adopt(list, allocation, offset, bytes) : -1;
    if (adopted == 0) link_in(list, allocation);
    pthread_mutex_unlock(&memory->lock);
    if (adopted == 0) return atomic_load(&allocation->base);
    allocation_drop(allocation);
    return 0;
}

static void give_small(struct device_memory *memory, struct context_memory *list, struct allocation *allocation) {
    struct arena *arena = allocation->arena;
    uint64_t offset = atomic_load(&allocation->base) - arena->device_base;
    struct small_block **link = &list->small[arena->kind];
    while ((*link)->block != offset / BLOCK_BYTES) link = &(*link)->next;
    struct small_block *block = *link;
    uint32_t units = (uint32_t)(allocation->taken_bytes / UNIT_BYTES);
    fill_units(block, (uint32_t)(offset % BLOCK_BYTES / UNIT_BYTES), units, NULL);
    block->free_units += units;
    if (block->free_units < UNITS_PER_BLOCK) return;
    *link = block->next;
    give_blocks(memory, list, arena, block->block, 1, block->shared);
    drop_block(block);
}

static void give(struct device_memory *memory, struct context_memory *list, struct allocation *allocation) {
    if (allocation->previous) allocation->previous->next = allocation->next;
    else list->first = allocation->next;
    if (allocation->next) allocation->next->previous = allocation->previous;

    struct arena *arena = allocation->arena;
    uint64_t offset = atomic_load(&allocation->base) - arena->device_base;
    atomic_store(&allocation->bytes, 0);
    if (allocation->taken_bytes % BLOCK_BYTES == 0 && offset % BLOCK_BYTES == 0
        && atomic_load(&arena->table[offset / BLOCK_BYTES]) == (uintptr_t)allocation)
        give_blocks(memory, list, arena, (uint32_t)(offset / BLOCK_BYTES), (uint32_t)(allocation->taken_bytes / BLOCK_BYTES),
                    allocation->shared);
    else give_small(memory, list, allocation);
    allocation_drop(allocation);
}

void device_memory_give(struct device_memory *memory, struct context_memory *list, struct allocation *allocation) {
    pthread_mutex_lock(&memory->lock);
    give(memory, list, allocation);
    pthread_mutex_unlock(&memory->lock);
}

void device_memory_give_all(struct device_memory *memory, struct context_memory *list) {
    pthread_mutex_lock(&memory->lock);
    while (list->first) give(memory, list, list->first);
    pthread_mutex_unlock(&memory->lock);
}

static struct shared_memory *share_blocks(struct device_memory *memory, const struct arena *arena, uint64_t first,
                                          uint64_t bytes, uint32_t kind) {
    struct stat file;
    if (arena->fd < 0 || file_status_of(arena->fd, &file) != 0) return NULL;
    struct block_place place = {(int32_t)getpid(), arena->fd, file.st_dev, file.st_ino, first * BLOCK_BYTES, bytes};
    return shared_create(memory->card, kind, 0, bytes, &place, sizeof place);
}

struct shared_memory *device_memory_share(struct device_memory *memory, struct context_memory *list,
                                          struct allocation *allocation, uint32_t kind) {
    pthread_mutex_lock(&memory->lock);
    const struct arena *arena = allocation->arena;
    uint64_t number = (atomic_load(&allocation->base) - arena->device_base) / BLOCK_BYTES;
    struct small_block *small = NULL;
    if (atomic_load(&arena->table[number]) & TABLE_SMALL)
        for (small = list->small[arena->kind]; small->block != number;) small = small->next;
    struct shared_memory **shared = small ? &small->shared : &allocation->shared;
    if (!*shared) *shared = share_blocks(memory, arena, number, small ? BLOCK_BYTES : allocation->taken_bytes, kind);
    struct shared_memory *result = *shared;
    pthread_mutex_unlock(&memory->lock);
    return result;
}

void device_memory_open_to(struct device_memory *memory, struct context_memory *list, uint32_t devices) {
    pthread_mutex_lock(&memory->lock);
    list->devices = devices;
    for (struct allocation *allocation = list->first; allocation; allocation = allocation->next)
        atomic_store(&allocation->devices, devices);
    pthread_mutex_unlock(&memory->lock);
}
