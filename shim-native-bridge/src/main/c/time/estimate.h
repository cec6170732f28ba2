// estimate.h: how long a kernel is expected to last: a moving average per function and size of grid, or per graph.
#ifndef SLUICE_ESTIMATE_H
#define SLUICE_ESTIMATE_H

#include <stdint.h>

struct sluice_estimate {
    uint64_t key;     // 0: unused
    uint64_t mean_ns; // of what was measured; while there is none, SLUICE_UNKNOWN_NS
    uint64_t spread_ns; // how far off it was lately
    uint32_t measured;
    uint32_t unmeasured; // launches since one was measured
    uint32_t host_bound; // so many more are measured one by one
};

enum {
    SLUICE_UNKNOWN_NS = 1000000,
};

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
