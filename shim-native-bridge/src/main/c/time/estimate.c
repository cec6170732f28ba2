#include "estimate.h"

enum { PROBES = 16 };

struct sluice_estimate sluice_estimates[SLUICE_ESTIMATES];
static struct sluice_estimate others = {.key = 1, .mean_ns = SLUICE_UNKNOWN_NS};

struct sluice_estimate *sluice_estimate_of(const void *function, uint64_t blocks) {
    uint64_t key = sluice_estimate_key(function, blocks), at = sluice_estimate_place(key);
    for (unsigned i = 0; i < PROBES; i++, at = (at + 1) % SLUICE_ESTIMATES) {
        struct sluice_estimate *estimate = &sluice_estimates[at];
        uint64_t found = __atomic_load_n(&estimate->key, __ATOMIC_ACQUIRE);
        if (found == 0) {
            uint64_t none = 0;
            __atomic_compare_exchange_n(&estimate->mean_ns, &none, SLUICE_UNKNOWN_NS, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
            __atomic_compare_exchange_n(&estimate->key, &found, key, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
            found = found ? found : key;
        }
        if (found == key) {
            return estimate;
        }
    }
    return &others;
}

// The plain mean of the first few, then a moving one.
void sluice_estimate_learn(struct sluice_estimate *estimate, uint64_t actual_ns) {
    enum { WEIGHT = 16 };
    int64_t count = ++estimate->measured < WEIGHT ? estimate->measured : WEIGHT;
    int64_t mean_ns = (int64_t)estimate->mean_ns;
    int64_t off_ns = (int64_t)actual_ns > mean_ns ? (int64_t)actual_ns - mean_ns : mean_ns - (int64_t)actual_ns;
    estimate->spread_ns += (uint64_t)(off_ns / WEIGHT) - estimate->spread_ns / WEIGHT;
    mean_ns = estimate->measured == 1 ? (int64_t)actual_ns : mean_ns + ((int64_t)actual_ns - mean_ns) / count;
    __atomic_store_n(&estimate->mean_ns, (uint64_t)(mean_ns > 0 ? mean_ns : 1), __ATOMIC_RELAXED);
}
