#include "pointer_map.h"

#include "spin_lock.h"

#include <stdlib.h>
#include <string.h>

// Shards, so that threads rarely meet; in each, open addressing with linear probing, at most half full. Few and small at
// first: a process with few allocations keeps them all in its first-level cache.
enum { SHARD_BITS = 4, SHARDS = 1 << SHARD_BITS, FIRST_CAPACITY = 16 };

struct shard {
    _Alignas(64) struct sluice_spin_lock lock;
    struct sluice_allocation *entries; // pointer 0: empty
    uint64_t capacity;                 // a power of two, or 0
    uint64_t count, most;              // most: entries before it grows
};

static struct shard shards[SHARDS];

static inline __attribute__((always_inline)) struct sluice_allocation *find(const struct shard *shard, uint64_t hash, uint64_t pointer);
static int grow(struct shard *shard);
static inline __attribute__((always_inline)) void insert(struct shard *shard, uint64_t hash, const struct sluice_allocation *allocation);
static inline __attribute__((always_inline)) void erase(struct shard *shard, struct sluice_allocation *entry);

// Neighbours in device memory are neighbours here, since allocations in a row, which a driver places in a row, then share cache
// lines. 8 KiB of device memory in a row have 16 places in a row; where that row begins is spread at random.
static inline uint64_t hash_of(uint64_t pointer) {
    return ((pointer >> 13) * 0x9e3779b97f4a7c15ull & ~0xfull) + ((pointer >> 9) & 0xf);
}

static inline struct shard *shard_of(uint64_t hash) {
    return &shards[hash >> (64 - SHARD_BITS)];
}

static inline uint64_t home(const struct shard *shard, uint64_t hash) {
    return ((hash >> 20) + (hash & 0xf)) & (shard->capacity - 1);
}

int sluice_pointer_map_put(const struct sluice_allocation *allocation) {
    uint64_t hash = hash_of(allocation->pointer);
    struct shard *shard = shard_of(hash);
    sluice_spin_lock(&shard->lock);
    int failed = shard->count >= shard->most && grow(shard);
    if (!failed) {
        insert(shard, hash, allocation);
    }
    sluice_spin_unlock(&shard->lock);
    return failed ? -1 : 0;
}

int sluice_pointer_map_take(uint64_t pointer, struct sluice_allocation *allocation) {
    uint64_t hash = hash_of(pointer);
    struct shard *shard = shard_of(hash);
    sluice_spin_lock(&shard->lock);
    struct sluice_allocation *entry = pointer && shard->capacity ? find(shard, hash, pointer) : NULL;
    if (entry) {
        *allocation = *entry;
        erase(shard, entry);
    } else {
        allocation->pointer = 0;
    }
    sluice_spin_unlock(&shard->lock);
    return entry != NULL;
}

unsigned sluice_pointer_map_take_of_context(uint64_t context, struct sluice_allocation *allocations, unsigned most) {
    unsigned taken = 0;
    for (int i = 0; i < SHARDS && taken < most; i++) {
        struct shard *shard = &shards[i];
        sluice_spin_lock(&shard->lock);
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

static inline __attribute__((always_inline)) struct sluice_allocation *find(const struct shard *shard, uint64_t hash, uint64_t pointer) {
    for (uint64_t slot = home(shard, hash);; slot = (slot + 1) & (shard->capacity - 1)) {
        struct sluice_allocation *entry = &shard->entries[slot];
        if (entry->pointer == pointer) {
            return entry;
        }
        if (!entry->pointer) {
            return NULL;
        }
    }
}

static int grow(struct shard *shard) {
    uint64_t capacity = shard->capacity ? shard->capacity * 2 : FIRST_CAPACITY;
    struct shard larger = {.capacity = capacity, .most = capacity / 2, .entries = calloc(capacity, sizeof *larger.entries)};
    if (!larger.entries) {
        return -1;
    }
    for (uint64_t slot = 0; slot < shard->capacity; slot++) {
        if (shard->entries[slot].pointer) {
            insert(&larger, hash_of(shard->entries[slot].pointer), &shard->entries[slot]);
        }
    }
    free(shard->entries);
    shard->entries = larger.entries;
    shard->capacity = larger.capacity;
    shard->most = larger.most;
    return 0;
}

static inline __attribute__((always_inline)) void insert(struct shard *shard, uint64_t hash, const struct sluice_allocation *allocation) {
    uint64_t slot = home(shard, hash);
    while (shard->entries[slot].pointer) {
        slot = (slot + 1) & (shard->capacity - 1);
    }
    shard->entries[slot] = *allocation;
    shard->count++;
}

// Moves later entries of the run back over the hole, so that no tombstones build up (Knuth, volume 3, 6.4, algorithm R).
static inline __attribute__((always_inline)) void erase(struct shard *shard, struct sluice_allocation *entry) {
    uint64_t mask = shard->capacity - 1;
    uint64_t hole = (uint64_t)(entry - shard->entries);
    for (uint64_t slot = (hole + 1) & mask; shard->entries[slot].pointer; slot = (slot + 1) & mask) {
        uint64_t wanted = home(shard, hash_of(shard->entries[slot].pointer));
        if (((slot - wanted) & mask) >= ((slot - hole) & mask)) {
            shard->entries[hole] = shard->entries[slot];
            hole = slot;
        }
    }
    memset(&shard->entries[hole], 0, sizeof shard->entries[hole]);
    shard->count--;
}
