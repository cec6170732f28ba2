// host_memory.c: a sorted array under a read-write lock: it changes rarely.
#define _GNU_SOURCE
#include "memory/host_memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_BYTES = 4096 };

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static struct host_range *ranges;
static size_t count, room;

// The number of ranges that begin at or below the address.
static size_t position(uint64_t address) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (ranges[middle].base <= address) low = middle + 1;
        else high = middle;
    }
    return low;
}

static enum host_result insert(struct host_range range) {
    size_t at = position(range.base);
    if (at > 0 && range.base - ranges[at - 1].base < ranges[at - 1].bytes) return HOST_OVERLAP;
    if (at < count && ranges[at].base - range.base < range.bytes) return HOST_OVERLAP;
    if (count == room) {
        size_t more = room ? room * 2 : 64;
        struct host_range *bigger = realloc(ranges, more * sizeof *ranges);
        if (!bigger) return HOST_NO_MEMORY;
        ranges = bigger;
        room = more;
    }
    memmove(&ranges[at + 1], &ranges[at], (count - at) * sizeof *ranges);
    ranges[at] = range;
    count++;
    return HOST_DONE;
}

static void erase(size_t at) {
    memmove(&ranges[at], &ranges[at + 1], (count - at - 1) * sizeof *ranges);
    count--;
}

static enum host_result add(struct host_range range) {
    pthread_rwlock_wrlock(&lock);
    enum host_result result = insert(range);
    pthread_rwlock_unlock(&lock);
    return result;
}

enum host_result host_memory_allocate(void **address, uint64_t bytes, unsigned flags, struct context *owner) {
    void *memory = NULL;
    if (bytes > INT64_MAX || posix_memalign(&memory, PAGE_BYTES, bytes) != 0) return HOST_NO_MEMORY;
    enum host_result result = add((struct host_range){(uint64_t)(uintptr_t)memory, bytes, flags, 0, owner});
    if (result != HOST_DONE) free(memory);
    else *address = memory;
    return result;
}

enum host_result host_memory_register(void *address, uint64_t bytes, unsigned flags, struct context *owner) {
    return add((struct host_range){(uint64_t)(uintptr_t)address, bytes, flags, 1, owner});
}

static enum host_result take_out(void *address, int registered) {
    pthread_rwlock_wrlock(&lock);
    size_t at = position((uint64_t)(uintptr_t)address);
    int known = at > 0 && ranges[at - 1].base == (uint64_t)(uintptr_t)address && ranges[at - 1].registered == registered;
    if (known) erase(at - 1);
    pthread_rwlock_unlock(&lock);
    return known ? HOST_DONE : HOST_UNKNOWN;
}

enum host_result host_memory_free(void *address) {
    enum host_result result = take_out(address, 0);
    if (result == HOST_DONE) free(address);
    return result;
}

enum host_result host_memory_unregister(void *address) {
    return take_out(address, 1);
}

int host_memory_find(uint64_t address, uint64_t bytes, struct host_range *range) {
    pthread_rwlock_rdlock(&lock);
    size_t at = position(address);
    int found = at > 0 && address - ranges[at - 1].base < ranges[at - 1].bytes
                && bytes <= ranges[at - 1].bytes - (address - ranges[at - 1].base);
    if (found && range) *range = ranges[at - 1];
    pthread_rwlock_unlock(&lock);
    return found;
}

void host_memory_release_owner(struct context *owner) {
    pthread_rwlock_wrlock(&lock);
    for (size_t i = count; i-- > 0;) {
        if (ranges[i].owner != owner) continue;
        if (!ranges[i].registered) free((void *)(uintptr_t)ranges[i].base);
        erase(i);
    }
    pthread_rwlock_unlock(&lock);
}
