// processor.h: what C has no word for and each processor says its own way. Besides this, books/atomic_pair.h, gate/dlopen-*.S
// and the generated entries-*.S are what a further processor needs.
#ifndef SLUICE_PROCESSOR_H
#define SLUICE_PROCESSOR_H

// Once around a loop that waits for another thread's write.
static inline void sluice_pause(void) {
#if defined __x86_64__
    __builtin_ia32_pause();
#elif defined __aarch64__
    __asm__ volatile("isb" ::: "memory"); // `yield` takes no time on most cores
#else
#error "Sluice knows x86-64 and aarch64"
#endif
}

#endif
