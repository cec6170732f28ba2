// real_driver.h: the libcuda.so.1 that calls are forwarded to, and the libnvidia-ml.so.1.
#ifndef SLUICE_REAL_DRIVER_H
#define SLUICE_REAL_DRIVER_H

#include "message.h"

// Finds and opens it: SLUICE_DRIVER, the folders of LD_LIBRARY_PATH, the loader's cache, well-known folders. A candidate that
// is Sluice itself is skipped. Returns dlopen's handle and the path, or NULL with a sentence.
void *sluice_real_driver_open(char path[512], struct sluice_message *message);

// The same for NVML's libnvidia-ml.so.1, first beside the driver that SLUICE_DRIVER names. NULL where there is none.
void *sluice_real_nvml_open(void);

// dlopen and dlmopen of the C library, behind our own.
extern void *(*sluice_libc_dlopen)(const char *name, int flags) __attribute__((visibility("hidden")));
extern void *(*sluice_libc_dlmopen)(long namespace, const char *name, int flags) __attribute__((visibility("hidden")));
void sluice_find_libc_dlopen(void);

// Absolute path of this library.
const char *sluice_own_path(void);

#endif
