// estimate.h: how long a kernel is expected to last: a moving average per function and size of grid, or per graph.
#ifndef SLUICE_ESTIMATE_H
#define SLUICE_ESTIMATE_H

#include <stddef.h>
#include <stdint.h>

// A cache line each: the meter writes one, others read theirs with each launch.
struct sluice_estimate {
    _Alignas(64) uint64_t key; // 0: unused
    uint64_t mean_ns; // of what was measured; while there is none, SLUICE_UNKNOWN_NS
    uint64_t spread_ns; // how far off it was lately
    uint32_t measured;
    uint32_t host_bound; // so many more are measured one by one
};

enum {
    SLUICE_UNKNOWN_NS = 1000000,
};

// Open addressing; entries stay, since a function handle that is used anew soon has its own mean again.
enum { SLUICE_ESTIMATE_BITS = 12, SLUICE_ESTIMATES = 1 << SLUICE_ESTIMATE_BITS };
extern struct sluice_estimate sluice_estimates[SLUICE_ESTIMATES] __attribute__((visibility("hidden")));

// Grids within a factor of two share an estimate.
static inline uint64_t sluice_estimate_key(const void *function, uint64_t blocks) {
    uint64_t size = blocks ? 64 - (uint64_t)__builtin_clzll(blocks) : 0;
    return ((uint64_t)(uintptr_t)function << 7 | size) + 1;
}

static inline uint64_t sluice_estimate_place(uint64_t key) {
    return key * 0x9e3779b97f4a7c15ull >> (64 - SLUICE_ESTIMATE_BITS);
}

// Where the estimate is looked for first, and most often is: NULL where it is not there.
static inline const struct sluice_estimate *sluice_estimate_find(const void *function, uint64_t blocks) {
    uint64_t key = sluice_estimate_key(function, blocks);
    const struct sluice_estimate *estimate = &sluice_estimates[sluice_estimate_place(key)];
    return __atomic_load_n(&estimate->key, __ATOMIC_ACQUIRE) == key ? estimate : NULL;
}

// The estimate of a function, or of an executable graph, for so many blocks. Never NULL: where the table is full, one for all others.
struct sluice_estimate *sluice_estimate_of(const void *function, uint64_t blocks);

static inline uint64_t sluice_estimate_ns(const struct sluice_estimate *estimate) {
    return __atomic_load_n(&estimate->mean_ns, __ATOMIC_RELAXED);
}

// Whether its launches are measured one by one: runs of them take the host as long to launch as the GPU to run.
static inline int sluice_estimate_is_host_bound(const struct sluice_estimate *estimate) {
    return __atomic_load_n(&estimate->host_bound, __ATOMIC_RELAXED) != 0;
}

// The square of how far off so many launches together are expected to be, ns²; UINT64_MAX where that is not known yet.
static inline uint64_t sluice_estimate_variance(const struct sluice_estimate *estimate, uint64_t launches) {
    uint64_t spread_ns = __atomic_load_n(&estimate->spread_ns, __ATOMIC_RELAXED);
    spread_ns = spread_ns < 1000000000 ? spread_ns : 1000000000;
    return __atomic_load_n(&estimate->measured, __ATOMIC_RELAXED) > 2 && launches < 16 ? spread_ns * spread_ns * launches : UINT64_MAX;
}

// By the meter's thread alone.
void sluice_estimate_learn(struct sluice_estimate *estimate, uint64_t actual_ns);

#endif
