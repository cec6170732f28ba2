// build.c: see build.h.
#include "graph/build.h"

#include "driver/event.h"
#include "driver/kernel.h"
#include "driver/stream_value.h"
#include "graph/graph.h"
#include "graph/memory_node.h"

static CUresult choose_context(CUcontext asked, CUcontext *chosen) {
    if (!asked) return context_current(chosen);
    if (!context_is(asked) || !asked->open) return CUDA_ERROR_INVALID_CONTEXT;
    *chosen = asked;
    return (CUresult)atomic_load(&asked->queue.broken);
}

static CUresult find_function(const CUDA_KERNEL_NODE_PARAMS *params, CUfunction *function) {
    CUkernel kernel = params->func ? (CUkernel)params->func : params->kern;
    if (params->func && function_is(params->func)) {
        *function = params->func;
        return CUDA_SUCCESS;
    }
    if (!kernel_is(kernel)) return CUDA_ERROR_INVALID_VALUE;
    if (params->ctx && !context_is(params->ctx)) return CUDA_ERROR_INVALID_CONTEXT;
    if (params->ctx) {
        CUresult pushed = current_push(params->ctx);
        if (pushed != CUDA_SUCCESS) return pushed;
    }
    CUresult result = kernel_function(kernel, function);
    CUcontext popped;
    if (params->ctx) current_pop(&popped);
    return result;
}

CUresult build_kernel(const CUDA_KERNEL_NODE_PARAMS *params, struct work *work) {
    if (!params) return CUDA_ERROR_INVALID_VALUE;
    struct kernel_call call = {
        .shape = {{params->gridDimX, params->gridDimY, params->gridDimZ},
                  {params->blockDimX, params->blockDimY, params->blockDimZ}, params->sharedMemBytes, 0}};
    CUresult result = find_function(params, &call.function);
    if (result != CUDA_SUCCESS) return result;
    call.parameter_bytes = ptx_parameter_bytes(call.function->kernel);
    _Alignas(16) char packed[call.parameter_bytes + 1];
    call.parameters = packed;
    result = kernel_pack(call.function, params->kernelParams, params->extra, packed);
    if (result == CUDA_SUCCESS) result = kernel_check(&call);
    if (result != CUDA_SUCCESS) return result;
    struct work borrowed = {.type = WORK_KERNEL, .context = call.function->module->context, .kernel = call};
    return work_keep(work, &borrowed);
}

CUresult build_kernel_v1(const CUDA_KERNEL_NODE_PARAMS_v1 *params, struct work *work) {
    if (!params) return CUDA_ERROR_INVALID_VALUE;
    CUDA_KERNEL_NODE_PARAMS whole = {
        params->func, params->gridDimX, params->gridDimY, params->gridDimZ, params->blockDimX, params->blockDimY,
        params->blockDimZ, params->sharedMemBytes, params->kernelParams, params->extra, NULL, NULL};
    return build_kernel(&whole, work);
}

CUresult build_copy(const CUDA_MEMCPY3D *params, CUcontext context, struct work *work) {
    struct work borrowed = {.type = WORK_COPY};
    if (!params) return CUDA_ERROR_INVALID_VALUE;
    CUresult result = choose_context(context, &borrowed.context);
    if (result == CUDA_SUCCESS) result = copy_from_3d(params, &borrowed.copy);
    if (result == CUDA_SUCCESS && !(params->WidthInBytes && params->Height && params->Depth)) result = CUDA_ERROR_INVALID_VALUE;
    if (result == CUDA_SUCCESS) result = copy_resolve(&borrowed.copy);
    return result != CUDA_SUCCESS ? result : work_keep(work, &borrowed);
}

CUresult build_fill(const CUDA_MEMSET_NODE_PARAMS *params, CUcontext context, struct work *work) {
    struct work borrowed = {.type = WORK_FILL};
    if (!params) return CUDA_ERROR_INVALID_VALUE;
    CUresult result = choose_context(context, &borrowed.context);
    if (result != CUDA_SUCCESS) return result;
    unsigned element = params->elementSize;
    if ((element != 1 && element != 2 && element != 4) || !params->width || !params->height) return CUDA_ERROR_INVALID_VALUE;
    borrowed.fill = (struct fill){params->dst, params->height > 1 ? params->pitch : 0, params->width, params->height,
                                  params->value, element};
    result = fill_check(&borrowed.fill);
    return result != CUDA_SUCCESS ? result : work_keep(work, &borrowed);
}

CUresult build_host(const CUDA_HOST_NODE_PARAMS *params, struct work *work) {
    if (!params || !params->fn) return CUDA_ERROR_INVALID_VALUE;
    return work_keep(work, &(struct work){.type = WORK_HOST, .host = *params});
}

CUresult build_child(CUgraph child, struct work *work) {
    if (!graph_is(child)) return CUDA_ERROR_INVALID_VALUE;
    if (graph_has_memory_nodes(child)) return CUDA_ERROR_NOT_SUPPORTED;
    return work_keep(work, &(struct work){.type = WORK_GRAPH, .child = child});
}

CUresult build_event(enum work_type type, CUevent event, struct work *work) {
    if (!event_is(event)) return CUDA_ERROR_INVALID_VALUE;
    return work_keep(work, &(struct work){.type = type, .context = event->context, .event = event});
}

CUresult build_batch(const CUDA_BATCH_MEM_OP_NODE_PARAMS *params, struct work *work) {
    struct work borrowed = {.type = WORK_BATCH};
    if (!params) return CUDA_ERROR_INVALID_VALUE;
    CUresult result = choose_context(params->ctx, &borrowed.context);
    if (result == CUDA_SUCCESS) result = batch_check(params->paramArray, params->count, params->flags);
    if (result != CUDA_SUCCESS) return result;
    borrowed.batch.count = params->count;
    borrowed.batch.items = params->paramArray;
    return work_keep(work, &borrowed);
}

CUresult build_alloc(CUDA_MEM_ALLOC_NODE_PARAMS *params, struct work *work) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    result = memory_node_reserve(context, params);
    return result != CUDA_SUCCESS ? result
                                  : work_keep(work, &(struct work){.type = WORK_ALLOC, .context = context, .alloc = *params});
}

CUresult build_free(CUdeviceptr address, struct work *work) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    if (!memory_node_is(address)) return CUDA_ERROR_INVALID_VALUE;
    return work_keep(work, &(struct work){.type = WORK_FREE, .context = context, .free = address});
}

CUresult build_any(CUgraphNodeParams *params, struct work *work) {
    if (!params) return CUDA_ERROR_INVALID_VALUE;
    switch (params->type) {
    case WORK_KERNEL: return build_kernel(&params->kernel, work);
    case WORK_COPY: return build_copy(&params->memcpy.params, params->memcpy.ctx, work);
    case WORK_FILL: return build_fill(&params->memset.params, params->memset.ctx, work);
    case WORK_HOST: return build_host(&params->host, work);
    case WORK_GRAPH: return build_child(params->graph, work);
    case WORK_EMPTY: return work_keep(work, &(struct work){.type = WORK_EMPTY});
    case WORK_WAIT:
    case WORK_RECORD: return build_event((enum work_type)params->type, params->event, work);
    case WORK_ALLOC: return build_alloc(&params->alloc, work);
    case WORK_FREE: return build_free(params->free, work);
    case WORK_BATCH: return build_batch(&params->batch, work);
    case WORK_SEMAPHORE_SIGNAL:
    case WORK_SEMAPHORE_WAIT: return CUDA_ERROR_NOT_SUPPORTED;
    default: return CUDA_ERROR_INVALID_VALUE;
    }
}
