// host.c: page-locked host memory, allocated and registered. What a command makes is numbered in the order of its creation.
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "client.h"

enum { MOST = 1024 };

struct allocation_prop {
    int type, handle_types;
    struct {
        int type, id;
    } location;
    void *security;
    unsigned char flags[8];
};

static void *locked[MOST];
static int count;

static size_t number(const char *text) {
    return text ? strtoull(text, NULL, 10) : 0;
}

static void keep(int result, void *memory) {
    if (result == 0 && count < MOST) {
        locked[count++] = memory;
    }
    answer("%d %d", result, count - 1);
}

static void *kept(const char *text) {
    return locked[number(text) % MOST];
}

// host-alloc BYTES [SYMBOL]: by cuMemHostAlloc, or by a function that takes no flags
void do_host_alloc(char **a) {
    int (*allocate)(void **, size_t, unsigned) = (int (*)(void **, size_t, unsigned))cuda_symbol("cuMemHostAlloc", "cuMemHostAlloc", 2020);
    int (*plain)(void **, size_t) = NULL;
    void *memory = NULL;
    if (a[2]) {
        plain = (int (*)(void **, size_t))cuda_symbol(a[2], "cuMemAllocHost", strstr(a[2], "_v2") ? 3020 : 2000);
    }
    int result = plain ? plain(&memory, number(a[1])) : allocate(&memory, number(a[1]), 0);
    keep(result, memory);
}

// host-register OFFSET BYTES: of memory that begins at a page
void do_host_register(char **a) {
    int (*lock)(void *, size_t, unsigned) = (int (*)(void *, size_t, unsigned))cuda_symbol("cuMemHostRegister_v2", "cuMemHostRegister", 6050);
    size_t offset = number(a[1]), bytes = number(a[2]);
    char *memory = mmap(NULL, offset + bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    keep(memory == MAP_FAILED ? -1 : lock(memory + offset, bytes, 0), memory + offset);
}

void do_host_free(char **a) {
    int (*release)(void *) = (int (*)(void *))cuda_symbol("cuMemFreeHost", "cuMemFreeHost", 2000);
    answer("%d", release(kept(a[1])));
}

void do_host_unregister(char **a) {
    int (*unlock)(void *) = (int (*)(void *))cuda_symbol("cuMemHostUnregister", "cuMemHostUnregister", 4000);
    answer("%d", unlock(kept(a[1])));
}

// host-create BYTES: memory by handle, on the host's NUMA node 0
void do_host_create(char **a) {
    int (*create)(uint64_t *, size_t, const void *, uint64_t) = (int (*)(uint64_t *, size_t, const void *, uint64_t))cuda_symbol("cuMemCreate", "cuMemCreate", 10020);
    struct allocation_prop prop = {.type = 1, .location = {3, 0}};
    uint64_t handle = 0;
    answer("%d", create(&handle, number(a[1]), &prop, 0));
}
