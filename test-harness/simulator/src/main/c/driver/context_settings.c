// context_settings.c: what a context tells about itself, and its limits and preferences.
#include "driver/api.h"
#include "driver/context.h"

CUresult cuCtxGetDevice(CUdevice *device) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    if (!device) return CUDA_ERROR_INVALID_VALUE;
    *device = device_ordinal(context->device);
    return CUDA_SUCCESS;
}

CUresult cuCtxGetFlags(unsigned int *flags) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    if (!flags) return CUDA_ERROR_INVALID_VALUE;
    *flags = context->flags;
    return CUDA_SUCCESS;
}

CUresult cuCtxSetFlags(unsigned int flags) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    if (!context_flags_are_valid(flags)) return CUDA_ERROR_INVALID_VALUE;
    context->flags = flags;
    return CUDA_SUCCESS;
}

// NULL means the current context.
static CUresult choose(CUcontext handle, CUcontext *context) {
    if (!handle) return context_current(context);
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    if (!context_is(handle)) return CUDA_ERROR_INVALID_CONTEXT;
    *context = handle;
    return CUDA_SUCCESS;
}

CUresult cuCtxGetApiVersion(CUcontext ctx, unsigned int *version) {
    CUcontext context;
    CUresult result = choose(ctx, &context);
    if (result != CUDA_SUCCESS) return result;
    if (!version) return CUDA_ERROR_INVALID_VALUE;
    *version = context->api_version;
    return CUDA_SUCCESS;
}

CUresult cuCtxGetId(CUcontext ctx, unsigned long long *ctxId) {
    CUcontext context;
    CUresult result = choose(ctx, &context);
    if (result != CUDA_SUCCESS) return result;
    if (!ctxId) return CUDA_ERROR_INVALID_VALUE;
    *ctxId = context->id;
    return CUDA_SUCCESS;
}

enum { LIMIT_STACK = 0, LIMIT_FIFO = 1, LIMIT_HEAP = 2 };

CUresult cuCtxGetLimit(size_t *pvalue, CUlimit limit) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    if (!pvalue) return CUDA_ERROR_INVALID_VALUE;
    if (limit < 0 || limit >= CONTEXT_LIMITS - 1) return CUDA_ERROR_INVALID_VALUE;
    *pvalue = context->limits[limit];
    return CUDA_SUCCESS;
}

CUresult cuCtxSetLimit(CUlimit limit, size_t value) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    if (limit < 0 || limit >= CONTEXT_LIMITS - 1) return CUDA_ERROR_INVALID_VALUE;
    if (limit == LIMIT_STACK) result = context_take_local(context, value);
    else if ((limit == LIMIT_FIFO || limit == LIMIT_HEAP) && value > context->limits[limit])
        result = context_take(context, value - context->limits[limit]);
    if (result == CUDA_SUCCESS) context->limits[limit] = value;
    return result;
}

CUresult cuCtxGetCacheConfig(CUfunc_cache *pconfig) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    if (!pconfig) return CUDA_ERROR_INVALID_VALUE;
    *pconfig = context->cache_config;
    return CUDA_SUCCESS;
}

CUresult cuCtxSetCacheConfig(CUfunc_cache config) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    if (config < 0 || config > 3) return CUDA_ERROR_INVALID_VALUE;
    context->cache_config = config;
    return CUDA_SUCCESS;
}

CUresult cuCtxGetSharedMemConfig(CUsharedconfig *pConfig) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    if (!pConfig) return CUDA_ERROR_INVALID_VALUE;
    *pConfig = context->shared_config;
    return CUDA_SUCCESS;
}

CUresult cuCtxSetSharedMemConfig(CUsharedconfig config) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    if (config < 0 || config > 2) return CUDA_ERROR_INVALID_VALUE;
    context->shared_config = config;
    return CUDA_SUCCESS;
}

CUresult cuCtxGetStreamPriorityRange(int *leastPriority, int *greatestPriority) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    if (leastPriority) *leastPriority = 0;
    if (greatestPriority) *greatestPriority = -5;
    return CUDA_SUCCESS;
}

CUresult cuCtxResetPersistingL2Cache(void) {
    CUcontext context;
    return context_current(&context);
}
