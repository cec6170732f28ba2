// guest.c: calls that an application makes by mistake, and what of a process the libwrapper must leave as it is.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"

extern char **environ;

typedef int (*any_function)(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);

static int call(const char *name, int version, const uint64_t a[8]) {
    any_function function = (any_function)cuda_symbol(name, name, version);
    return function ? function(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]) : -1;
}

// null-outputs: calls with nowhere to put what they give, each in turn; answers every result in one line
void do_null_outputs(char **a) {
    static uint64_t scratch[32];
    uint64_t p = (uint64_t)(uintptr_t)scratch;
    size_t description[4] = {64, 64, 1ull << 32 | 0x20, 0}; // CUDA_ARRAY_DESCRIPTOR: width, height, format and channels
    const struct {
        const char *name;
        int version;
        uint64_t arguments[8];
    } calls[] = {
        {"cuMemAlloc_v2", 3020, {0, 512}},
        {"cuMemAlloc_v2", 3020, {p, 0}},
        {"cuMemAllocPitch_v2", 3020, {0, p, 512, 2, 4}},
        {"cuMemAllocPitch_v2", 3020, {p, 0, 512, 2, 4}},
        {"cuMemAllocPitch_v2", 3020, {p, p + 8, 0, 2, 4}},
        {"cuMemAllocManaged", 6000, {0, 512, 1}},
        {"cuMemAllocManaged", 6000, {p, 512, 7}},
        {"cuMemAllocAsync", 11020, {0, 512, 0}},
        {"cuMemAllocFromPoolAsync", 11020, {p, 512, 0, 0}},
        {"cuMemCreate", 10020, {0, 2 << 20, p, 0}},
        {"cuMemCreate", 10020, {p, 2 << 20, 0, 0}},
        {"cuArrayCreate_v2", 3020, {0, (uint64_t)(uintptr_t)description}},
        {"cuArrayCreate_v2", 3020, {p, 0}},
        {"cuArray3DCreate_v2", 3020, {0, p}},
        {"cuMipmappedArrayCreate", 5000, {0, p, 1}},
        {"cuMemHostAlloc", 2020, {0, 4096, 0}},
        {"cuMemAllocHost_v2", 3020, {0, 4096}},
        {"cuMemHostRegister_v2", 6050, {0, 4096, 0}},
        {"cuMemPoolCreate", 11020, {0, p}},
        {"cuMemPoolCreate", 11020, {p, 0}},
        {"cuMemPoolGetAttribute", 11020, {0, 5, p}},
        {"cuMemGetInfo_v2", 3020, {0, 0}},
        {"cuDeviceTotalMem_v2", 3020, {0, 0}},
        {"cuDeviceGetAttribute", 2000, {0, 16, 0}},
        {"cuIpcGetMemHandle", 4010, {0, p}},
        {"cuIpcOpenMemHandle_v2", 11000, {0}},
        {"cuModuleLoadData", 2000, {0, p}},
        {"cuModuleLoadData", 2000, {p, 0}},
        {"cuModuleGetFunction", 2000, {0, 0, 0}},
        {"cuLibraryLoadData", 12000, {0, p, 0, 0, 0, 0, 0, 0}},
        {"cuGraphInstantiateWithFlags", 11040, {0, 0, 0}},
        {"cuCtxCreate_v2", 4000, {0, 0, 0}},
        {"cuDevicePrimaryCtxRetain", 7000, {0, 0}},
        {"cuCtxSetLimit", 3010, {99, 1}},
        {"cuMemFree_v2", 3020, {0}},
        {"cuMemFreeAsync", 11020, {0, 0}},
        {"cuMemRelease", 10020, {0}},
        {"cuArrayDestroy", 2000, {0}},
        {"cuMemFreeHost", 2000, {0}},
    };
    char line[1024];
    int at = 0;
    (void)a;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        at += snprintf(line + at, sizeof line - (size_t)at, " %d", call(calls[i].name, calls[i].version, calls[i].arguments));
    }
    answer("0%s", line);
}

static uint64_t allocated(const char *way) {
    int (*async)(uint64_t *, size_t, void *) = (int (*)(uint64_t *, size_t, void *))cuda_symbol("cuMemAllocAsync", "cuMemAllocAsync", 11020);
    uint64_t address = 0;
    int result = strcmp(way, "async") == 0 ? async(&address, 100000, NULL) : cuda.cuMemAlloc_v2(&address, 100000);
    return result == 0 ? address : 0;
}

// mixed-free HOW: takes 100,000 bytes and gives them back in another way than the usual; answers the results of the frees
void do_mixed_free(char **a) {
    int (*free_async)(uint64_t, void *) = (int (*)(uint64_t, void *))cuda_symbol("cuMemFreeAsync", "cuMemFreeAsync", 11020);
    uint64_t address = allocated(strncmp(a[1], "async", 5) == 0 ? "async" : "linear");
    int first = -1, second = -1;
    if (strcmp(a[1], "linear-async") == 0) {
        first = free_async(address, NULL);
    } else if (strcmp(a[1], "async-linear") == 0) {
        first = cuda.cuMemFree_v2(address);
    } else if (strcmp(a[1], "twice") == 0) {
        first = cuda.cuMemFree_v2(address);
        second = cuda.cuMemFree_v2(address);
    } else if (strcmp(a[1], "inside") == 0) {
        first = cuda.cuMemFree_v2(address + 512);
        second = cuda.cuMemFree_v2(address);
    }
    cuda.cuCtxSynchronize();
    answer("%d %d %d", address ? 0 : 1, first, second);
}

// surroundings: a number for all of the environment and for what the next malloc, dlsym and open are
void do_surroundings(char **a) {
    uint64_t hash = 14695981039346656037u;
    (void)a;
    for (char **variable = environ; *variable; variable++) {
        for (const char *c = *variable; *c; c++) {
            hash = (hash ^ (unsigned char)*c) * 1099511628211u;
        }
        hash = (hash ^ (uint64_t)(uintptr_t)*variable) * 1099511628211u;
    }
    answer("0 %llx %p %p %p", (unsigned long long)hash, dlsym(RTLD_NEXT, "malloc"), dlsym(RTLD_NEXT, "dlsym"), dlsym(RTLD_NEXT, "open"));
}

// exec [cleaned]: becomes the same program anew, with the same stdin and stdout, or without most of its environment; an answer comes before
void do_exec(char **a) {
    char folder[1024], libraries[1024];
    snprintf(folder, sizeof folder, "SLUICE_SIM_DIR=%s", getenv("SLUICE_SIM_DIR"));
    snprintf(libraries, sizeof libraries, "LD_LIBRARY_PATH=%s", getenv("LD_LIBRARY_PATH"));
    char *cleaned[] = {folder, libraries, NULL};
    answer("0");
    execle("/proc/self/exe", "client", "soname", (char *)NULL, a[1] ? cleaned : environ);
    _exit(1);
}
