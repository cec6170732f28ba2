// families.c: the ways to take device memory besides cuMemAlloc: pools, memory by handle, arrays, graphs. What a command makes is
// numbered, kind by kind, in the order of its creation.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"

enum { MOST = 1024 };

// As NVIDIA's documentation has them ("Data types used by CUDA driver").
struct location {
    int type, id;
};
struct pool_props {
    int allocation_type, handle_types;
    struct location location;
    void *security;
    unsigned char reserved[64];
};
struct allocation_prop {
    int type, handle_types;
    struct location location;
    void *security;
    unsigned char flags[8];
};
struct array_description {
    size_t width, height, depth;
    int format;
    unsigned channels, flags;
};
struct array_description_2d {
    size_t width, height;
    int format;
    unsigned channels;
};
struct allocation_node {
    struct pool_props pool;
    const void *access;
    size_t access_count, bytes;
    uint64_t address;
};

static uint64_t made[6][MOST];
static int count[6];
enum kind { POINTER, POOL, HANDLE, MAPPING, ARRAY, EXECUTABLE };
static size_t mapped_bytes[MOST];

static void keep(enum kind kind, int result, uint64_t what) {
    if (result == 0 && count[kind] < MOST) {
        made[kind][count[kind]++] = what;
    }
    answer("%d %d", result, count[kind] - 1);
}

static uint64_t kept(enum kind kind, const char *text) {
    return made[kind][text ? strtoull(text, NULL, 10) % MOST : 0];
}

static size_t number(const char *text) {
    return text ? strtoull(text, NULL, 10) : 0;
}

static void *function(const char *symbol, int version) {
    char base[64];
    strncpy(base, symbol, sizeof base - 1);
    base[sizeof base - 1] = 0;
    char *suffix = strstr(base, "_v2");
    if (suffix) {
        *suffix = 0;
    }
    return cuda_symbol(symbol, base, version);
}

// pool-alloc BYTES [POOL]
void do_pool_alloc(char **a) {
    uint64_t address = 0;
    int (*alloc)(uint64_t *, size_t, void *) = (int (*)(uint64_t *, size_t, void *))function("cuMemAllocAsync", 11020);
    int (*from)(uint64_t *, size_t, void *, void *) = (int (*)(uint64_t *, size_t, void *, void *))function("cuMemAllocFromPoolAsync", 11020);
    int result = a[2] ? from(&address, number(a[1]), (void *)(uintptr_t)kept(POOL, a[2]), NULL) : alloc(&address, number(a[1]), NULL);
    keep(POINTER, result, address);
}

static void *captured;

// Begins to capture a stream, in global mode: for all threads what might break the capture is forbidden.
void do_capture_begin(char **a) {
    (void)a;
    int (*create)(void **, unsigned) = (int (*)(void **, unsigned))function("cuStreamCreate", 2000);
    int (*begin)(void *, int) = (int (*)(void *, int))function("cuStreamBeginCapture_v2", 10010);
    int result = create(&captured, 1);
    answer("%d", result ? result : begin(captured, 0));
}

void do_capture_end(char **a) {
    (void)a;
    int (*end)(void *, void **) = (int (*)(void *, void **))function("cuStreamEndCapture", 10000);
    void *graph = NULL;
    answer("%d", end(captured, &graph));
}

// pool-alloc-beside BYTES: on a stream that no other holds up
void do_pool_alloc_beside(char **a) {
    int (*create)(void **, unsigned) = (int (*)(void **, unsigned))function("cuStreamCreate", 2000);
    int (*alloc)(uint64_t *, size_t, void *) = (int (*)(uint64_t *, size_t, void *))function("cuMemAllocAsync", 11020);
    uint64_t address = 0;
    void *stream = NULL;
    int result = create(&stream, 1);
    keep(POINTER, result ? result : alloc(&address, number(a[1]), stream), address);
}

// pool-free POINTER [sync]
void do_pool_free(char **a) {
    int (*free_async)(uint64_t, void *) = (int (*)(uint64_t, void *))function("cuMemFreeAsync", 11020);
    answer("%d", a[2] ? cuda.cuMemFree_v2(kept(POINTER, a[1])) : free_async(kept(POINTER, a[1]), NULL));
}

// pool-create DEVICE
void do_pool_create(char **a) {
    int (*create)(void **, const struct pool_props *) = (int (*)(void **, const struct pool_props *))function("cuMemPoolCreate", 11020);
    struct pool_props props = {.allocation_type = 1, .location = {1, (int)number(a[1])}};
    void *pool = NULL;
    int result = create(&pool, &props);
    keep(POOL, result, (uint64_t)(uintptr_t)pool);
}

// pool-default DEVICE: numbered like one that was created
void do_pool_default(char **a) {
    int (*get)(void **, int) = (int (*)(void **, int))function("cuDeviceGetDefaultMemPool", 11020);
    void *pool = NULL;
    int result = get(&pool, (int)number(a[1]));
    keep(POOL, result, (uint64_t)(uintptr_t)pool);
}

void do_pool_destroy(char **a) {
    int (*destroy)(void *) = (int (*)(void *))function("cuMemPoolDestroy", 11020);
    answer("%d", destroy((void *)(uintptr_t)kept(POOL, a[1])));
}

// pool-trim POOL BYTES
void do_pool_trim(char **a) {
    int (*trim)(void *, size_t) = (int (*)(void *, size_t))function("cuMemPoolTrimTo", 11020);
    answer("%d", trim((void *)(uintptr_t)kept(POOL, a[1]), number(a[2])));
}

// pool-keep POOL BYTES: the release threshold
void do_pool_keep(char **a) {
    int (*set)(void *, int, void *) = (int (*)(void *, int, void *))function("cuMemPoolSetAttribute", 11020);
    uint64_t bytes = number(a[2]);
    answer("%d", set((void *)(uintptr_t)kept(POOL, a[1]), 4, &bytes));
}

// reserved POOL: what the driver says that the pool holds, has held at most, has handed out, has handed out at most
void do_reserved(char **a) {
    int (*get)(void *, int, void *) = (int (*)(void *, int, void *))function("cuMemPoolGetAttribute", 11020);
    unsigned long long told[4] = {0};
    int result = 0;
    for (int i = 0; i < 4 && result == 0; i++) {
        result = get((void *)(uintptr_t)kept(POOL, a[1]), 5 + i, &told[i]);
    }
    answer("%d %llu %llu %llu %llu", result, told[0], told[1], told[2], told[3]);
}

void do_sync(char **a) {
    (void)a;
    answer("%d", cuda.cuCtxSynchronize());
}

// create BYTES [HANDLE-TYPES]
void do_create(char **a) {
    int (*create)(uint64_t *, size_t, const void *, uint64_t) = (int (*)(uint64_t *, size_t, const void *, uint64_t))function("cuMemCreate", 10020);
    struct allocation_prop prop = {.type = 1, .handle_types = (int)number(a[2]), .location = {1, 0}};
    uint64_t handle = 0;
    int result = create(&handle, number(a[1]), &prop, 0);
    keep(HANDLE, result, handle);
}

// export HANDLE PATH: its descriptor, over a socket
void do_export(char **a) {
    int (*export)(void *, uint64_t, int, uint64_t) = (int (*)(void *, uint64_t, int, uint64_t))function("cuMemExportToShareableHandle", 10020);
    int fd = -1, result = export(&fd, kept(HANDLE, a[1]), 1, 0);
    if (result == 0 && send_descriptor(a[2], fd) != 0) {
        result = -1;
    }
    close(fd);
    answer("%d", result);
}

// import PATH: what comes over the socket, numbered like a handle that was created
void do_import(char **a) {
    int (*import)(uint64_t *, void *, int) = (int (*)(uint64_t *, void *, int))function("cuMemImportFromShareableHandle", 10020);
    uint64_t handle = 0;
    int fd = receive_descriptor(a[1]), result = import(&handle, (void *)(intptr_t)fd, 1);
    close(fd);
    keep(HANDLE, result, handle);
}

void do_release(char **a) {
    int (*release)(uint64_t) = (int (*)(uint64_t))function("cuMemRelease", 10020);
    answer("%d", release(kept(HANDLE, a[1])));
}

// map HANDLE BYTES: at an address of its own
void do_map(char **a) {
    int (*reserve)(uint64_t *, size_t, size_t, uint64_t, uint64_t) =
        (int (*)(uint64_t *, size_t, size_t, uint64_t, uint64_t))function("cuMemAddressReserve", 10020);
    int (*map)(uint64_t, size_t, size_t, uint64_t, uint64_t) = (int (*)(uint64_t, size_t, size_t, uint64_t, uint64_t))function("cuMemMap", 10020);
    uint64_t address = 0;
    int result = reserve(&address, number(a[2]), 0, 0, 0);
    if (result == 0) {
        result = map(address, number(a[2]), 0, kept(HANDLE, a[1]), 0);
    }
    mapped_bytes[count[MAPPING] % MOST] = number(a[2]);
    keep(MAPPING, result, address);
}

void do_unmap(char **a) {
    int (*unmap)(uint64_t, size_t) = (int (*)(uint64_t, size_t))function("cuMemUnmap", 10020);
    answer("%d", unmap(kept(MAPPING, a[1]), mapped_bytes[number(a[1]) % MOST]));
}

// retain MAPPING: one more reference, numbered like a handle that was created
void do_retain(char **a) {
    int (*retain)(uint64_t *, void *) = (int (*)(uint64_t *, void *))function("cuMemRetainAllocationHandle", 11000);
    uint64_t handle = 0;
    int result = retain(&handle, (void *)(uintptr_t)kept(MAPPING, a[1]));
    keep(HANDLE, result, handle);
}

// array WIDTH HEIGHT FORMAT CHANNELS [DEPTH FLAGS]
void do_array(char **a) {
    int (*create)(void **, const void *) = (int (*)(void **, const void *))function("cuArrayCreate_v2", 3020);
    int (*create_3d)(void **, const void *) = (int (*)(void **, const void *))function("cuArray3DCreate_v2", 3020);
    struct array_description_2d flat = {number(a[1]), number(a[2]), (int)number(a[3]), (unsigned)number(a[4])};
    struct array_description deep = {flat.width, flat.height, number(a[5]), flat.format, flat.channels, a[5] ? (unsigned)number(a[6]) : 0};
    void *array = NULL;
    int result = a[5] ? create_3d(&array, &deep) : create(&array, &flat);
    keep(ARRAY, result, (uint64_t)(uintptr_t)array);
}

// mipmapped WIDTH HEIGHT FORMAT CHANNELS LEVELS
void do_mipmapped(char **a) {
    int (*create)(void **, const void *, unsigned) = (int (*)(void **, const void *, unsigned))function("cuMipmappedArrayCreate", 5000);
    struct array_description description = {number(a[1]), number(a[2]), 0, (int)number(a[3]), (unsigned)number(a[4]), 0};
    void *array = NULL;
    int result = create(&array, &description, (unsigned)number(a[5]));
    keep(ARRAY, result, (uint64_t)(uintptr_t)array);
}

// array-destroy ARRAY [mipmapped]
void do_array_destroy(char **a) {
    int (*destroy)(void *) = (int (*)(void *))(a[2] ? function("cuMipmappedArrayDestroy", 5000) : function("cuArrayDestroy", 2000));
    answer("%d", destroy((void *)(uintptr_t)kept(ARRAY, a[1])));
}

// graph BYTES…: a graph that allocates each, one after the other, and frees them all, instantiated
void do_graph(char **a) {
    int (*create)(void **, unsigned) = (int (*)(void **, unsigned))function("cuGraphCreate", 10000);
    int (*add)(void **, void *, void *const *, size_t, void *) = (int (*)(void **, void *, void *const *, size_t, void *))function("cuGraphAddMemAllocNode", 11040);
    int (*add_free)(void **, void *, void *const *, size_t, uint64_t) = (int (*)(void **, void *, void *const *, size_t, uint64_t))function("cuGraphAddMemFreeNode", 11040);
    int (*instantiate)(void **, void *, uint64_t) = (int (*)(void **, void *, uint64_t))function("cuGraphInstantiateWithFlags", 11040);
    void *graph = NULL, *node = NULL, *previous = NULL, *executable = NULL;
    uint64_t addresses[8];
    int result = create(&graph, 0), n = 0;
    for (; result == 0 && a[n + 1]; n++) {
        struct allocation_node allocation = {.pool = {.allocation_type = 1, .location = {1, 0}}, .bytes = number(a[n + 1])};
        result = add(&node, graph, previous ? &previous : NULL, previous != NULL, &allocation);
        addresses[n] = allocation.address;
        previous = node;
    }
    for (int i = 0; result == 0 && i < n; i++) {
        result = add_free(&node, graph, &previous, 1, addresses[i]);
        previous = node;
    }
    if (result == 0) {
        result = instantiate(&executable, graph, 0);
    }
    keep(EXECUTABLE, result, (uint64_t)(uintptr_t)executable);
}

void do_graph_launch(char **a) {
    int (*launch)(void *, void *) = (int (*)(void *, void *))function("cuGraphLaunch", 10000);
    answer("%d", launch((void *)(uintptr_t)kept(EXECUTABLE, a[1]), NULL));
}

void do_graph_destroy(char **a) {
    int (*destroy)(void *) = (int (*)(void *))function("cuGraphExecDestroy", 10000);
    answer("%d", destroy((void *)(uintptr_t)kept(EXECUTABLE, a[1])));
}

void do_graph_trim(char **a) {
    int (*trim)(int) = (int (*)(int))function("cuDeviceGraphMemTrim", 11040);
    answer("%d", trim((int)number(a[1])));
}

// graph-reserved DEVICE: what the driver says that it keeps for graphs, has kept at most, has in use, has had in use at most
void do_graph_reserved(char **a) {
    int (*get)(int, int, void *) = (int (*)(int, int, void *))function("cuDeviceGetGraphMemAttribute", 11040);
    unsigned long long told[4] = {0};
    int result = 0;
    for (int i = 0; i < 4 && result == 0; i++) {
        result = get((int)number(a[1]), (i + 2) % 4, &told[i]);
    }
    answer("%d %llu %llu %llu %llu", result, told[0], told[1], told[2], told[3]);
}
