// modules.c: modules and libraries, of PTX files. Numbered in the order of their creation.
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"

enum { MOST = 64 };

static void *loaded[MOST];
static int count;

static char *text_of(const char *path) {
    FILE *file = fopen(path, "r");
    char *text = calloc(1, 1 << 20);
    if (!file || !text || !fread(text, 1, (1 << 20) - 1, file)) {
        return NULL;
    }
    fclose(file);
    return text;
}

// module WAY FILE: by data, options, fatbin (all three from memory), file, library or library-file
void do_module(char **a) {
    int (*from_file)(void **, const char *) = (int (*)(void **, const char *))cuda_symbol("cuModuleLoad", "cuModuleLoad", 2000);
    int (*data)(void **, const void *) = (int (*)(void **, const void *))cuda_symbol("cuModuleLoadData", "cuModuleLoadData", 2000);
    int (*fatbin)(void **, const void *) = (int (*)(void **, const void *))cuda_symbol("cuModuleLoadFatBinary", "cuModuleLoadFatBinary", 2000);
    int (*options)(void **, const void *, unsigned, int *, void **) =
        (int (*)(void **, const void *, unsigned, int *, void **))cuda_symbol("cuModuleLoadDataEx", "cuModuleLoadDataEx", 2010);
    int library = strncmp(a[1], "library", 7) == 0;
    int (*load)(void **, const void *, int *, void **, unsigned, int *, void **, unsigned) =
        (int (*)(void **, const void *, int *, void **, unsigned, int *, void **, unsigned))(strcmp(a[1], "library") == 0
            ? cuda_symbol("cuLibraryLoadData", "cuLibraryLoadData", 12000) : cuda_symbol("cuLibraryLoadFromFile", "cuLibraryLoadFromFile", 12000));
    void *module = NULL;
    char *text = text_of(a[2]);
    int result = library ? load(&module, strcmp(a[1], "library") == 0 ? text : a[2], NULL, NULL, 0, NULL, NULL, 0)
        : strcmp(a[1], "file") == 0    ? from_file(&module, a[2])
        : strcmp(a[1], "fatbin") == 0  ? fatbin(&module, text)
        : strcmp(a[1], "options") == 0 ? options(&module, text, 0, NULL, NULL)
                                       : data(&module, text);
    free(text);
    if (result == 0) {
        loaded[count++ % MOST] = module;
    }
    answer("%d %d", result, count - 1);
}

// module-unload MODULE [library]
void do_module_unload(char **a) {
    int (*unload)(void *) = (int (*)(void *))(a[2] ? cuda_symbol("cuLibraryUnload", "cuLibraryUnload", 12000) : cuda_symbol("cuModuleUnload", "cuModuleUnload", 2000));
    answer("%d", unload(loaded[strtoull(a[1], NULL, 10) % MOST]));
}

static void *functions[MOST];
static int function_count;

// function WAY MODULE NAME: module, enumerate (the first), library (its kernel) or of-kernel (the function of that). Numbered in the
// order of their creation.
void do_function(char **a) {
    void *module = loaded[strtoull(a[2], NULL, 10) % MOST], *found = NULL, *kernel = NULL;
    int (*enumerate)(void **, unsigned, void *) = (int (*)(void **, unsigned, void *))cuda_symbol("cuModuleEnumerateFunctions", "cuModuleEnumerateFunctions", 12040);
    int (*get_kernel)(void **, void *, const char *) = (int (*)(void **, void *, const char *))cuda_symbol("cuLibraryGetKernel", "cuLibraryGetKernel", 12000);
    int (*of_kernel)(void **, void *) = (int (*)(void **, void *))cuda_symbol("cuKernelGetFunction", "cuKernelGetFunction", 12000);
    int result;
    if (strcmp(a[1], "module") == 0) {
        result = cuda.cuModuleGetFunction(&found, module, a[3]);
    } else if (strcmp(a[1], "enumerate") == 0) {
        result = enumerate ? enumerate(&found, 1, module) : -1;
    } else {
        result = get_kernel(&kernel, module, a[3]);
        found = kernel;
        if (result == 0 && strcmp(a[1], "of-kernel") == 0) {
            result = of_kernel(&found, kernel);
        }
    }
    if (result == 0) {
        functions[function_count++ % MOST] = found;
    }
    answer("%d %d", result, function_count - 1);
}

typedef int (*launch_kernel)(void *, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void *, void **, void **);
typedef int (*launch_cooperative)(void *, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void *, void **);

static int launch_by_configuration(const char *symbol, void *function) {
    struct {
        unsigned grid[3], block[3], shared_bytes;
        void *stream, *attributes;
        unsigned attribute_count;
    } config = {{1, 1, 1}, {1, 1, 1}, 0, NULL, NULL, 0};
    int (*ex)(const void *, void *, void **, void **) = (int (*)(const void *, void *, void **, void **))cuda_symbol(symbol, "cuLaunchKernelEx", 11060);
    return ex ? ex(&config, function, NULL, NULL) : -1;
}

// As launches were made before CUDA 4.
static int launch_as_once(const char *symbol, void *function) {
    int (*shape)(void *, int, int, int) = (int (*)(void *, int, int, int))cuda_symbol("cuFuncSetBlockShape", "cuFuncSetBlockShape", 2000);
    int result = shape ? shape(function, 1, 1, 1) : -1;
    void *launch = cuda_symbol(symbol, symbol, 2000);
    if (result || !launch) {
        return result ? result : -1;
    }
    return strcmp(symbol, "cuLaunch") == 0       ? ((int (*)(void *))launch)(function)
           : strcmp(symbol, "cuLaunchGrid") == 0 ? ((int (*)(void *, int, int))launch)(function, 1, 1)
                                                 : ((int (*)(void *, int, int, void *))launch)(function, 1, 1, NULL);
}

static int launch_on_devices(void *function) {
    struct {
        void *function;
        unsigned grid[3], block[3], shared_bytes;
        void *stream, **parameters;
    } part = {function, {1, 1, 1}, {1, 1, 1}, 0, NULL, NULL};
    int (*launch)(void *, unsigned, unsigned) =
        (int (*)(void *, unsigned, unsigned))cuda_symbol("cuLaunchCooperativeKernelMultiDevice", "cuLaunchCooperativeKernelMultiDevice", 9000);
    int result = cuda.cuStreamCreate(&part.stream, 0);
    return result ? result : launch(&part, 1, 0);
}

// launch WAY FUNCTION: plain, ex, cooperative, or the name of the driver's function; of no parameters, waited for
void do_launch(char **a) {
    const char *way = strcmp(a[1], "plain") == 0         ? "cuLaunchKernel"
                      : strcmp(a[1], "ex") == 0          ? "cuLaunchKernelEx"
                      : strcmp(a[1], "cooperative") == 0 ? "cuLaunchCooperativeKernel"
                                                         : a[1];
    void *function = functions[strtoull(a[2], NULL, 10) % MOST];
    int result;
    if (strncmp(way, "cuLaunchKernelEx", 16) == 0) {
        result = launch_by_configuration(way, function);
    } else if (strncmp(way, "cuLaunchKernel", 14) == 0) {
        launch_kernel launch = (launch_kernel)cuda_symbol(way, "cuLaunchKernel", 4000);
        result = launch(function, 1, 1, 1, 1, 1, 1, 0, NULL, NULL, NULL);
    } else if (strcmp(way, "cuLaunchCooperativeKernelMultiDevice") == 0) {
        result = launch_on_devices(function);
    } else if (strncmp(way, "cuLaunchCooperativeKernel", 25) == 0) {
        launch_cooperative launch = (launch_cooperative)cuda_symbol(way, "cuLaunchCooperativeKernel", 9000);
        result = launch(function, 1, 1, 1, 1, 1, 1, 0, NULL, NULL);
    } else {
        result = launch_as_once(way, function);
    }
    int ended = cuda.cuCtxSynchronize();
    answer("%d", result ? result : ended);
}

enum { TOGETHER = 8 };

static struct {
    void *context, *function;
    atomic_int ready, failed;
} together;

static void *launch_with_the_others(void *ignored) {
    (void)ignored;
    int result = cuda.cuCtxSetCurrent(together.context);
    together.ready++;
    while (together.ready < TOGETHER) {
    }
    result = result ? result : cuda.cuLaunchKernel(together.function, 1, 1, 1, 1, 1, 1, 0, NULL, NULL, NULL);
    together.failed += result != 0;
    return NULL;
}

// launch-together FUNCTION: by several threads at once; how many of them failed
void do_launch_together(char **a) {
    pthread_t threads[TOGETHER];
    together.function = functions[strtoull(a[1], NULL, 10) % MOST];
    together.ready = together.failed = 0;
    cuda.cuCtxGetCurrent(&together.context);
    for (int i = 0; i < TOGETHER; i++) {
        if (pthread_create(&threads[i], NULL, launch_with_the_others, NULL)) {
            abort();
        }
    }
    for (int i = 0; i < TOGETHER; i++) {
        pthread_join(threads[i], NULL);
    }
    answer("%d %d", cuda.cuCtxSynchronize(), together.failed);
}

// limit NUMBER VALUE: cuCtxSetLimit, and what the driver then says
void do_limit(char **a) {
    int (*set)(int, size_t) = (int (*)(int, size_t))cuda_symbol("cuCtxSetLimit", "cuCtxSetLimit", 3010);
    int (*get)(size_t *, int) = (int (*)(size_t *, int))cuda_symbol("cuCtxGetLimit", "cuCtxGetLimit", 3010);
    size_t value = 0;
    int limit = atoi(a[1]), result = set(limit, strtoull(a[2], NULL, 10));
    get(&value, limit);
    answer("%d %zu", result, value);
}
