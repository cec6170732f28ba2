// atomic_pair.h: compare-and-swap of two words at once. x86-64 (cmpxchg16b, every processor since 2006) for now.
#ifndef SLUICE_ATOMIC_PAIR_H
#define SLUICE_ATOMIC_PAIR_H

#include "ledger_layout.h"

#ifndef __x86_64__
#error "Sluice's ledger needs a 128-bit compare-and-swap; only x86-64 has one here so far"
#endif

// Both halves as they stood together at one instant: `high` changes with every write and never returns to a value.
static inline struct sluice_pair sluice_pair_load(const struct sluice_pair *pair) {
    for (;;) {
        uint64_t high = __atomic_load_n(&pair->high, __ATOMIC_ACQUIRE);
        uint64_t low = __atomic_load_n(&pair->low, __ATOMIC_ACQUIRE);
        if (__atomic_load_n(&pair->high, __ATOMIC_RELAXED) == high) {
            return (struct sluice_pair){.low = low, .high = high};
        }
    }
}

// Full barrier. On failure *expected is what was found. In assembly, since ThreadSanitizer would put a lock of its own process
// around the builtin, which other processes do not take.
static inline int sluice_pair_swap(struct sluice_pair *pair, struct sluice_pair *expected, struct sluice_pair desired) {
    uint8_t swapped;
    __asm__ volatile("lock cmpxchg16b %[pair]"
                     : "=@ccz"(swapped), [pair] "+m"(*pair), "+a"(expected->low), "+d"(expected->high)
                     : "b"(desired.low), "c"(desired.high)
                     : "memory");
    return swapped;
}

#endif
