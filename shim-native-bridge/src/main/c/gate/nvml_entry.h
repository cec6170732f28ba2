// nvml_entry.h: what the generated entries of NVML and the rest of the libwrapper know of each other. As entry.h for the driver.
#ifndef SLUICE_NVML_ENTRY_H
#define SLUICE_NVML_ENTRY_H

#include "nvml_functions.h"

extern const char *const sluice_nvml_names[SLUICE_NVML_FN_COUNT]; // sorted

// Where entries jump to. Written once, by sluice_nvml_resolve().
extern void *sluice_nvml_real[SLUICE_NVML_FN_COUNT] __attribute__((visibility("hidden")));

static inline void *sluice_nvml_real_function(unsigned function) {
    return __atomic_load_n(&sluice_nvml_real[function], __ATOMIC_ACQUIRE); // its code reads what the loader wrote before
}

// Called by entries off their fast path, with every argument of the application's call kept: where to go with the call.
void *sluice_nvml_resolve(unsigned long function);

#endif
