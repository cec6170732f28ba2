// library.c: images that belong to no context. In each context that uses one it becomes a module, loaded at first use. What is
// asked without a context is answered from a reading that runs nowhere.
#include <stdlib.h>
#include <string.h>

#include "driver/api.h"
#include "driver/image.h"
#include "driver/jit.h"
#include "driver/kernel.h"

// One context's module of a library; the context's life and the module's are told apart from later ones by generation.
struct loaded {
    struct loaded *next;
    CUcontext context;
    CUmodule module;
    uint32_t context_generation, module_generation;
};

struct library {
    struct pooled pooled;
    pthread_mutex_t lock; // guards what follows
    struct image image;
    struct loaded *loaded;
    struct kernel *kernels;   // by next
    struct ptx_module *names; // read without a context; NULL until it is needed
};

static struct pool libraries = POOL(struct library, 1 << 14);
static struct pool kernels = POOL(struct kernel, 1 << 16);

int kernel_is(const void *handle) {
    return pool_has(&kernels, handle);
}

// NULL where the thread has none.
static CUresult current_or_none(CUcontext *context) {
    CUresult result = context_current(context);
    if (result != CUDA_ERROR_INVALID_CONTEXT) return result;
    *context = NULL;
    return CUDA_SUCCESS;
}

static CUresult find(CUlibrary library, CUcontext *context) {
    CUresult result = current_or_none(context);
    if (result != CUDA_SUCCESS) return result;
    return pool_has(&libraries, library) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
}

static int is_current(const struct loaded *loaded, CUcontext context) {
    return loaded->context == context && atomic_load(&context->pooled.generation) == loaded->context_generation
           && module_is(loaded->module) && atomic_load(&loaded->module->pooled.generation) == loaded->module_generation;
}

static CUresult load_into(struct library *library, CUcontext context, struct ptx_log *log, CUmodule *module) {
    struct loaded *loaded = malloc(sizeof *loaded);
    if (!loaded) return CUDA_ERROR_OUT_OF_MEMORY;
    CUresult result = module_load(context, &library->image, log, module);
    if (result != CUDA_SUCCESS) {
        free(loaded);
        return result;
    }
    *loaded = (struct loaded){library->loaded, context, *module, atomic_load(&context->pooled.generation),
                              atomic_load(&(*module)->pooled.generation)};
    library->loaded = loaded;
    (*module)->of_library = 1;
    return CUDA_SUCCESS;
}

static CUresult module_in(struct library *library, CUcontext context, struct ptx_log *log, CUmodule *module) {
    char own[512] = "";
    struct ptx_log none = {own, sizeof own};
    pthread_mutex_lock(&library->lock);
    struct loaded *loaded = library->loaded;
    while (loaded && !is_current(loaded, context)) loaded = loaded->next;
    CUresult result = CUDA_SUCCESS;
    if (loaded) *module = loaded->module;
    else result = load_into(library, context, log ? log : &none, module);
    pthread_mutex_unlock(&library->lock);
    return result;
}

CUresult kernel_function(CUkernel kernel, CUfunction *function) {
    CUcontext context;
    CUmodule module;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    if (!kernel_is(kernel)) return CUDA_ERROR_INVALID_HANDLE;
    result = module_in(kernel->library, context, NULL, &module);
    return result != CUDA_SUCCESS ? result : cuModuleGetFunction(function, module, kernel->name);
}

// Variables of a reading that runs nowhere lie in ordinary memory.
static uint64_t take_nowhere(void *context, uint64_t bytes, uint64_t align) {
    (void)context;
    void *taken;
    uint64_t alignment = align < sizeof taken ? sizeof taken : align;
    return posix_memalign(&taken, alignment, bytes ? bytes : 1) == 0 ? (uint64_t)(uintptr_t)taken : 0;
}

static void release_nowhere(void *context, uint64_t address) {
    (void)context;
    free((void *)(uintptr_t)address);
}

static void *translate_nowhere(void *context, uint64_t address, uint64_t bytes) {
    (void)context, (void)bytes;
    return (void *)(uintptr_t)address;
}

static int range_nowhere(void *context, uint64_t address, uint64_t *base, uint64_t *end, void **host) {
    (void)context, (void)address, (void)base, (void)end, (void)host;
    return 0;
}

static CUresult read_names(struct library *library, struct ptx_log *log) {
    static const struct ptx_memory nowhere = {NULL, take_nowhere, release_nowhere, translate_nowhere, range_nowhere};
    const struct image *image = &library->image;
    struct ptx_limits limits = image_limits();
    if (library->names) return CUDA_SUCCESS;
    return image_result(ptx_load_linked(image->texts, image->count, &nowhere, &limits, &library->names, log));
}

static CUresult open_library(struct library *library, CUcontext context, const void *code, size_t bytes, struct ptx_log *log) {
    CUmodule module;
    pthread_mutex_init(&library->lock, NULL);
    CUresult result = image_open(code, bytes, log, &library->image);
    if (result != CUDA_SUCCESS) return result;
    return context ? module_in(library, context, log, &module) : read_names(library, log);
}

// Loads at once, or reads at least: the driver would wait for the first use, and would tell of a bad image later than here.
static CUresult load(CUlibrary *library, const void *code, size_t bytes, CUjit_option *options, void **values, unsigned count) {
    CUcontext context;
    CUresult result = current_or_none(&context);
    if (result != CUDA_SUCCESS) return result;
    if (!library || !code) return CUDA_ERROR_INVALID_VALUE;
    result = jit_check(count, options, values);
    if (result != CUDA_SUCCESS) return result;
    struct library *made = pool_take(&libraries);
    if (!made) return CUDA_ERROR_OUT_OF_MEMORY;
    struct jit_log log;
    jit_log_open(&log, count, options, values);
    result = open_library(made, context, code, bytes, &log.ptx);
    jit_log_close(&log, count, options, values);
    if (result == CUDA_SUCCESS) *library = made;
    else cuLibraryUnload(made);
    return result;
}

CUresult cuLibraryLoadData(CUlibrary *library, const void *code, CUjit_option *jitOptions, void **jitOptionsValues,
                           unsigned int numJitOptions, CUlibraryOption *libraryOptions, void **libraryOptionValues,
                           unsigned int numLibraryOptions) {
    (void)libraryOptions, (void)libraryOptionValues, (void)numLibraryOptions;
    return load(library, code, SIZE_MAX, jitOptions, jitOptionsValues, numJitOptions);
}

CUresult cuLibraryLoadFromFile(CUlibrary *library, const char *fileName, CUjit_option *jitOptions, void **jitOptionsValues,
                               unsigned int numJitOptions, CUlibraryOption *libraryOptions, void **libraryOptionValues,
                               unsigned int numLibraryOptions) {
    (void)libraryOptions, (void)libraryOptionValues, (void)numLibraryOptions;
    CUcontext context;
    char *bytes;
    size_t length;
    CUresult result = current_or_none(&context);
    if (result != CUDA_SUCCESS) return result;
    if (!library || !fileName) return CUDA_ERROR_INVALID_VALUE;
    result = image_read(fileName, &bytes, &length);
    if (result != CUDA_SUCCESS) return result;
    result = load(library, bytes, length, jitOptions, jitOptionsValues, numJitOptions);
    free(bytes);
    return result;
}

CUresult cuLibraryUnload(CUlibrary library) {
    CUcontext context;
    CUresult result = find(library, &context);
    if (result != CUDA_SUCCESS) return result;
    while (library->loaded) {
        struct loaded *loaded = library->loaded;
        library->loaded = loaded->next;
        if (context_is(loaded->context) && is_current(loaded, loaded->context)) module_unload(loaded->module);
        free(loaded);
    }
    while (library->kernels) {
        struct kernel *kernel = library->kernels;
        library->kernels = kernel->next;
        free(kernel->name);
        pool_put(&kernels, kernel);
    }
    if (library->names) ptx_unload(library->names);
    image_close(&library->image);
    pthread_mutex_destroy(&library->lock);
    pool_put(&libraries, library);
    return CUDA_SUCCESS;
}

CUresult cuLibraryGetModule(CUmodule *pMod, CUlibrary library) {
    CUcontext context;
    CUresult result = find(library, &context);
    if (result != CUDA_SUCCESS) return result;
    if (!context) return CUDA_ERROR_INVALID_CONTEXT;
    return pMod ? module_in(library, context, NULL, pMod) : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuLibraryGetGlobal(CUdeviceptr *dptr, size_t *bytes, CUlibrary library, const char *name) {
    CUmodule module;
    CUresult result = cuLibraryGetModule(&module, library);
    return result != CUDA_SUCCESS ? result : cuModuleGetGlobal_v2(dptr, bytes, module, name);
}

static struct kernel *add_kernel(struct library *library, const char *name) {
    struct kernel *kernel = library->kernels;
    while (kernel && strcmp(kernel->name, name) != 0) kernel = kernel->next;
    if (kernel || !(kernel = pool_take(&kernels))) return kernel;
    kernel->library = library;
    kernel->name = strdup(name);
    kernel->next = library->kernels;
    library->kernels = kernel;
    return kernel;
}

static CUresult look_for(struct library *library, CUcontext context, const char *name) {
    CUmodule module;
    CUfunction function;
    char own[512] = "";
    struct ptx_log none = {own, sizeof own};
    if (context) {
        CUresult result = module_in(library, context, NULL, &module);
        return result != CUDA_SUCCESS ? result : cuModuleGetFunction(&function, module, name);
    }
    pthread_mutex_lock(&library->lock);
    CUresult result = read_names(library, &none);
    if (result == CUDA_SUCCESS && !ptx_find_kernel(library->names, name)) result = CUDA_ERROR_NOT_FOUND;
    pthread_mutex_unlock(&library->lock);
    return result;
}

CUresult cuLibraryGetKernel(CUkernel *pKernel, CUlibrary library, const char *name) {
    CUcontext context;
    CUresult result = find(library, &context);
    if (result != CUDA_SUCCESS) return result;
    if (!pKernel || !name || !*name) return CUDA_ERROR_INVALID_VALUE;
    result = look_for(library, context, name);
    if (result != CUDA_SUCCESS) return result;
    pthread_mutex_lock(&library->lock);
    struct kernel *kernel = add_kernel(library, name);
    pthread_mutex_unlock(&library->lock);
    if (!kernel) return CUDA_ERROR_OUT_OF_MEMORY;
    *pKernel = kernel;
    return CUDA_SUCCESS;
}
