// atomic_pair.h: compare-and-swap of two words at once: cmpxchg16b of x86-64, the exclusive pair of aarch64.
#ifndef SLUICE_ATOMIC_PAIR_H
#define SLUICE_ATOMIC_PAIR_H

#include "ledger_layout.h"

// Both halves as they stood together at one instant: `high` changes with every write and never returns to a value. A swap
// writes both at once, and each load is done before the next begins.
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
#if defined __x86_64__
    uint8_t swapped;
    __asm__ volatile("lock cmpxchg16b %[pair]"
                     : "=@ccz"(swapped), [pair] "+m"(*pair), "+a"(expected->low), "+d"(expected->high)
                     : "b"(desired.low), "c"(desired.high)
                     : "memory");
    return swapped;
#elif defined __aarch64__
    uint64_t low, high;
    uint32_t differs;
    __asm__ volatile("1: ldaxp %[low], %[high], %[pair]\n"
                     "   cmp %[low], %[expected_low]\n"
                     "   ccmp %[high], %[expected_high], #0, eq\n"
                     "   cset %w[differs], ne\n"
                     "   b.ne 2f\n"
                     "   stlxp %w[differs], %[desired_low], %[desired_high], %[pair]\n"
                     "   cbnz %w[differs], 1b\n"
                     "2: dmb ish"
                     : [pair] "+Q"(*pair), [low] "=&r"(low), [high] "=&r"(high), [differs] "=&r"(differs)
                     : [expected_low] "r"(expected->low), [expected_high] "r"(expected->high), [desired_low] "r"(desired.low),
                       [desired_high] "r"(desired.high)
                     : "cc", "memory");
    if (differs) {
        *expected = sluice_pair_load(pair); // what was read without a write after it may be halves of two instants
    }
    return !differs;
#else
#error "Sluice's ledger needs a 128-bit compare-and-swap, which is written here for x86-64 and aarch64"
#endif
}

#endif
