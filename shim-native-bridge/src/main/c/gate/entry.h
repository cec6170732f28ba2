// entry.h: what the generated entries and the rest of the libwrapper know of each other.
#ifndef SLUICE_ENTRY_H
#define SLUICE_ENTRY_H

#include "functions.h"

struct sluice_function {
    const char *name;
    const char *base;          // what applications ask cuGetProcAddress for
    int since;                 // CUDA version, 11020 for 11.2; 0 unknown
    unsigned char per_thread;  // default stream of the calling thread (_ptsz, _ptds)
    unsigned char governed;    // its entry does more than jump
};

extern const struct sluice_function sluice_functions[SLUICE_FN_COUNT]; // sorted by name

// Where entries jump to. Each starts out at a stub that resolves them all; then the real function, or one that answers
// an error where the real driver lacks it. Written once, by sluice_resolve().
extern void *sluice_real[SLUICE_FN_COUNT] __attribute__((visibility("hidden")));

// Our own entries.
extern void *const sluice_entries[SLUICE_FN_COUNT] __attribute__((visibility("hidden")));

static inline void *sluice_real_function(unsigned function) {
    return __atomic_load_n(&sluice_real[function], __ATOMIC_ACQUIRE); // its code reads what the loader wrote before
}

// Called by entries off their fast path, with every argument of the application's call kept: where to go with the call.
void *sluice_resolve(unsigned long function);
void *sluice_counted(unsigned long function);
void *sluice_closing(unsigned long function);
void *sluice_launched(unsigned long function, void *const arguments[]); // those that registers carry
void *sluice_refused(unsigned long function);

// The hook of a function that launches.
void *sluice_launch_hook(unsigned function);

#endif
