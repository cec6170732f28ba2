#define _GNU_SOURCE
#include "control.h"

#include "nvml_entry.h"
#include "nvml_resolve.h"
#include "real_driver.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

static int by_name(const void *name, const void *element) {
    return strcmp(name, *(const char *const *)element);
}

// A library stays open: its functions are in use.
void *sluice_control_real_nvml(const char *library, const char *function) {
    sluice_find_libc_dlopen();
    void *handle = library[0] == '/' ? sluice_libc_dlopen(library, RTLD_LAZY | RTLD_LOCAL) : NULL;
    if (handle && !dlsym(handle, "sluice_version")) {
        return dlsym(handle, function);
    }
    const char *const *name = bsearch(function, sluice_nvml_names, SLUICE_NVML_FN_COUNT, sizeof *sluice_nvml_names, by_name);
    return name && sluice_nvml_resolve_all() == 0 ? sluice_nvml_real_function((unsigned)(name - sluice_nvml_names)) : NULL;
}
