// ptx_run.c: runs one kernel of a PTX file over a buffer. For tests of the interpreter, which knows no driver.
//
//   ptx_run FILE KERNEL GRID BLOCK SHARED_BYTES [ARGUMENT ...] < buffer > buffer
//
// GRID and BLOCK are "x" or "x,y,z". An ARGUMENT is a number, or "buffer" for the buffer's address, or "buffer+N". The exit code
// is the enum ptx_status; what failed is told on standard error. With PTX_RUN_REPORT set, a success reports there, too.
// With PTX_RUN_CANCEL_MS=N the launch is cancelled after N milliseconds. With PTX_RUN_COOPERATIVE set, all blocks live at once. What
// the kernel prints goes to standard error.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../main/c/ptx/ptx.h"

// Device memory: a few allocations at addresses that are no pointers of the host, with gaps between them.
enum { MOST_ALLOCATIONS = 8 };
static struct { uint64_t base, bytes; uint8_t *host; } allocations[MOST_ALLOCATIONS];

static uint64_t take(void *context, uint64_t bytes, uint64_t align)
{
    (void)context;
    for (int i = 0; i < MOST_ALLOCATIONS; i++) {
        if (allocations[i].host) continue;
        uint64_t rounded = (bytes + align - 1) / align * align;
        allocations[i].host = bytes < (UINT64_C(1) << 32) ? aligned_alloc(align, rounded ? rounded : align) : NULL;
        if (!allocations[i].host) return 0;
        allocations[i].bytes = bytes;
        return allocations[i].base = UINT64_C(0x700000000000) + (uint64_t)i * (UINT64_C(1) << 33);
    }
    return 0;
}

static void release(void *context, uint64_t address)
{
    (void)context;
    for (int i = 0; i < MOST_ALLOCATIONS; i++) {
        if (!allocations[i].host || allocations[i].base != address) continue;
        free(allocations[i].host);
        allocations[i].host = NULL;
    }
}

static int range(void *context, uint64_t address, uint64_t *base, uint64_t *end, void **host)
{
    (void)context;
    for (int i = 0; i < MOST_ALLOCATIONS; i++) {
        if (!allocations[i].host || address - allocations[i].base >= allocations[i].bytes) continue;
        *base = allocations[i].base;
        *end = allocations[i].base + allocations[i].bytes;
        *host = allocations[i].host;
        return 1;
    }
    return 0;
}

static void *translate(void *context, uint64_t address, uint64_t bytes)
{
    uint64_t base, end;
    void *host;
    if (!range(context, address, &base, &end, &host) || end - address < bytes) return NULL;
    return (uint8_t *)host + (address - base);
}

static char *read_all(FILE *file, size_t *length)
{
    char *bytes = NULL;
    size_t capacity = 0;
    *length = 0;
    do {
        if (*length == capacity) bytes = realloc(bytes, capacity = capacity ? capacity * 2 : 4096);
        if (!bytes) abort();
        *length += fread(bytes + *length, 1, capacity - *length, file);
    } while (!feof(file) && !ferror(file));
    return bytes;
}

static void parse_extent(const char *text, uint32_t extent[3])
{
    extent[0] = extent[1] = extent[2] = 1;
    sscanf(text, "%u,%u,%u", &extent[0], &extent[1], &extent[2]);
}

static void pack_arguments(const struct ptx_kernel *kernel, char **arguments, int count, uint64_t buffer, uint8_t *packed)
{
    const struct ptx_parameter *parameters = ptx_parameters(kernel);
    for (uint32_t i = 0; i < ptx_parameter_count(kernel) && (int)i < count; i++) {
        uint64_t value = !strncmp(arguments[i], "buffer", 6) ? buffer + strtoull(arguments[i] + 6, NULL, 0)
            : strtoull(arguments[i], NULL, 0);
        memcpy(packed + parameters[i].offset, &value, parameters[i].size < 8 ? parameters[i].size : 8);
    }
}

static volatile int cancel;

static void *cancel_later(void *milliseconds)
{
    long wait = *(long *)milliseconds;
    struct timespec time = {wait / 1000, wait % 1000 * 1000000};
    nanosleep(&time, NULL);
    __atomic_store_n(&cancel, 1, __ATOMIC_RELAXED);
    return NULL;
}

static void print(void *context, const char *text, size_t length)
{
    (void)context;
    fwrite(text, 1, length, stderr);
}

static enum ptx_status run(const struct ptx_kernel *kernel, struct ptx_launch *launch)
{
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    enum ptx_status status = ptx_run(kernel, launch);
    clock_gettime(CLOCK_MONOTONIC, &after);
    double seconds = (double)(after.tv_sec - before.tv_sec) + (double)(after.tv_nsec - before.tv_nsec) * 1e-9;
    if (status != PTX_OK) fprintf(stderr, "%s\n", launch->error);
    else if (getenv("PTX_RUN_REPORT")) fprintf(stderr, "instructions=%llu seconds=%.6f millions_per_second=%.1f\n",
        (unsigned long long)launch->instructions, seconds, (double)launch->instructions / seconds / 1e6);
    return status;
}

int main(int count, char **arguments)
{
    if (count < 6) return 99;
    FILE *file = fopen(arguments[1], "rb");
    if (!file) return 98;
    size_t length, bytes;
    char *text = read_all(file, &length), *input = read_all(stdin, &bytes), log[512];
    fclose(file);
    uint64_t buffer = take(NULL, bytes, 256);
    if (bytes) memcpy(translate(NULL, buffer, 0), input, bytes);
    const struct ptx_memory memory = {NULL, take, release, translate, range};
    struct ptx_module *module;
    enum ptx_status status = ptx_load(text, length, &memory, &module, &(struct ptx_log){log, sizeof log});
    memset(text, '#', length); // a module keeps nothing of its text
    if (status != PTX_OK) {
        fprintf(stderr, "%s\n", log);
    } else {
        const struct ptx_kernel *kernel = ptx_find_kernel(module, arguments[2]);
        uint8_t *packed = calloc(1, kernel ? ptx_parameter_bytes(kernel) + 1 : 1);
        struct ptx_launch launch = {.parameters = packed, .dynamic_shared_bytes = (uint32_t)strtoul(arguments[5], NULL, 0),
            .cancel = &cancel, .print = print, .cooperative = getenv("PTX_RUN_COOPERATIVE") != NULL, .sms = 4};
        parse_extent(arguments[3], launch.grid);
        parse_extent(arguments[4], launch.block);
        pthread_t canceller;
        long wait = getenv("PTX_RUN_CANCEL_MS") ? atol(getenv("PTX_RUN_CANCEL_MS")) : 0;
        if (wait && pthread_create(&canceller, NULL, cancel_later, &wait)) return 97;
        if (kernel) pack_arguments(kernel, arguments + 6, count - 6, buffer, packed);
        status = kernel ? run(kernel, &launch) : (enum ptx_status)96;
        if (wait) pthread_join(canceller, NULL);
        ptx_unload(module);
        free(packed);
        if (bytes) fwrite(translate(NULL, buffer, 0), 1, bytes, stdout);
    }
    release(NULL, buffer);
    free(text);
    free(input);
    return (int)status;
}
