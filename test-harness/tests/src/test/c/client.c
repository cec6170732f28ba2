// client.c: a CUDA program that does what stdin tells it, one command a line, and answers each with one line:
// the CUresult of the call, then what it brought. It knows nothing of Sluice.
//
//   client WAY [DRIVER-PATH]     WAY: how it reaches CUDA, see cuda.h
//
// Its commands stand in the table at the end. Allocations and contexts are numbered in the order of their creation.
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "client.h"

enum { MAX_ARGUMENTS = 8, MAX_CONTEXTS = 64 };

static uint64_t *allocations;
static size_t allocation_count, allocation_room;
static void *contexts[MAX_CONTEXTS];
static int context_count;

void answer(const char *format, ...) {
    char line[4096];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    if (length > (int)sizeof line - 2) {
        length = (int)sizeof line - 2;
    }
    line[length++] = '\n';
    for (int done = 0; done < length;) {
        ssize_t written = write(1, line + done, (size_t)(length - done));
        if (written < 0 && errno != EINTR) {
            _exit(1); // nobody listens any more
        }
        done += written > 0 ? (int)written : 0;
    }
}

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t number(const char *text) {
    return text ? strtoull(text, NULL, 10) : 0;
}

static size_t remember(uint64_t address) {
    if (allocation_count == allocation_room) {
        allocation_room = allocation_room ? 2 * allocation_room : 64;
        allocations = realloc(allocations, allocation_room * sizeof *allocations);
    }
    allocations[allocation_count] = address;
    return allocation_count++;
}

uint64_t allocation_at(const char *text) {
    uint64_t index = number(text);
    return index < allocation_count ? allocations[index] : 0;
}

static void answer_context(int result, void *context) {
    if (result == 0 && context_count < MAX_CONTEXTS) {
        contexts[context_count++] = context;
    }
    answer("%d %d", result, context_count - 1);
}

static void do_init(char **a) {
    (void)a;
    answer("%d", cuda.cuInit(0));
}

static void do_version(char **a) {
    (void)a;
    int version = 0;
    int result = cuda.cuDriverGetVersion(&version);
    answer("%d %d", result, version);
}

static void do_count(char **a) {
    (void)a;
    int count = 0;
    int result = cuda.cuDeviceGetCount(&count);
    answer("%d %d", result, count);
}

static void do_name(char **a) {
    char name[128] = "";
    int result = cuda.cuDeviceGetName(name, sizeof name, (int)number(a[1]));
    answer("%d %s", result, name);
}

static void do_uuid(char **a) {
    unsigned char u[16] = {0};
    int result = cuda.cuDeviceGetUuid_v2(u, (int)number(a[1]));
    answer("%d GPU-%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", result, u[0], u[1], u[2], u[3],
           u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12], u[13], u[14], u[15]);
}

static void do_attribute(char **a) {
    int value = -1;
    int result = cuda.cuDeviceGetAttribute(&value, (int)number(a[1]), (int)number(a[2]));
    answer("%d %d", result, value);
}

static void do_total(char **a) {
    size_t bytes = 0;
    int result = cuda.cuDeviceTotalMem_v2(&bytes, (int)number(a[1]));
    answer("%d %zu", result, bytes);
}

static void do_info(char **a) {
    (void)a;
    size_t free_bytes = 0, total = 0;
    int result = cuda.cuMemGetInfo_v2(&free_bytes, &total);
    answer("%d %zu %zu", result, free_bytes, total);
}

static void do_context(char **a) {
    void *context = NULL;
    int device = 0;
    int result = cuda.cuDeviceGet(&device, (int)number(a[1]));
    if (result == 0) {
        result = cuda.cuCtxCreate_v2(&context, 0, device);
    }
    answer_context(result, context);
}

static void do_primary(char **a) {
    void *context = NULL;
    int result = cuda.cuDevicePrimaryCtxRetain(&context, (int)number(a[1]));
    if (result == 0) {
        result = cuda.cuCtxSetCurrent(context);
    }
    answer_context(result, context);
}

static void do_primary_release(char **a) {
    answer("%d", cuda.cuDevicePrimaryCtxRelease_v2((int)number(a[1])));
}

static void do_primary_reset(char **a) {
    answer("%d", cuda.cuDevicePrimaryCtxReset_v2((int)number(a[1])));
}

static void do_current(char **a) {
    answer("%d", cuda.cuCtxSetCurrent(contexts[number(a[1]) % MAX_CONTEXTS]));
}

static void do_destroy(char **a) {
    answer("%d", cuda.cuCtxDestroy_v2(contexts[number(a[1]) % MAX_CONTEXTS]));
}

// alloc BYTES: also tells how long the call took, in ns.
static void do_alloc(char **a) {
    uint64_t address = 0, before = now_ns();
    int result = cuda.cuMemAlloc_v2(&address, number(a[1]));
    uint64_t took = now_ns() - before;
    answer("%d %zu %llu", result, result == 0 ? remember(address) : 0, (unsigned long long)took);
}

static void do_pitch(char **a) {
    uint64_t address = 0;
    size_t pitch = 0;
    int result = cuda.cuMemAllocPitch_v2(&address, &pitch, number(a[1]), number(a[2]), 4);
    answer("%d %zu %zu", result, result == 0 ? remember(address) : 0, pitch);
}

static void do_managed(char **a) {
    uint64_t address = 0;
    int result = cuda.cuMemAllocManaged(&address, number(a[1]), 1);
    answer("%d %zu", result, result == 0 ? remember(address) : 0);
}

static void do_free(char **a) {
    size_t index = number(a[1]);
    answer("%d", index < allocation_count ? cuda.cuMemFree_v2(allocations[index]) : -1);
}

// pointer INDEX ATTRIBUTE: what the driver says of an allocation, as a number
static void do_pointer(char **a) {
    int (*get)(void *, int, uint64_t) = (int (*)(void *, int, uint64_t))cuda_symbol("cuPointerGetAttribute", "cuPointerGetAttribute", 4000);
    uint64_t value = 0;
    int result = get(&value, (int)number(a[2]), allocations[number(a[1])]);
    answer("%d %d", result, (int)value);
}

// free-at ADDRESS: for addresses that were never allocated.
static void do_free_at(char **a) {
    answer("%d", cuda.cuMemFree_v2(number(a[1])));
}

// storm COUNT BYTES: answers how many were granted and how many ran out of memory.
static void do_storm(char **a) {
    uint64_t count = number(a[1]), granted = 0, denied = 0, other = 0;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t address;
        int result = cuda.cuMemAlloc_v2(&address, number(a[2]));
        granted += result == 0;
        denied += result == 2;
        other += result != 0 && result != 2;
    }
    answer("%d %llu %llu", other ? 1 : 0, (unsigned long long)granted, (unsigned long long)denied);
}

// call SYMBOL BASE VERSION: calls a function with a buffer for its first and fifth argument and 0 for all others;
// the buffer names a memory allocation node to those that take graph nodes.
static void do_call(char **a) {
    static int buffer[64] = {10};
    int (*function)(void *, uint64_t, uint64_t, uint64_t, void *, uint64_t) =
        (int (*)(void *, uint64_t, uint64_t, uint64_t, void *, uint64_t))cuda_symbol(a[1], a[2], (int)number(a[3]));
    answer("%d", function ? function(buffer, 0, 0, 0, buffer, 0) : -1);
}

static const char *home_of(void *function) {
    Dl_info info;
    return function && dladdr(function, &info) && info.dli_fname ? info.dli_fname : "nowhere";
}

// symbol NAME: 0 and the file that the function comes from, or 500.
static void do_symbol(char **a) {
    void *function = cuda_symbol(a[1], a[1], 12020);
    answer("%d %s", function ? 0 : 500, home_of(function));
}

// proc BASE VERSION FLAGS: the answer of cuGetProcAddress_v2.
static void do_proc(char **a) {
    void *function = NULL;
    int status = -1;
    int result = cuda_proc_address(a[1], (int)number(a[2]), number(a[3]), &function, &status);
    answer("%d %d %s", result, status, home_of(function));
}

// fork: the child takes over the commands until it exits; then the parent answers with the child's exit code.
static void do_fork(char **a) {
    (void)a;
    pid_t child = fork();
    if (child == 0) {
        answer("0 %d", (int)getpid());
        return;
    }
    int status = 0;
    waitpid(child, &status, 0);
    answer("0 %d", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

// close-files: what careless daemons do before they begin.
static void do_close_files(char **a) {
    (void)a;
    answer("%d", close_range(3, ~0u, 0));
}

static void do_pid(char **a) {
    (void)a;
    answer("0 %d", (int)getpid());
}

static void do_exit(char **a) {
    exit((int)number(a[1]));
}

static const struct command {
    const char *name;
    void (*run)(char **arguments);
} commands[] = {
    {"init", do_init},
    {"version", do_version},
    {"count", do_count},
    {"name", do_name},
    {"uuid", do_uuid},
    {"attribute", do_attribute},
    {"total", do_total},
    {"info", do_info},
    {"context", do_context},
    {"primary", do_primary},
    {"primary-release", do_primary_release},
    {"primary-reset", do_primary_reset},
    {"current", do_current},
    {"destroy", do_destroy},
    {"alloc", do_alloc},
    {"pitch", do_pitch},
    {"managed", do_managed},
    {"free", do_free},
    {"pointer", do_pointer},
    {"free-at", do_free_at},
    {"storm", do_storm},
    {"call", do_call},
    {"symbol", do_symbol},
    {"proc", do_proc},
    {"kernel", do_kernel},
    {"untouched", do_untouched},
    {"churn", do_churn},
    {"fill", do_fill},
    {"drop", do_drop},
    {"pool-alloc", do_pool_alloc},
    {"pool-free", do_pool_free},
    {"pool-create", do_pool_create},
    {"pool-default", do_pool_default},
    {"pool-destroy", do_pool_destroy},
    {"pool-trim", do_pool_trim},
    {"pool-alloc-beside", do_pool_alloc_beside},
    {"capture-begin", do_capture_begin},
    {"capture-end", do_capture_end},
    {"pool-keep", do_pool_keep},
    {"reserved", do_reserved},
    {"sync", do_sync},
    {"spin", do_spin},
    {"create", do_create},
    {"release", do_release},
    {"map", do_map},
    {"unmap", do_unmap},
    {"retain", do_retain},
    {"array", do_array},
    {"mipmapped", do_mipmapped},
    {"array-destroy", do_array_destroy},
    {"graph", do_graph},
    {"graph-launch", do_graph_launch},
    {"graph-destroy", do_graph_destroy},
    {"graph-trim", do_graph_trim},
    {"graph-reserved", do_graph_reserved},
    {"host-alloc", do_host_alloc},
    {"host-register", do_host_register},
    {"host-free", do_host_free},
    {"host-unregister", do_host_unregister},
    {"host-create", do_host_create},
    {"ipc-get", do_ipc_get},
    {"ipc-open", do_ipc_open},
    {"ipc-close", do_ipc_close},
    {"external", do_external},
    {"export", do_export},
    {"import", do_import},
    {"module", do_module},
    {"module-unload", do_module_unload},
    {"function", do_function},
    {"launch", do_launch},
    {"launch-together", do_launch_together},
    {"limit", do_limit},
    {"null-outputs", do_null_outputs},
    {"mixed-free", do_mixed_free},
    {"surroundings", do_surroundings},
    {"exec", do_exec},
    {"nvml", do_nvml},
    {"nvml-symbol", do_nvml_symbol},
    {"nvml-memory", do_nvml_memory},
    {"nvml-processes", do_nvml_processes},
    {"nvml-used", do_nvml_used},
    {"fork", do_fork},
    {"close-files", do_close_files},
    {"pid", do_pid},
    {"exit", do_exit},
};

static void obey(char *line) {
    char *arguments[MAX_ARGUMENTS + 1] = {NULL};
    int count = 0;
    for (char *rest = NULL, *word = strtok_r(line, " ", &rest); word && count < MAX_ARGUMENTS;
         word = strtok_r(NULL, " ", &rest)) {
        arguments[count++] = word;
    }
    for (size_t i = 0; count > 0 && i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(commands[i].name, arguments[0]) == 0) {
            commands[i].run(arguments);
            return;
        }
    }
    answer("-1 no such command");
}

// Reads byte by byte, so that a forked child finds all that comes after its own start.
static int read_line(char *line, size_t room) {
    for (size_t length = 0; length < room;) {
        ssize_t got = read(0, line + length, 1);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return 0;
        }
        if (line[length] == '\n') {
            line[length] = 0;
            return 1;
        }
        length++;
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc < 2 || cuda_reach(argv[1], argc > 2 ? argv[2] : NULL) != 0) {
        return 2;
    }
    char line[4096];
    while (read_line(line, sizeof line)) {
        obey(line);
    }
    return 0;
}
