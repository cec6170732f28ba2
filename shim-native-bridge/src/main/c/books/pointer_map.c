#include "pointer_map.h"

#include "spin_lock.h"

#include <stdlib.h>
#include <string.h>

// Shards, so that threads rarely meet. What a shard was given last lies beside its lock, since what came last is often the first to
// go: so a short-lived allocation costs one cache line, however many others live. The rest is in a table, open addressing with linear
// probing, at most half full.
enum { SHARD_BITS = 5, SHARDS = 1 << SHARD_BITS, FIRST_CAPACITY = 16 };

struct shard {
    _Alignas(64) struct sluice_spin_lock lock;
    uint32_t capacity;               // a power of two, or 0
    struct sluice_allocation newest; // pointer 0: none
    struct sluice_allocation *entries; // pointer 0: empty
    uint64_t count;                    // of entries
};

static struct shard shards[SHARDS];

static int put_into_table(struct shard *shard, const struct sluice_allocation *allocation) __attribute__((noinline));
static void take_from_table(struct shard *shard, uint64_t pointer, struct sluice_allocation *allocation) __attribute__((noinline));
static int grow(struct shard *shard);
static void insert(struct shard *shard, const struct sluice_allocation *allocation);
static void erase(struct shard *shard, struct sluice_allocation *entry);

// Neighbours in device memory are neighbours here, since allocations in a row, which a driver places in a row, then share cache
// lines. 8 KiB of device memory in a row have 16 places in a row; where that row begins is spread at random.
static inline uint64_t hash_of(uint64_t pointer) {
    return ((pointer >> 13) * 0x9e3779b97f4a7c15ull & ~0xfull) + ((pointer >> 9) & 0xf);
}

static inline struct shard *shard_of(uint64_t pointer) {
    return &shards[hash_of(pointer) >> (64 - SHARD_BITS)];
}

static inline uint64_t home(const struct shard *shard, uint64_t pointer) {
    uint64_t hash = hash_of(pointer);
    return ((hash >> 20) + (hash & 0xf)) & (shard->capacity - 1);
}

int sluice_pointer_map_put(const struct sluice_allocation *allocation) {
    struct shard *shard = shard_of(allocation->pointer);
    sluice_spin_lock(&shard->lock);
    int failed = __builtin_expect(shard->newest.pointer != 0, 0) && put_into_table(shard, &shard->newest);
    if (!failed) {
        shard->newest = *allocation;
    }
    sluice_spin_unlock(&shard->lock);
    return failed ? -1 : 0;
}

int sluice_pointer_map_take(uint64_t pointer, struct sluice_allocation *allocation) {
    struct shard *shard = shard_of(pointer);
    allocation->pointer = 0;
    if (!pointer) {
        return 0;
    }
    sluice_spin_lock(&shard->lock);
    if (__builtin_expect(shard->newest.pointer == pointer, 1)) {
        *allocation = shard->newest;
        shard->newest.pointer = 0;
    } else {
        take_from_table(shard, pointer, allocation);
    }
    sluice_spin_unlock(&shard->lock);
    return allocation->pointer != 0;
}

unsigned sluice_pointer_map_take_of_context(uint64_t context, struct sluice_allocation *allocations, unsigned most) {
    unsigned taken = 0;
    for (int i = 0; i < SHARDS && taken < most; i++) {
        struct shard *shard = &shards[i];
        sluice_spin_lock(&shard->lock);
        if (shard->newest.pointer && shard->newest.context == context) {
            allocations[taken++] = shard->newest;
            shard->newest.pointer = 0;
        }
        for (uint64_t slot = 0; slot < shard->capacity && taken < most;) {
            struct sluice_allocation *entry = &shard->entries[slot];
            if (entry->pointer && entry->context == context) {
                allocations[taken++] = *entry;
                erase(shard, entry); // which may move another entry here
            } else {
                slot++;
            }
        }
        sluice_spin_unlock(&shard->lock);
    }
    return taken;
}

// The tables are left to leak: another thread of the parent may have been inside malloc.
void sluice_pointer_map_reset_after_fork(void) {
    memset(shards, 0, sizeof shards);
}

static int put_into_table(struct shard *shard, const struct sluice_allocation *allocation) {
    if (shard->count >= shard->capacity / 2 && grow(shard)) {
        return -1;
    }
    insert(shard, allocation);
    return 0;
}

static void take_from_table(struct shard *shard, uint64_t pointer, struct sluice_allocation *allocation) {
    if (!shard->capacity) {
        return;
    }
    for (uint64_t slot = home(shard, pointer); shard->entries[slot].pointer; slot = (slot + 1) & (shard->capacity - 1)) {
        if (shard->entries[slot].pointer == pointer) {
            *allocation = shard->entries[slot];
            erase(shard, &shard->entries[slot]);
            return;
        }
    }
}

static int grow(struct shard *shard) {
    uint32_t capacity = shard->capacity ? shard->capacity * 2 : FIRST_CAPACITY;
    struct shard larger = {.capacity = capacity, .entries = calloc(capacity, sizeof *larger.entries)};
    if (!larger.entries) {
        return -1;
    }
    for (uint64_t slot = 0; slot < shard->capacity; slot++) {
        if (shard->entries[slot].pointer) {
            insert(&larger, &shard->entries[slot]);
        }
    }
    free(shard->entries);
    shard->entries = larger.entries;
    shard->capacity = capacity;
    return 0;
}

static void insert(struct shard *shard, const struct sluice_allocation *allocation) {
    uint64_t slot = home(shard, allocation->pointer);
    while (shard->entries[slot].pointer) {
        slot = (slot + 1) & (shard->capacity - 1);
    }
    shard->entries[slot] = *allocation;
    shard->count++;
}

// Moves later entries of the run back over the hole, so that no tombstones build up (Knuth, volume 3, 6.4, algorithm R).
static void erase(struct shard *shard, struct sluice_allocation *entry) {
    uint64_t mask = shard->capacity - 1u;
    uint64_t hole = (uint64_t)(entry - shard->entries);
    for (uint64_t slot = (hole + 1) & mask; shard->entries[slot].pointer; slot = (slot + 1) & mask) {
        uint64_t wanted = home(shard, shard->entries[slot].pointer);
        if (((slot - wanted) & mask) >= ((slot - hole) & mask)) {
            shard->entries[hole] = shard->entries[slot];
            hole = slot;
        }
    }
    memset(&shard->entries[hole], 0, sizeof shard->entries[hole]);
    shard->count--;
}
