// arena.c: see arena.h. Blocks are handed out round robin, so that a freed address stays unused for long.
//
// Device memory is a file without a name, so that another process can map a part of it, and is accessible throughout: who writes
// to what is just being freed harms nobody. Managed memory is accessible where it is taken.
#define _GNU_SOURCE
#include "memory/arena.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

// Arenas are added at the end and never removed: the oldest, which most addresses lie in, is looked at first.
static struct arena *_Atomic all;
static pthread_mutex_t all_lock = PTHREAD_MUTEX_INITIALIZER;
static struct arena *spares; // under the same lock

// Where the kernel likes, or at `wish` if that is free.
static void *map(uint64_t wish, uint64_t bytes) {
    return mmap((void *)(uintptr_t)wish, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

// Below 4 GiB: MAP_32BIT would do, and is known to one processor only.
static void *map_low(uint64_t bytes) {
    enum { STEP = 64 << 20 };
    for (uint64_t wish = STEP; wish + bytes < 1ull << 32; wish += STEP) {
        void *mapped = map(wish, bytes);
        if (mapped == MAP_FAILED || (uint64_t)(uintptr_t)mapped + bytes <= 1ull << 32) return mapped;
        munmap(mapped, bytes);
    }
    return MAP_FAILED;
}

static void *reserve(uint64_t bytes, int low) {
    char *raw = low ? map_low(bytes + BLOCK_BYTES) : map(0, bytes + BLOCK_BYTES);
    if (raw == MAP_FAILED) return NULL;
    return (void *)(((uintptr_t)raw + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES);
}

static int unnamed_file(uint64_t bytes) {
    enum { CLOSE_ON_EXEC = 1 };
    int fd = (int)syscall(SYS_memfd_create, "simulated-gpu-memory", CLOSE_ON_EXEC);
    if (fd >= 0 && ftruncate(fd, (off_t)bytes) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static void map_store(struct arena *arena) {
    if (arena->fd < 0) return;
    void *mapped = mmap(arena->store, arena->bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_NORESERVE, arena->fd, 0);
    if (mapped != MAP_FAILED) return;
    close(arena->fd);
    arena->fd = -1;
}

static void append(struct arena *arena) {
    pthread_mutex_lock(&all_lock);
    struct arena *_Atomic *link = &all;
    while (atomic_load(link)) link = &atomic_load(link)->next;
    atomic_store(link, arena);
    pthread_mutex_unlock(&all_lock);
}

static struct arena *create(enum memory_kind kind, uint64_t bytes, int fd) {
    struct arena *arena = calloc(1, sizeof *arena);
    if (!arena) return NULL;
    arena->kind = kind;
    arena->fd = fd;
    arena->blocks = (uint32_t)(bytes / BLOCK_BYTES);
    arena->bytes = (uint64_t)arena->blocks * BLOCK_BYTES;
    arena->table = calloc(arena->blocks, sizeof *arena->table);
    char *device = reserve(arena->bytes, kind == MEMORY_LOW);
    arena->store = kind == MEMORY_MANAGED ? device : reserve(arena->bytes, 0);
    if (!arena->table || !device || !arena->store) return NULL; // a process without address space: nothing to tidy
    arena->device_base = (uint64_t)(uintptr_t)device;
    map_store(arena);
    append(arena);
    return arena;
}

struct arena *arena_create(enum memory_kind kind, uint64_t bytes) {
    return create(kind, bytes, kind == MEMORY_DEVICE || kind == MEMORY_LOW ? unnamed_file(bytes) : -1);
}

static struct arena *take_spare(uint64_t bytes) {
    pthread_mutex_lock(&all_lock);
    struct arena **link = &spares;
    while (*link && (*link)->bytes != bytes) link = &(*link)->spare;
    struct arena *arena = *link;
    if (arena) *link = arena->spare;
    pthread_mutex_unlock(&all_lock);
    return arena;
}

struct arena *arena_create_on(int fd, uint64_t bytes) {
    struct arena *arena = take_spare(bytes / BLOCK_BYTES * BLOCK_BYTES);
    if (arena) {
        arena->fd = fd;
        map_store(arena);
    } else {
        arena = create(MEMORY_DEVICE, bytes, fd);
    }
    return arena && arena->fd >= 0 ? arena : NULL;
}

void arena_detach(struct arena *arena) {
    mmap(arena->store, arena->bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
    close(arena->fd);
    arena->fd = -1;
    pthread_mutex_lock(&all_lock);
    arena->spare = spares;
    spares = arena;
    pthread_mutex_unlock(&all_lock);
}

static int64_t find_free(struct arena *arena, uint32_t count) {
    if (count > arena->blocks) return -1;
    uint32_t run = 0, at = arena->cursor;
    for (uint32_t seen = 0; seen < arena->blocks + count; seen++, at++) {
        if (at >= arena->blocks) {
            at = 0;
            run = 0;
        }
        run = atomic_load_explicit(&arena->table[at], memory_order_relaxed) ? 0 : run + 1;
        if (run == count) return (int64_t)at - count + 1;
    }
    return -1;
}

int64_t arena_take(struct arena *arena, uint32_t count) {
    int64_t first = find_free(arena, count);
    if (first < 0) return -1;
    char *at = arena->store + (uint64_t)first * BLOCK_BYTES;
    int is_closed = arena->fd < 0 && arena->kind != MEMORY_MAPPED;
    if (is_closed && mprotect(at, (uint64_t)count * BLOCK_BYTES, PROT_READ | PROT_WRITE) != 0) return -1;
    arena->cursor = (uint32_t)first + count;
    return first;
}

void arena_fill_table(struct arena *arena, uint32_t first, uint32_t count, uintptr_t entry) {
    for (uint32_t i = 0; i < count; i++) atomic_store_explicit(&arena->table[first + i], entry, memory_order_release);
}

void arena_give(struct arena *arena, uint32_t first, uint32_t count) {
    char *at = arena->store + (uint64_t)first * BLOCK_BYTES;
    uint64_t bytes = (uint64_t)count * BLOCK_BYTES;
    if (arena->fd >= 0) {
        fallocate(arena->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)((uint64_t)first * BLOCK_BYTES), (off_t)bytes);
    } else if (arena->kind != MEMORY_MAPPED) {
        madvise(at, bytes, MADV_DONTNEED);
        mprotect(at, bytes, PROT_NONE);
    }
    arena_fill_table(arena, first, count, 0);
}

struct allocation *arena_find(uint64_t address) {
    for (struct arena *arena = atomic_load_explicit(&all, memory_order_acquire); arena;
         arena = atomic_load_explicit(&arena->next, memory_order_acquire)) {
        uint64_t offset = address - arena->device_base;
        if (offset >= arena->bytes) continue;
        uintptr_t entry = atomic_load_explicit(&arena->table[offset / BLOCK_BYTES], memory_order_acquire);
        if (entry & TABLE_SMALL) {
            struct small_block *small = (struct small_block *)(entry - TABLE_SMALL);
            entry = (uintptr_t)atomic_load_explicit(&small->unit[offset % BLOCK_BYTES / UNIT_BYTES], memory_order_acquire);
        }
        struct allocation *found = (struct allocation *)entry;
        return found && address - atomic_load(&found->base) < atomic_load(&found->bytes) ? found : NULL;
    }
    return NULL;
}
