// nvml.c: what NVML says of a GPU. Found by UUID, since NVML numbers GPUs in another order than CUDA.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"

enum { ROOM = 512 };

// As NVIDIA's documentation has them (NVML API reference, "Device structs").
struct memory {
    unsigned long long total, free, used;
};
struct memory_v2 {
    unsigned version;
    unsigned long long total, reserved, free, used;
};
struct process {
    unsigned pid;
    unsigned long long used;
    unsigned instances[2]; // not in the first form
};

static void *library;

static void *function(const char *name) {
    void *found = library ? dlsym(library, name) : NULL;
    if (!found) {
        fprintf(stderr, "client: NVML has no %s\n", name);
        exit(2);
    }
    return found;
}

static int device_of(const char *uuid, void **device) {
    return ((int (*)(const char *, void **))function("nvmlDeviceGetHandleByUUID"))(uuid, device);
}

// nvml NAME: opens NVML by that name, and starts it
void do_nvml(char **a) {
    library = dlopen(a[1], RTLD_NOW);
    answer("%d", library ? ((int (*)(void))function("nvmlInit_v2"))() : -1);
}

// nvml-symbol NAME: 0 and the file that the function comes from, or 13
void do_nvml_symbol(char **a) {
    Dl_info info;
    void *found = library ? dlsym(library, a[1]) : NULL;
    answer("%d %s", found ? 0 : 13, found && dladdr(found, &info) ? info.dli_fname : "nowhere");
}

// nvml-memory UUID: total, free, used; by the second form: total, reserved, free, used
void do_nvml_memory(char **a) {
    struct memory first = {0};
    struct memory_v2 second = {.version = sizeof second | 2 << 24};
    void *device = NULL;
    int result = device_of(a[1], &device);
    result = result ? result : ((int (*)(void *, void *))function("nvmlDeviceGetMemoryInfo"))(device, &first);
    result = result ? result : ((int (*)(void *, void *))function("nvmlDeviceGetMemoryInfo_v2"))(device, &second);
    answer("%d %llu %llu %llu %llu %llu %llu %llu", result, first.total, first.free, first.used, second.total, second.reserved, second.free, second.used);
}

// nvml-processes UUID FUNCTION [ROOM]: how many, and PID:BYTES of each that there is room for
void do_nvml_processes(char **a) {
    static char infos[ROOM * sizeof(struct process)];
    char text[3000] = "";
    void *device = NULL;
    unsigned room = a[3] ? (unsigned)strtoul(a[3], NULL, 10) : ROOM, count = room;
    size_t stride = strstr(a[2], "_v") ? sizeof(struct process) : offsetof(struct process, instances);
    int result = device_of(a[1], &device);
    result = result ? result : ((int (*)(void *, unsigned *, void *))function(a[2]))(device, &count, count ? infos : NULL);
    for (unsigned i = 0; i < count && i < room && (result == 0 || result == 7); i++) {
        struct process process;
        memcpy(&process, infos + i * stride, stride);
        snprintf(text + strlen(text), sizeof text - strlen(text), " %u:%llu", process.pid, process.used);
    }
    answer("%d %u%s", result, count, text);
}

// nvml-used UUID: the pids of those who used the GPU lately, and whether the others' own calls tell of nobody: accounting, details
void do_nvml_used(char **a) {
    static struct {
        unsigned pid;
        unsigned long long time;
        unsigned percent[4];
    } samples[ROOM];
    char text[3000] = "", details[64] = {0};
    unsigned count = ROOM;
    void *device = NULL;
    int result = device_of(a[1], &device);
    result = result ? result : ((int (*)(void *, void *, unsigned *, unsigned long long))function("nvmlDeviceGetProcessUtilization"))(device, samples, &count, 0);
    for (unsigned i = 0; i < count && result == 0; i++) {
        snprintf(text + strlen(text), sizeof text - strlen(text), " %u", samples[i].pid);
    }
    int detailed = ((int (*)(void *, void *))function("nvmlDeviceGetRunningProcessDetailList"))(device, details);
    answer("%d %d%s", result == 6 ? 0 : result, detailed, text); // 6: nobody did
}
