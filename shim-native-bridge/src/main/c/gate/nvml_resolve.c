#define _GNU_SOURCE
#include "nvml_resolve.h"

#include "absent.h"
#include "nvml_entry.h"
#include "nvml_result.h"
#include "real_driver.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char alias_path[512];
static int resolved;

static int answer_no_library(void) {
    return NVML_ERROR_LIBRARY_NOT_FOUND;
}

static int answer_no_function(void) {
    return NVML_ERROR_FUNCTION_NOT_FOUND;
}

// The one function that returns something else than a result.
static const char *answer_text(void) {
    return "NVML Shared Library couldn't be found or loaded";
}

static void resolve_once(void) {
    static const char *lacking[SLUICE_NVML_FN_COUNT];
    int lacking_count = 0;
    void *nvml = sluice_real_nvml_open();
    for (int i = 0; i < SLUICE_NVML_FN_COUNT; i++) {
        void *real = nvml ? dlsym(nvml, sluice_nvml_names[i]) : NULL;
        if (nvml && !real) {
            lacking[lacking_count++] = sluice_nvml_names[i];
        }
        if (!real) {
            real = i == SLUICE_NVML_FN_nvmlErrorString ? (void *)answer_text : nvml ? (void *)answer_no_function : (void *)answer_no_library;
        }
        __atomic_store_n(&sluice_nvml_real[i], real, __ATOMIC_RELEASE);
    }
    sluice_hide_absent(lacking, lacking_count);
    const char *own = sluice_own_path();
    snprintf(alias_path, sizeof alias_path, "%.*s/libnvidia-ml.so.1", (int)(strrchr(own, '/') - own), own);
    resolved = nvml != NULL;
}

int sluice_nvml_resolve_all(void) {
    pthread_once(&once, resolve_once);
    return resolved ? 0 : -1;
}

const char *sluice_nvml_alias_path(void) {
    sluice_nvml_resolve_all();
    return alias_path;
}

void *sluice_nvml_resolve(unsigned long function) {
    sluice_nvml_resolve_all();
    return sluice_nvml_real_function((unsigned)function);
}
