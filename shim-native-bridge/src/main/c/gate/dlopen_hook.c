// dlopen_hook.c: libcuda asked for by any other name or path is this library, and NVML the alias beside it. dlopen and dlmopen themselves stand in
// dlopen-*.S: every other name goes to the C library by a tail jump, with the caller's return address where the caller left
// it, since that is how dlopen finds the caller's RUNPATH.
#define _GNU_SOURCE
#include "nvml_resolve.h"
#include "real_driver.h"
#include "resolve.h"

#include <string.h>

// Called by that assembly.
__attribute__((visibility("hidden"), used)) const char *sluice_dlopen_instead(const char *name);

static int is_called(const char *file, const char *library) {
    size_t length = strlen(library);
    return !strncmp(file, library, length) && (file[length] == 0 || file[length] == '.');
}

// Returns the path to open instead, or NULL to leave the call as it is.
const char *sluice_dlopen_instead(const char *name) {
    sluice_find_libc_dlopen();
    if (!name) {
        return NULL;
    }
    const char *slash = strrchr(name, '/');
    const char *file = slash ? slash + 1 : name;
    if (is_called(file, "libcuda.so")) {
        sluice_resolve_all(); // names that the real driver lacks are hidden before the application looks for them
        return sluice_own_path();
    }
    // Without a real one the call fails as it would without us.
    return is_called(file, "libnvidia-ml.so") && sluice_nvml_resolve_all() == 0 ? sluice_nvml_alias_path() : NULL;
}
