// proc_address.c: cuGetProcAddress. The real driver is asked first; the pointer that it returns is then mapped to our entry
// for the same function. A governed function that the map does not know is never passed on as it is.
#include "cuda_result.h"
#include "say.h"
#include "driver.h"
#include "resolve.h"

#include <string.h>

// CUdriverProcAddress_flags; CUdriverProcAddressQueryResult.
enum { PER_THREAD_DEFAULT_STREAM = 2 };
enum { SYMBOL_NOT_FOUND = 1 };
// The newest API that the description covers. A governed function asked for by a later version may have another signature.
enum { KNOWN_VERSION = 13000 };

struct range {
    int first, end; // functions whose names start with a base name; sorted by name, they are neighbours
};

static void *entry_for(const char *symbol, void *real, int version, unsigned long long flags);
static struct range functions_of(const char *base);
static int best_match(const char *base, struct range range, int version, int per_thread);

CUresult sluice_hook_cuGetProcAddress_v2(const char *symbol, void *pfn, int cudaVersion, cuuint64_t flags, void *symbolStatus) {
    sluice_resolve_all();
    CUresult result = sluice_real_cuGetProcAddress_v2(symbol, pfn, cudaVersion, flags, symbolStatus);
    void **function = pfn;
    if (result == CUDA_SUCCESS && symbol && function && *function) {
        *function = entry_for(symbol, *function, cudaVersion, flags);
        if (!*function && symbolStatus) {
            *(int *)symbolStatus = SYMBOL_NOT_FOUND;
        }
    }
    return result;
}

CUresult sluice_hook_cuGetProcAddress(const char *symbol, void *pfn, int cudaVersion, cuuint64_t flags) {
    sluice_resolve_all();
    CUresult result = sluice_real_cuGetProcAddress(symbol, pfn, cudaVersion, flags);
    void **function = pfn;
    if (result == CUDA_SUCCESS && symbol && function && *function) {
        *function = entry_for(symbol, *function, cudaVersion, flags);
        return *function ? CUDA_SUCCESS : CUDA_ERROR_NOT_FOUND;
    }
    return result;
}

static void *entry_for(const char *symbol, void *real, int version, unsigned long long flags) {
    int only = sluice_function_at(real);
    if (only >= 0) {
        return sluice_entries[only];
    }
    struct range range = functions_of(symbol);
    int governed = 0;
    for (int i = range.first; i < range.end; i++) {
        if (strcmp(sluice_functions[i].base, symbol)) {
            continue; // cuMemAllocAsync starts with cuMemAlloc too
        }
        if (sluice_real_function((unsigned)i) == real) {
            return sluice_entries[i];
        }
        governed |= sluice_functions[i].governed;
    }
    if (!governed) {
        return real; // no quota concerns any version of it
    }
    int function = version <= KNOWN_VERSION ? best_match(symbol, range, version, (flags & PER_THREAD_DEFAULT_STREAM) != 0) : -1;
    if (function < 0) {
        sluice_say("%s of CUDA version %d is newer than this libwrapper: it is reported as not found. Update Sluice", symbol, version);
        return NULL;
    }
    __atomic_store_n(&sluice_real[function], real, __ATOMIC_RELEASE);
    return sluice_entries[function];
}

static struct range functions_of(const char *base) {
    size_t length = strlen(base);
    int low = 0, high = SLUICE_FN_COUNT;
    while (low < high) {
        int middle = (low + high) / 2;
        if (strncmp(sluice_functions[middle].name, base, length) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    struct range range = {low, low};
    while (range.end < SLUICE_FN_COUNT && !strncmp(sluice_functions[range.end].name, base, length)) {
        range.end++;
    }
    return range;
}

static int best_match(const char *base, struct range range, int version, int per_thread) {
    int best = -1;
    for (int i = range.first; i < range.end; i++) {
        const struct sluice_function *f = &sluice_functions[i];
        if (!strcmp(f->base, base) && f->since <= version && f->per_thread == per_thread && (best < 0 || f->since >= sluice_functions[best].since)) {
            best = i;
        }
    }
    return best < 0 && per_thread ? best_match(base, range, version, 0) : best;
}
