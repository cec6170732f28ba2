// null_driver.c: the few functions of the do-nothing driver that must answer something. All others are generated and
// return 0 at once, so that what a benchmark measures on this driver is the cost of the way to it.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "null_proc_answers.h"

#define EXPORT __attribute__((visibility("default")))

enum { SUCCESS = 0, INVALID_VALUE = 1, INVALID_DEVICE = 101, NOT_FOUND = 500 };

static const uint64_t MEMORY_BYTES = 1ull << 46;
static const unsigned char UUID[16] = {0x6e, 0x75, 0x6c, 0x6c, 0x00, 0x00, 0x40, 0x00, 0x80, 0, 0, 0, 0, 0, 0, 1};
static char context;

EXPORT int cuDriverGetVersion(int *version) {
    *version = 12020;
    return SUCCESS;
}

EXPORT int cuDeviceGetCount(int *count) {
    *count = 1;
    return SUCCESS;
}

EXPORT int cuDeviceGet(int *device, int ordinal) {
    *device = 0;
    return ordinal == 0 ? SUCCESS : INVALID_DEVICE;
}

EXPORT int cuDeviceGetUuid(unsigned char *uuid, int device) {
    (void)device;
    memcpy(uuid, UUID, sizeof UUID);
    return SUCCESS;
}

EXPORT int cuDeviceGetUuid_v2(unsigned char *uuid, int device) {
    return cuDeviceGetUuid(uuid, device);
}

EXPORT int cuDeviceGetName(char *name, int length, int device) {
    (void)device;
    if (length > 0) {
        strncpy(name, "Do-nothing GPU", (size_t)length - 1);
        name[length - 1] = 0;
    }
    return SUCCESS;
}

EXPORT int cuDeviceGetAttribute(int *value, int attribute, int device) {
    (void)attribute, (void)device;
    *value = 1;
    return SUCCESS;
}

EXPORT int cuEventCreate(void **event, unsigned flags) {
    (void)flags;
    *event = &context;
    return SUCCESS;
}

EXPORT int cuDeviceTotalMem_v2(size_t *bytes, int device) {
    (void)device;
    *bytes = MEMORY_BYTES;
    return SUCCESS;
}

EXPORT int cuMemGetInfo_v2(size_t *free, size_t *total) {
    *free = *total = MEMORY_BYTES;
    return SUCCESS;
}

// One context, current in every thread: a context costs nothing here.
EXPORT int cuCtxGetCurrent(void **current) {
    *current = &context;
    return SUCCESS;
}

EXPORT int cuCtxGetDevice(int *device) {
    *device = 0;
    return SUCCESS;
}

EXPORT int cuCtxCreate_v2(void **created, unsigned flags, int device) {
    (void)flags, (void)device;
    *created = &context;
    return SUCCESS;
}

EXPORT int cuDevicePrimaryCtxRetain(void **retained, int device) {
    return cuCtxCreate_v2(retained, 0, device);
}

// Addresses rise and never come back. Each thread has a terabyte of its own, since a counter that all threads share
// would cost more than what is measured.
static uint64_t next_address(void) {
    static uint64_t threads;
    static __thread uint64_t next __attribute__((tls_model("initial-exec")));
    if (next == 0) {
        next = (__atomic_fetch_add(&threads, 1, __ATOMIC_RELAXED) + 1) << 40;
    }
    return next += 512;
}

EXPORT int cuMemAlloc_v2(uint64_t *address, size_t bytes) {
    (void)bytes;
    *address = next_address();
    return SUCCESS;
}

EXPORT int cuMemAllocManaged(uint64_t *address, size_t bytes, unsigned flags) {
    (void)flags;
    return cuMemAlloc_v2(address, bytes);
}

EXPORT int cuMemAllocPitch_v2(uint64_t *address, size_t *pitch, size_t width, size_t height, unsigned element) {
    (void)element;
    *pitch = (width + 511) / 512 * 512;
    return cuMemAlloc_v2(address, *pitch * height);
}

static int compare(const struct null_proc_answer *row, const char *base, unsigned flags, int version) {
    int order = strcmp(row->base, base);
    if (order != 0) {
        return order;
    }
    if (row->flags != flags) {
        return row->flags < flags ? -1 : 1;
    }
    return row->from_version <= version ? -1 : 1;
}

// The last row at or before (base, flags, version), NULL if it is of another base or flags.
static const struct null_proc_answer *find(const char *base, unsigned flags, int version) {
    int low = 0, high = null_proc_answer_count;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (compare(&null_proc_answers[middle], base, flags, version) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const struct null_proc_answer *row = low > 0 ? &null_proc_answers[low - 1] : NULL;
    return row && row->flags == flags && strcmp(row->base, base) == 0 ? row : NULL;
}

EXPORT int cuGetProcAddress_v2(const char *symbol, void **function, int version, uint64_t flags, int *status) {
    if (!symbol || !function || flags > 2) {
        return INVALID_VALUE;
    }
    const struct null_proc_answer *row = find(symbol, (unsigned)flags, version);
    *function = row ? row->function : NULL;
    if (status) {
        *status = row ? row->status : 1; // SYMBOL_NOT_FOUND
    }
    return SUCCESS;
}

EXPORT int cuGetProcAddress(const char *symbol, void **function, int version, uint64_t flags) {
    int result = cuGetProcAddress_v2(symbol, function, version, flags, NULL);
    return result == SUCCESS && !*function ? NOT_FOUND : result;
}

EXPORT int cuGetErrorString(int error, const char **text) {
    (void)error;
    *text = "the do-nothing driver has no errors";
    return SUCCESS;
}

EXPORT int cuGetExportTable(const void **table, const void *id) {
    (void)id;
    *table = NULL;
    return NOT_FOUND;
}
