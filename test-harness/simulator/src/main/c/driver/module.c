// module.c: loading images into a context. Global variables take device memory of that context.
#include "driver/module.h"

#include <stdlib.h>
#include <string.h>

#include "driver/address.h"
#include "driver/api.h"
#include "driver/image.h"
#include "driver/jit.h"
#include "driver/printed.h"
#include "graph/capture.h"

static struct pool modules = POOL(struct module, 1 << 16);
static struct pool functions = POOL(struct function, 1 << 18);

int module_is(const void *handle) {
    return pool_has(&modules, handle);
}

int function_is(const void *handle) {
    return pool_has(&functions, handle);
}

CUresult module_load(CUcontext context, const struct image *image, struct ptx_log *log, CUmodule *module) {
    struct ptx_memory memory = address_memory(context);
    struct ptx_limits limits = image_limits();
    struct ptx_module *ptx = NULL;
    printed_flush(context);
    enum ptx_status status = ptx_load_linked(image->texts, image->count, &memory, &limits, &ptx, log);
    if (status != PTX_OK) return image_result(status);
    struct module *loaded = pool_take(&modules);
    if (!loaded) {
        ptx_unload(ptx);
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
    loaded->context = context;
    loaded->ptx = ptx;
    pthread_mutex_lock(&context->modules_lock);
    loaded->next = context->modules;
    context->modules = loaded;
    pthread_mutex_unlock(&context->modules_lock);
    *module = loaded;
    return CUDA_SUCCESS;
}

static void release(struct module *module) {
    while (module->functions) {
        struct function *function = module->functions;
        module->functions = function->next;
        free(function->name);
        free(function->old);
        pool_put(&functions, function);
    }
    ptx_unload(module->ptx);
    pool_put(&modules, module);
}

void modules_release(CUcontext context) {
    while (context->modules) {
        struct module *module = context->modules;
        context->modules = module->next;
        release(module);
    }
}

static CUresult load(CUmodule *module, const void *data, size_t bytes, unsigned count, CUjit_option *options, void **values) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result == CUDA_SUCCESS) result = capture_forbids();
    if (result != CUDA_SUCCESS) return result;
    if (!module || !data) return CUDA_ERROR_INVALID_VALUE;
    result = jit_check(count, options, values);
    if (result != CUDA_SUCCESS) return result;
    struct jit_log log;
    struct image image;
    jit_log_open(&log, count, options, values);
    result = image_open(data, bytes, &log.ptx, &image);
    if (result == CUDA_SUCCESS) result = module_load(context, &image, &log.ptx, module);
    image_close(&image);
    jit_log_close(&log, count, options, values);
    return result;
}

CUresult cuModuleLoadDataEx(CUmodule *module, const void *image, unsigned int numOptions, CUjit_option *options,
                            void **optionValues) {
    return load(module, image, SIZE_MAX, numOptions, options, optionValues);
}

CUresult cuModuleLoadData(CUmodule *module, const void *image) {
    return load(module, image, SIZE_MAX, 0, NULL, NULL);
}

CUresult cuModuleLoadFatBinary(CUmodule *module, const void *fatCubin) {
    return load(module, fatCubin, SIZE_MAX, 0, NULL, NULL);
}

CUresult cuModuleLoad(CUmodule *module, const char *fname) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result == CUDA_SUCCESS) result = capture_forbids();
    if (result != CUDA_SUCCESS) return result;
    if (!module || !fname) return CUDA_ERROR_INVALID_VALUE;
    char *bytes;
    size_t length;
    result = image_read(fname, &bytes, &length);
    if (result != CUDA_SUCCESS) return result;
    result = load(module, bytes, length, 0, NULL, NULL);
    free(bytes);
    return result;
}

CUresult module_unload(CUmodule module) {
    CUcontext owner = module->context;
    queue_wait(&owner->queue); // its kernels may be queued
    printed_flush(owner);
    pthread_mutex_lock(&owner->modules_lock);
    struct module **link = &owner->modules;
    while (*link && *link != module) link = &(*link)->next;
    if (*link) *link = module->next;
    pthread_mutex_unlock(&owner->modules_lock);
    release(module);
    return (CUresult)atomic_load(&owner->queue.broken);
}

CUresult cuModuleUnload(CUmodule hmod) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result == CUDA_SUCCESS) result = capture_forbids();
    if (result != CUDA_SUCCESS) return result;
    if (!module_is(hmod)) return CUDA_ERROR_INVALID_HANDLE;
    return hmod->of_library ? CUDA_ERROR_NOT_PERMITTED : module_unload(hmod);
}

static const struct length_rule *rule_for(const struct card_description *card, const char *name) {
    for (int i = 0; i < card->rule_count; i++)
        if (strcmp(card->rules[i].kernel, name) == 0) return &card->rules[i];
    return NULL;
}

static struct function *add_function(struct module *module, struct ptx_kernel *kernel, const char *name) {
    struct function *function = pool_take(&functions);
    if (!function) return NULL;
    function->name = strdup(name);
    function->module = module;
    function->kernel = kernel;
    function->rule = rule_for(module->context->device->card.description, name);
    ptx_kernel_attributes(kernel, &function->attributes);
    int spare = FUNCTION_SHARED_MAX - (int)function->attributes.static_shared_bytes;
    function->dynamic_shared_max = spare > 0 ? spare : 0;
    function->carveout = -1;
    function->next = module->functions;
    module->functions = function;
    return function;
}

CUresult cuModuleGetFunction(CUfunction *hfunc, CUmodule hmod, const char *name) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    if (!hfunc || !name || !*name) return CUDA_ERROR_INVALID_VALUE;
    if (!module_is(hmod)) return CUDA_ERROR_INVALID_HANDLE;
    struct ptx_kernel *kernel = ptx_find_kernel(hmod->ptx, name);
    if (!kernel) return CUDA_ERROR_NOT_FOUND;
    pthread_mutex_lock(&hmod->context->modules_lock);
    struct function *function = hmod->functions;
    while (function && function->kernel != kernel) function = function->next;
    if (!function) function = add_function(hmod, kernel, name);
    pthread_mutex_unlock(&hmod->context->modules_lock);
    if (!function) return CUDA_ERROR_OUT_OF_MEMORY;
    *hfunc = function;
    return CUDA_SUCCESS;
}

CUresult cuModuleGetGlobal_v2(CUdeviceptr *dptr, size_t *bytes, CUmodule hmod, const char *name) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    if (!name || (!dptr && !bytes)) return CUDA_ERROR_INVALID_VALUE;
    if (!module_is(hmod)) return CUDA_ERROR_INVALID_HANDLE;
    uint64_t address, size;
    if (!ptx_find_global(hmod->ptx, name, &address, &size)) return CUDA_ERROR_NOT_FOUND;
    if (dptr) *dptr = address;
    if (bytes) *bytes = size;
    return CUDA_SUCCESS;
}

CUresult cuModuleGetLoadingMode(CUmoduleLoadingMode *mode) {
    if (!mode) return CUDA_ERROR_INVALID_VALUE;
    *mode = 1; // eager
    return CUDA_SUCCESS;
}
