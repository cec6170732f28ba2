#include "operations.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../cuda.h"

enum { OPENS_AFTER = 24, RESERVED_NOW = 5, OUT_OF_MEMORY = 2 };

uint64_t unit;

static uint64_t held, in_pool;
static void *pool;
static int (*allocate_async)(uint64_t *, size_t, void *);
static int (*free_async)(uint64_t, void *);

static void must(const char *what, int result) {
    if (result != 0) {
        fprintf(stderr, "crash_sweep: %s answered %d\n", what, result);
        _exit(2);
    }
}

void start_cuda(void) {
    void *context;
    must("cuInit", cuda.cuInit(0));
    must("cuCtxCreate", cuda.cuCtxCreate_v2(&context, 0, 0));
}

uint64_t allocate(uint64_t bytes) {
    uint64_t address = 0;
    must("cuMemAlloc", cuda.cuMemAlloc_v2(&address, bytes));
    return address;
}

void allocate_and_free(unsigned rounds) {
    for (unsigned i = 0; i < rounds; i++) {
        must("cuMemFree", cuda.cuMemFree_v2(allocate(unit)));
    }
}

static void start_with_a_little(void) {
    start_cuda();
    held = allocate(unit - 1);
}

static void start_undisturbed(void) {
    start_with_a_little();
    allocate_and_free(OPENS_AFTER);
}

static uint64_t reserved(void) {
    int (*get)(void *, int, void *) = (int (*)(void *, int, void *))cuda_symbol("cuMemPoolGetAttribute", "cuMemPoolGetAttribute", 11020);
    uint64_t bytes = 0;
    must("cuMemPoolGetAttribute", get(pool, RESERVED_NOW, &bytes));
    return bytes;
}

static void start_pool(void) {
    int (*get)(void **, int) = (int (*)(void **, int))cuda_symbol("cuDeviceGetDefaultMemPool", "cuDeviceGetDefaultMemPool", 11020);
    allocate_async = (int (*)(uint64_t *, size_t, void *))cuda_symbol("cuMemAllocAsync", "cuMemAllocAsync", 11020);
    free_async = (int (*)(uint64_t, void *))cuda_symbol("cuMemFreeAsync", "cuMemFreeAsync", 11020);
    start_cuda();
    must("cuDeviceGetDefaultMemPool", get(&pool, 0));
}

static void start_used_pool(void) {
    start_pool();
    must("cuMemAllocAsync", allocate_async(&in_pool, unit, NULL));
}

static void reach_only(void) {
}

static int allocate_two_units(void) {
    uint64_t address;
    return cuda.cuMemAlloc_v2(&address, 2 * unit - 1);
}

static int allocate_ten_units(void) {
    uint64_t address;
    return cuda.cuMemAlloc_v2(&address, 10 * unit);
}

static int allocate_too_much(void) {
    uint64_t address;
    return cuda.cuMemAlloc_v2(&address, 16 * unit);
}

static int free_what_is_held(void) {
    return cuda.cuMemFree_v2(held);
}

static int initialize(void) {
    return cuda.cuInit(0);
}

static int allocate_from_pool(void) {
    return allocate_async(&in_pool, unit, NULL);
}

static int free_to_pool(void) {
    int freed = free_async(in_pool, NULL);
    return freed ? freed : cuda.cuStreamSynchronize(NULL);
}

static int64_t nothing(void) {
    return 0;
}

static int64_t two_units(void) {
    return 2 * (int64_t)unit;
}

static int64_t ten_units(void) {
    return 10 * (int64_t)unit;
}

static int64_t minus_one_unit(void) {
    return -(int64_t)unit;
}

static uint64_t reserved_before;

static void start_pool_and_note(void) {
    start_pool();
    reserved_before = reserved();
}

static void start_used_pool_and_note(void) {
    start_used_pool();
    reserved_before = reserved();
}

static int64_t change_of_pool(void) {
    return (int64_t)(reserved() - reserved_before);
}

static const struct operation operations[] = {
    {"charge", start_with_a_little, 1, 0, allocate_two_units, 0, two_units},
    {"charge-undisturbed", start_undisturbed, 0, 0, allocate_two_units, 0, two_units},
    {"charge-after-undisturbed", start_with_a_little, OPENS_AFTER, 0, allocate_two_units, 0, two_units},
    {"denial", start_with_a_little, 1, 0, allocate_too_much, OUT_OF_MEMORY, nothing},
    {"release", start_with_a_little, 1, 0, free_what_is_held, 0, minus_one_unit},
    {"release-undisturbed", start_undisturbed, 0, 0, free_what_is_held, 0, minus_one_unit},
    {"release-after-undisturbed", start_with_a_little, OPENS_AFTER, 0, free_what_is_held, 0, minus_one_unit},
    {"reclaim", start_cuda, 1, 1, allocate_ten_units, 0, ten_units},
    {"reclaim-after-undisturbed", start_cuda, OPENS_AFTER, 1, allocate_ten_units, 0, ten_units},
    {"join", reach_only, 1, 0, initialize, 0, nothing},
    {"join-in-place-of-the-dead", reach_only, 1, 1, initialize, 0, nothing},
    {"pool-growth", start_pool_and_note, 1, 0, allocate_from_pool, 0, change_of_pool},
    {"pool-settle", start_used_pool_and_note, 1, 0, free_to_pool, 0, change_of_pool},
    {"wait", start_with_a_little, 1, 0, allocate_too_much, OUT_OF_MEMORY, nothing},
};

const struct operation *operation_named(const char *name) {
    for (unsigned i = 0; i < sizeof operations / sizeof *operations; i++) {
        if (strcmp(operations[i].name, name) == 0) {
            return &operations[i];
        }
    }
    return NULL;
}
