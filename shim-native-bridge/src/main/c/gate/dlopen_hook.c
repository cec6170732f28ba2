// dlopen_hook.c: libcuda asked for by any other name or path is this library. dlopen and dlmopen themselves stand in
// dlopen-*.S: every other name goes to the C library by a tail jump, with the caller's return address where the caller left
// it, since that is how dlopen finds the caller's RUNPATH.
#define _GNU_SOURCE
#include "real_driver.h"
#include "resolve.h"

#include <string.h>

// Called by that assembly.
__attribute__((visibility("hidden"), used)) const char *sluice_dlopen_instead(const char *name);

// Returns the path to open instead, or NULL to leave the call as it is.
const char *sluice_dlopen_instead(const char *name) {
    sluice_find_libc_dlopen();
    if (!name) {
        return NULL;
    }
    const char *slash = strrchr(name, '/');
    const char *file = slash ? slash + 1 : name;
    size_t known = strlen("libcuda.so");
    if (strncmp(file, "libcuda.so", known) || (file[known] != 0 && file[known] != '.')) {
        return NULL;
    }
    sluice_resolve_all(); // names that the real driver lacks are hidden before the application looks for them
    return sluice_own_path();
}
