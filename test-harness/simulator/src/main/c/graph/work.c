// work.c: see work.h.
#include "graph/work.h"

#include <stdlib.h>
#include <string.h>

#include "driver/event.h"
#include "driver/host_call.h"
#include "driver/stream_value.h"
#include "graph/graph.h"
#include "graph/memory_node.h"

// Pointers to the parameters lie before the parameters, in the form in which a node's parameters are asked for.
static CUresult keep_parameters(struct kernel_call *call, void **owned) {
    uint32_t count = ptx_parameter_count(call->function->kernel);
    const struct ptx_parameter *declared = ptx_parameters(call->function->kernel);
    size_t pointers = (count * sizeof(void *) + 15) / 16 * 16;
    char *block = calloc(1, pointers + call->parameter_bytes + 1);
    if (!block) return CUDA_ERROR_OUT_OF_MEMORY;
    for (uint32_t i = 0; i < count; i++) ((void **)block)[i] = block + pointers + declared[i].offset;
    if (call->parameter_bytes) memcpy(block + pointers, call->parameters, call->parameter_bytes);
    call->parameters = block + pointers;
    *owned = block;
    return CUDA_SUCCESS;
}

static CUresult keep_batch(struct work *kept) {
    size_t bytes = kept->batch.count * sizeof *kept->batch.items;
    kept->owned = malloc(bytes + 1);
    if (!kept->owned) return CUDA_ERROR_OUT_OF_MEMORY;
    if (bytes) memcpy(kept->owned, kept->batch.items, bytes);
    kept->batch.items = kept->owned;
    return CUDA_SUCCESS;
}

CUresult work_keep(struct work *kept, const struct work *work) {
    *kept = *work;
    kept->owned = NULL;
    if (kept->context && !kept->generation) kept->generation = atomic_load(&kept->context->pooled.generation);
    switch (kept->type) {
    case WORK_KERNEL: return keep_parameters(&kept->kernel, &kept->owned);
    case WORK_BATCH: return keep_batch(kept);
    case WORK_GRAPH: return graph_clone(work->child, &kept->child);
    default: return CUDA_SUCCESS;
    }
}

void work_drop(struct work *work) {
    if (work->type == WORK_GRAPH && work->child) graph_destroy(work->child);
    free(work->owned);
    work->owned = NULL;
    work->type = WORK_EMPTY;
}

static CUresult check_handles(const struct work *work) {
    switch (work->type) {
    case WORK_KERNEL:
        if (!function_is(work->kernel.function) || work->kernel.function->module->context != work->context)
            return CUDA_ERROR_INVALID_HANDLE;
        return work->kernel.parameter_bytes < ptx_parameter_bytes(work->kernel.function->kernel) ? CUDA_ERROR_INVALID_HANDLE
                                                                                                 : CUDA_SUCCESS;
    case WORK_WAIT:
    case WORK_RECORD: return event_is(work->event) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
    default: return CUDA_SUCCESS;
    }
}

CUresult work_check(const struct work *work) {
    CUcontext context = work->context;
    if (context) {
        if (!context_is(context) || atomic_load(&context->pooled.generation) != work->generation || !context->open)
            return CUDA_ERROR_CONTEXT_IS_DESTROYED;
        CUresult broken = (CUresult)atomic_load(&context->queue.broken);
        if (broken != CUDA_SUCCESS) return broken;
    }
    return check_handles(work);
}

static struct operation *wait_operation(CUevent event) {
    struct operation *operation = operation_new(NULL, ENGINE_NONE, 0);
    if (operation) operation->wait = event_recorded(event);
    return operation;
}

CUresult work_operations(const struct work *work, struct queue *queue, struct operations *operations) {
    *operations = (struct operations){NULL, NULL};
    switch (work->type) {
    case WORK_KERNEL: operations->first = kernel_operation(&work->kernel); break;
    case WORK_COPY: operations->first = copy_operation(&work->copy); break;
    case WORK_FILL: operations->first = fill_operation(&work->fill); break;
    case WORK_WAIT: operations->first = wait_operation(work->event); break;
    case WORK_RECORD: operations->first = event_record_operation(work->event, queue); break;
    case WORK_HOST:
        return host_call_operations(&(struct host_call){.function = work->host.fn, .user_data = work->host.userData}, queue,
                                    operations);
    case WORK_BATCH: return batch_operations(work->batch.items, work->batch.count, queue, operations);
    case WORK_FREE: operations->first = memory_node_give_operation(work->free); break;
    default: operations->first = operation_new(NULL, ENGINE_NONE, 0); break;
    }
    return operations->first ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

void operations_drop(struct operations *operations) {
    if (operations->first) operation_free(operations->first);
    if (operations->second) operation_free(operations->second);
}

void operations_submit(struct stream *stream, const struct operations *operations) {
    queue_submit(stream, operations->first);
    if (operations->second) queue_submit(stream, operations->second);
}
