// words.h: memory that other processes may write while it is read. Every word is loaded with acquire and stored with release.
#ifndef SLUICE_SIM_WORDS_H
#define SLUICE_SIM_WORDS_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t word_load(const uint64_t *word) {
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static inline void word_store(uint64_t *word, uint64_t value) {
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

static inline void words_load(uint64_t *to, const uint64_t *from, size_t count) {
    for (size_t i = 0; i < count; i++) to[i] = word_load(&from[i]);
}

static inline void words_store(uint64_t *to, const uint64_t *from, size_t count) {
    for (size_t i = count; i-- > 0;) word_store(&to[i], from[i]); // the first word last
}

#endif
