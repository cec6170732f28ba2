// mapped.c: see mapped.h.
#define _GNU_SOURCE
#include "memory/mapped.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "memory/device_memory.h"

struct reservation {
    struct reservation *next;
    uint32_t first, count; // blocks
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; // guards the arena's table, and what follows
static struct arena *arena;
static struct reservation *reservations;
static struct allocation reserved; // stands in the table for an address with nothing behind it: its length is 0

// As many addresses as can be had: kernels and processors differ.
static int open_arena(void) {
    for (uint64_t bytes = UINT64_C(1) << 42; !arena && bytes >= UINT64_C(1) << 36; bytes >>= 3)
        arena = arena_create(MEMORY_MAPPED, bytes);
    return arena ? 0 : -1;
}

static uint64_t address_of(uint64_t block) {
    return arena->device_base + block * BLOCK_BYTES;
}

static uintptr_t entry_at(uint64_t block) {
    return atomic_load_explicit(&arena->table[block], memory_order_relaxed);
}

static int is_free(uint64_t first, uint64_t count) {
    if (first > arena->blocks || count > arena->blocks - first) return 0;
    for (uint64_t i = 0; i < count; i++)
        if (entry_at(first + i)) return 0;
    return 1;
}

// The first free run at or behind `from`, or -1.
static int64_t search(uint64_t from, uint64_t count, uint64_t alignment) {
    uint64_t address = (address_of(from) + alignment - 1) / alignment * alignment;
    uint64_t step = alignment / BLOCK_BYTES;
    for (uint64_t at = (address - arena->device_base) / BLOCK_BYTES; at + count <= arena->blocks; at += step)
        if (is_free(at, count)) return (int64_t)at;
    return -1;
}

static int64_t choose(uint64_t count, uint64_t alignment, uint64_t wish) {
    uint64_t wished = (wish - arena->device_base) / BLOCK_BYTES;
    if (wish >= arena->device_base && wish % alignment == 0 && is_free(wished, count)) return (int64_t)wished;
    int64_t first = search(arena->cursor, count, alignment); // round robin: what was freed stays unused for long
    return first >= 0 ? first : search(0, count, alignment);
}

static uint64_t reserve(uint64_t bytes, uint64_t alignment, uint64_t wish) {
    uint64_t count = bytes / BLOCK_BYTES;
    if ((!arena && open_arena() != 0) || count > arena->blocks) return 0;
    struct reservation *fresh = malloc(sizeof *fresh);
    int64_t first = fresh ? choose(count, alignment, wish) : -1;
    if (first < 0) {
        free(fresh);
        return 0;
    }
    *fresh = (struct reservation){reservations, (uint32_t)first, (uint32_t)count};
    reservations = fresh;
    arena_fill_table(arena, (uint32_t)first, (uint32_t)count, (uintptr_t)&reserved);
    arena->cursor = (uint32_t)((uint64_t)first + count < arena->blocks ? (uint64_t)first + count : 0);
    return address_of((uint64_t)first);
}

uint64_t mapped_reserve(uint64_t bytes, uint64_t alignment, uint64_t wish) {
    pthread_mutex_lock(&lock);
    uint64_t address = reserve(bytes, alignment, wish);
    pthread_mutex_unlock(&lock);
    return address;
}

// Whether all of it holds this entry.
static int holds_only(uint64_t first, uint64_t count, uintptr_t entry) {
    for (uint64_t i = 0; i < count; i++)
        if (entry_at(first + i) != entry) return 0;
    return 1;
}

enum mapped_result mapped_release(uint64_t address, uint64_t bytes) {
    enum mapped_result result = MAPPED_BAD_RANGE;
    pthread_mutex_lock(&lock);
    for (struct reservation **link = &reservations; *link; link = &(*link)->next) {
        struct reservation *found = *link;
        if (address_of(found->first) != address || (uint64_t)found->count * BLOCK_BYTES != bytes) continue;
        if (!holds_only(found->first, found->count, (uintptr_t)&reserved)) break;
        arena_fill_table(arena, found->first, found->count, 0);
        *link = found->next;
        free(found);
        result = MAPPED_DONE;
        break;
    }
    pthread_mutex_unlock(&lock);
    return result;
}

// Within one reservation, and nothing mapped there.
static int is_open(uint64_t address, uint64_t bytes) {
    if (!arena || address < arena->device_base || bytes == 0) return 0;
    uint64_t first = (address - arena->device_base) / BLOCK_BYTES, count = bytes / BLOCK_BYTES;
    struct reservation *around = reservations;
    while (around && (first < around->first || first - around->first >= around->count)) around = around->next;
    return around && count <= around->count - (first - around->first) && holds_only(first, count, (uintptr_t)&reserved);
}

static void begin(struct allocation *mapping, uint64_t address, uint64_t bytes, void *source) {
    mapping->arena = arena;
    mapping->pool = NULL;
    mapping->source = source;
    mapping->shared = NULL;
    mapping->id = allocation_next_id();
    mapping->taken_bytes = bytes;
    mapping->next = mapping->previous = NULL;
    atomic_store(&mapping->leaving, 0);
    atomic_store(&mapping->sync_memops, 0);
    atomic_store(&mapping->owner, NULL);
    atomic_store(&mapping->devices, 0);
    atomic_store(&mapping->base, address);
    atomic_store(&mapping->bytes, bytes);
}

static enum mapped_result map(uint64_t address, uint64_t bytes, int fd, uint64_t offset, void *source) {
    if (!is_open(address, bytes)) return MAPPED_BAD_RANGE;
    struct allocation *mapping = allocation_new();
    if (!mapping) return MAPPED_NO_MEMORY;
    uint64_t into = address - arena->device_base;
    if (mmap(arena->store + into, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_NORESERVE, fd, (off_t)offset)
        == MAP_FAILED) {
        allocation_drop(mapping);
        return MAPPED_NO_MEMORY;
    }
    begin(mapping, address, bytes, source);
    arena_fill_table(arena, (uint32_t)(into / BLOCK_BYTES), (uint32_t)(bytes / BLOCK_BYTES), (uintptr_t)mapping);
    return MAPPED_DONE;
}

enum mapped_result mapped_map(uint64_t address, uint64_t bytes, int fd, uint64_t offset, void *source) {
    pthread_mutex_lock(&lock);
    enum mapped_result result = map(address, bytes, fd, offset, source);
    pthread_mutex_unlock(&lock);
    return result;
}

int mapped_is_whole(uint64_t address, uint64_t bytes) {
    uint64_t end;
    if (bytes == 0 || __builtin_add_overflow(address, bytes, &end)) return 0;
    while (address < end) {
        struct allocation *mapping = arena_find(address);
        if (!mapping || mapping->arena != arena || atomic_load(&mapping->base) != address) return 0;
        address += atomic_load(&mapping->bytes);
    }
    return address == end;
}

// What takes the place of the mapping is accessible: a kernel that wrongly still runs there shall not end the process.
void mapped_unmap(struct allocation *mapping) {
    pthread_mutex_lock(&lock);
    uint64_t into = (atomic_load(&mapping->base) - arena->device_base) / BLOCK_BYTES * BLOCK_BYTES, bytes = mapping->taken_bytes;
    atomic_store(&mapping->bytes, 0);
    arena_fill_table(arena, (uint32_t)(into / BLOCK_BYTES), (uint32_t)(bytes / BLOCK_BYTES), (uintptr_t)&reserved);
    mmap(arena->store + into, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
    allocation_drop(mapping);
    pthread_mutex_unlock(&lock);
}
