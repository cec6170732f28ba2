// reach.c: the ways in which an application gets hold of the CUDA driver.
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "cuda.h"

struct cuda cuda;

// dlopen as a program binds to it that was linked on the oldest glibc; `dlopen` itself is the build machine's newest.
#ifdef __x86_64__
__asm__(".symver dlopen_oldest, dlopen@GLIBC_2.2.5");
#else
__asm__(".symver dlopen_oldest, dlopen@GLIBC_2.17");
#endif
typedef void *dlopen_function(const char *name, int flags);
dlopen_function dlopen_oldest;
dlopen_function unversioned_dlopen; // unversioned.c

static void *handle;
static int (*proc_address_v1)(const char *, void **, int, uint64_t);
static int (*proc_address_v2)(const char *, void **, int, uint64_t, int *);
static int by_proc_address; // 0 no, 1 by v1, 2 by v2

#ifdef LINKED
#define CUDA_EXTERN(symbol, base, version, parameters) extern int symbol parameters;
CUDA_FUNCTIONS(CUDA_EXTERN)

static int reach_linked(void) {
#define CUDA_LINKED(symbol, base, version, parameters) cuda.symbol = symbol;
    CUDA_FUNCTIONS(CUDA_LINKED)
    handle = dlopen(NULL, RTLD_NOW);
    return 0;
}
#else
static int reach_linked(void) {
    fprintf(stderr, "client: this binary is not linked to libcuda\n");
    return -1;
}
#endif

static int open_driver(const char *name, dlopen_function *open) {
    handle = open(name, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        fprintf(stderr, "client: %s\n", dlerror());
        return -1;
    }
    return 0;
}

void *cuda_symbol(const char *symbol, const char *base, int version) {
    void *function = NULL;
    if (by_proc_address == 2) {
        int status;
        return proc_address_v2(base, &function, version, 0, &status) == 0 ? function : NULL;
    }
    if (by_proc_address == 1) {
        return proc_address_v1(base, &function, version, 0) == 0 ? function : NULL;
    }
    return dlsym(handle, symbol);
}

int cuda_proc_address(const char *base, int version, uint64_t flags, void **function, int *status) {
    if (!proc_address_v2) {
        proc_address_v2 = (int (*)(const char *, void **, int, uint64_t, int *))dlsym(handle, "cuGetProcAddress_v2");
    }
    return proc_address_v2 ? proc_address_v2(base, function, version, flags, status) : 500;
}

// proc-self: cuGetProcAddress asked for itself, and the answer asked once more.
static int start_proc_address(const char *way) {
    proc_address_v1 = (int (*)(const char *, void **, int, uint64_t))dlsym(handle, "cuGetProcAddress");
    proc_address_v2 = (int (*)(const char *, void **, int, uint64_t, int *))dlsym(handle, "cuGetProcAddress_v2");
    if (!proc_address_v1 || !proc_address_v2) {
        fprintf(stderr, "client: the driver has no cuGetProcAddress\n");
        return -1;
    }
    by_proc_address = strcmp(way, "proc1") == 0 ? 1 : 2;
    for (int i = 0; i < 2 && strcmp(way, "proc-self") == 0; i++) {
        void *again = NULL;
        int status = 0;
        if (proc_address_v2("cuGetProcAddress", &again, 12000, 0, &status) != 0 || !again) {
            fprintf(stderr, "client: cuGetProcAddress does not know itself\n");
            return -1;
        }
        proc_address_v2 = (int (*)(const char *, void **, int, uint64_t, int *))again;
    }
    return 0;
}

static int fill(void) {
#define CUDA_FILL(symbol, base, version, parameters)                                                                   \
    cuda.symbol = (int(*) parameters)cuda_symbol(#symbol, #base, version);                                             \
    if (!cuda.symbol) {                                                                                                \
        fprintf(stderr, "client: the driver has no %s\n", #symbol);                                                    \
        return -1;                                                                                                     \
    }
    CUDA_FUNCTIONS(CUDA_FILL)
    return 0;
}

// In a namespace of its own, with a C library of its own.
static void *dlmopen_apart(const char *name, int flags) {
    return dlmopen(LM_ID_NEWLM, name, flags);
}

static void *dlopen_deepbind(const char *name, int flags) {
    return dlopen(name, flags | RTLD_DEEPBIND);
}

static dlopen_function *dlopen_of(const char *way) {
    if (strcmp(way, "path-dlmopen") == 0) {
        return dlmopen_apart;
    }
    if (strcmp(way, "path-deepbind") == 0) {
        return dlopen_deepbind;
    }
    return strcmp(way, "path-oldest") == 0 ? dlopen_oldest : strcmp(way, "path-unversioned") == 0 ? unversioned_dlopen : dlopen;
}

int cuda_reach(const char *way, const char *path) {
    if (strcmp(way, "linked") == 0) {
        return reach_linked();
    }
    const char *name = strncmp(way, "path", 4) == 0 ? path : strcmp(way, "name") == 0 ? "libcuda.so" : "libcuda.so.1";
    if (!name || open_driver(name, dlopen_of(way)) != 0) {
        return -1;
    }
    if (strncmp(way, "proc", 4) == 0 && start_proc_address(way) != 0) {
        return -1;
    }
    return fill();
}
