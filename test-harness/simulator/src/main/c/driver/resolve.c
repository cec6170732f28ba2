// resolve.c: cuGetProcAddress, answered from the generated table of what the 535 driver answers; see proc_address.h.
#include <string.h>

#include "driver/api.h"
#include "driver/proc_address.h"

enum { STATUS_FOUND = 0, STATUS_NOT_FOUND = 1, STATUS_TOO_OLD = 2, FLAGS_PER_THREAD = 2, FLAGS_LAST = 3 };

// The first row of this name, or NULL; the table is sorted by name.
static const struct proc_address *first_row(const char *base) {
    size_t low = 0, high = proc_address_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (strcmp(proc_address[middle].base, base) < 0) low = middle + 1;
        else high = middle;
    }
    return low < proc_address_count && strcmp(proc_address[low].base, base) == 0 ? &proc_address[low] : NULL;
}

static int look_up(const char *symbol, int version, cuuint64_t flags, void **function) {
    const struct proc_address *row = first_row(symbol), *end = proc_address + proc_address_count, *best = NULL;
    int wanted = flags & FLAGS_PER_THREAD ? FLAGS_PER_THREAD : (int)flags;
    *function = NULL;
    if (!row) return STATUS_NOT_FOUND;
    for (; row < end && strcmp(row->base, symbol) == 0; row++)
        if (row->flags == wanted && row->from_version <= version) best = row;
    if (!best) return STATUS_TOO_OLD;
    *function = (void *)(uintptr_t)best->function;
    return best->status;
}

CUresult cuGetProcAddress_v2(const char *symbol, void **pfn, int cudaVersion, cuuint64_t flags,
                             CUdriverProcAddressQueryResult *symbolStatus) {
    if (!symbol || !pfn || flags > FLAGS_LAST) return CUDA_ERROR_INVALID_VALUE;
    int status = look_up(symbol, cudaVersion, flags, pfn);
    if (symbolStatus) *symbolStatus = status;
    return CUDA_SUCCESS;
}

CUresult cuGetProcAddress(const char *symbol, void **pfn, int cudaVersion, cuuint64_t flags) {
    if (!symbol || !pfn || flags > FLAGS_LAST) return CUDA_ERROR_INVALID_VALUE;
    return look_up(symbol, cudaVersion, flags, pfn) == STATUS_FOUND ? CUDA_SUCCESS : CUDA_ERROR_NOT_FOUND;
}
