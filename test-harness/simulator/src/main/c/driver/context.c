// context.c: creating and destroying contexts. What a context holds is released with it, whoever destroys it.
#include "driver/context.h"

#include "driver/api.h"
#include "driver/array.h"
#include "driver/event.h"
#include "driver/ipc.h"
#include "driver/faults.h"
#include "driver/module.h"
#include "driver/pool.h"
#include "driver/printed.h"
#include "graph/capture.h"
#include "memory/host_memory.h"

static struct pool contexts = POOL(struct context, 4096);
static _Atomic uint64_t next_id = 1;

enum { FLAGS_KNOWN = 0x1ff, FLAGS_WAITING = 7 };

int context_is(const void *handle) {
    return pool_has(&contexts, handle);
}

int context_flags_are_valid(unsigned flags) {
    unsigned waiting = flags & FLAGS_WAITING;
    return !(flags & ~(unsigned)FLAGS_KNOWN) && !(waiting & (waiting - 1)); // one way of waiting at most
}

CUresult context_reopen(CUcontext context, unsigned flags) {
    struct card *card = &context->device->card;
    if (fault_is(FAULT_LOST, card->description)) return CUDA_ERROR_DEVICE_UNAVAILABLE;
    uint64_t bytes = (card->description->context_bytes + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
    if (card_take(card, bytes) != 0) return CUDA_ERROR_OUT_OF_MEMORY;
    context->context_bytes = bytes;
    context->flags = flags;
    context->api_version = 3020;
    context->id = atomic_fetch_add(&next_id, 1);
    context->memory = (struct context_memory){0};
    context->modules = NULL;
    for (int i = 0; i < PEERS_MAX; i++) context->peers[i] = 0;
    context->cache_config = context->shared_config = 0;
    static const size_t limits[CONTEXT_LIMITS] = {1024, 1048576, 8388608, 2, 2048, 128, 0, 0};
    for (int i = 0; i < CONTEXT_LIMITS; i++) context->limits[i] = limits[i];
    context->thread_bytes = limits[0];
    pthread_mutex_init(&context->modules_lock, NULL);
    if (queue_open(&context->queue, card) != 0) {
        card_give(card, bytes);
        return CUDA_ERROR_OPERATING_SYSTEM;
    }
    context->open = 1;
    return CUDA_SUCCESS;
}

CUresult context_open(struct device *device, unsigned flags, int primary, CUcontext *context) {
    CUcontext opened = pool_take(&contexts);
    if (!opened) return CUDA_ERROR_OUT_OF_MEMORY;
    opened->device = device;
    opened->primary = primary;
    CUresult result = context_reopen(opened, flags);
    if (result == CUDA_SUCCESS) *context = opened;
    else pool_put(&contexts, opened);
    return result;
}

static CUresult take_locked(CUcontext context, uint64_t bytes) {
    uint64_t blocks = (bytes + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
    if (card_take(&context->device->card, blocks) != 0) return CUDA_ERROR_OUT_OF_MEMORY;
    context->context_bytes += blocks;
    return CUDA_SUCCESS;
}

CUresult context_take(CUcontext context, uint64_t bytes) {
    pthread_mutex_lock(&context->modules_lock);
    CUresult result = take_locked(context, bytes);
    pthread_mutex_unlock(&context->modules_lock);
    return result;
}

CUresult context_take_local(CUcontext context, size_t thread_bytes) {
    const struct card_description *card = context->device->card.description;
    CUresult result = CUDA_SUCCESS;
    pthread_mutex_lock(&context->modules_lock);
    if (thread_bytes > context->thread_bytes) {
        result = take_locked(context, (thread_bytes - context->thread_bytes) * (uint64_t)card->sms * (uint64_t)card->threads_per_sm);
        if (result == CUDA_SUCCESS) context->thread_bytes = thread_bytes;
    }
    pthread_mutex_unlock(&context->modules_lock);
    return result;
}

void context_close(CUcontext context) {
    context->open = 0;
    queue_close(&context->queue);
    printed_close(context);
    modules_release(context);
    events_release(context);
    arrays_release(context);
    ipc_release(context);
    host_memory_release_owner(context);
    device_memory_give_all(&context->device->memory, &context->memory);
    card_give(&context->device->card, context->context_bytes);
    pools_settle(CUDA_SUCCESS);
    pthread_mutex_destroy(&context->modules_lock);
}

void contexts_stop_at_exit(void) {
    CUcontext context;
    for (uint32_t i = 0; (context = pool_at(&contexts, i)); i++)
        if (context_is(context) && context->open) queue_stop_at_exit(&context->queue);
}

void contexts_wait(const struct device *device) {
    CUcontext context;
    for (uint32_t i = 0; (context = pool_at(&contexts, i)); i++)
        if (context_is(context) && context->open && (!device || context->device == device)) queue_wait(&context->queue);
}

void contexts_apply_faults(void) {
    CUcontext context;
    for (uint32_t i = 0; (context = pool_at(&contexts, i)); i++) {
        if (!context_is(context) || !context->open) continue;
        const struct card_description *card = context->device->card.description;
        int expected = 0;
        if (fault_is(FAULT_LOST, card)) atomic_store(&context->queue.broken, CUDA_ERROR_UNKNOWN);
        else if (fault_is(FAULT_ECC, card))
            atomic_compare_exchange_strong(&context->queue.broken, &expected, CUDA_ERROR_ECC_UNCORRECTABLE);
    }
}

static CUresult create(CUcontext *pctx, unsigned flags, CUdevice dev, unsigned api_version) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    if (!pctx || !context_flags_are_valid(flags)) return CUDA_ERROR_INVALID_VALUE;
    struct device *device = device_at(dev);
    if (!device) return CUDA_ERROR_INVALID_DEVICE;
    CUcontext context;
    CUresult result = context_open(device, flags, 0, &context);
    if (result != CUDA_SUCCESS) return result;
    context->api_version = api_version;
    result = current_push(context);
    if (result == CUDA_SUCCESS) *pctx = context;
    return result;
}

CUresult cuCtxCreate(CUcontext *pctx, unsigned int flags, CUdevice dev) {
    return create(pctx, flags, dev, 3010);
}

CUresult cuCtxCreate_v2(CUcontext *pctx, unsigned int flags, CUdevice dev) {
    return create(pctx, flags, dev, 3020);
}

CUresult cuCtxCreate_v3(CUcontext *pctx, CUexecAffinityParam *paramsArray, int numParams, unsigned int flags, CUdevice dev) {
    if (paramsArray || numParams) return CUDA_ERROR_NOT_SUPPORTED; // SM affinity needs MPS
    return create(pctx, flags, dev, 3020);
}

CUresult cuCtxDestroy_v2(CUcontext ctx) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    if (!context_is(ctx) || ctx->primary || !ctx->open) return CUDA_ERROR_INVALID_CONTEXT;
    context_close(ctx);
    current_forget(ctx);
    pool_put(&contexts, ctx);
    return CUDA_SUCCESS;
}

CUresult cuCtxDestroy(CUcontext ctx) {
    return cuCtxDestroy_v2(ctx);
}

CUresult cuCtxPushCurrent_v2(CUcontext ctx) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    if (!context_is(ctx)) return ctx ? CUDA_ERROR_INVALID_CONTEXT : CUDA_ERROR_INVALID_VALUE;
    return current_push(ctx);
}

CUresult cuCtxPushCurrent(CUcontext ctx) {
    return cuCtxPushCurrent_v2(ctx);
}

CUresult cuCtxPopCurrent_v2(CUcontext *pctx) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    CUcontext popped;
    CUresult result = current_pop(&popped);
    if (result == CUDA_SUCCESS && pctx) *pctx = popped;
    return result;
}

CUresult cuCtxPopCurrent(CUcontext *pctx) {
    return cuCtxPopCurrent_v2(pctx);
}

CUresult cuCtxSetCurrent(CUcontext ctx) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    if (ctx && !context_is(ctx)) return CUDA_ERROR_INVALID_CONTEXT;
    current_replace(ctx);
    return CUDA_SUCCESS;
}

CUresult cuCtxGetCurrent(CUcontext *pctx) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    if (!pctx) return CUDA_ERROR_INVALID_VALUE;
    int stale;
    *pctx = current_top(&stale);
    return CUDA_SUCCESS;
}

CUresult cuCtxSynchronize(void) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result == CUDA_SUCCESS) result = capture_refuses_context(context);
    if (result != CUDA_SUCCESS) return result;
    result = (CUresult)queue_wait(&context->queue);
    printed_flush(context);
    pools_settle(result);
    return result;
}

