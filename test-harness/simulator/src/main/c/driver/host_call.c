// host_call.c: see host_call.h.
#include "driver/host_call.h"

#include <stdlib.h>

#include "driver/api.h"
#include "engine/helper.h"
#include "graph/capture.h"

struct host_work {
    struct helper_task task;
    struct host_call call;
    struct moment *returned; // held
    struct queue *queue;
};

static void invoke(struct host_work *work) {
    const struct host_call *call = &work->call;
    CUresult broken = (CUresult)atomic_load(&work->queue->broken);
    queue_enter_host_function(1);
    if (call->callback) call->callback(call->handle, broken, call->user_data);
    else if (broken == CUDA_SUCCESS) call->function(call->user_data);
    queue_enter_host_function(0);
}

static void run_task(struct helper_task *task) {
    struct host_work *work = (struct host_work *)task;
    struct moment *returned = work->returned;
    invoke(work);
    free(work);
    moment_reach(returned);
    moment_drop(returned);
}

// Also in a broken context: the second operation waits all the same.
static void hand_over(struct operation *operation) {
    struct host_work *work = *(struct host_work **)operation->payload;
    *(struct host_work **)operation->payload = NULL;
    helper_run(&work->task, work->queue);
}

static int run_hand_over(struct operation *operation) {
    hand_over(operation);
    return CUDA_SUCCESS;
}

CUresult host_call_operations(const struct host_call *call, struct queue *queue, struct operations *operations) {
    struct operation *first = operation_new(run_hand_over, ENGINE_NONE, sizeof(struct host_work *));
    struct operation *second = operation_new(NULL, ENGINE_NONE, 0);
    struct moment *returned = moment_new(queue);
    struct host_work *work = malloc(sizeof *work);
    if (!first || !second || !returned || !work) {
        free(first);
        free(second);
        free(work);
        moment_drop(returned);
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
    *work = (struct host_work){.task = {.run = run_task}, .call = *call, .returned = returned, .queue = queue};
    *(struct host_work **)first->payload = work;
    first->skip = hand_over;
    first->on_time = 1;
    second->wait = moment_hold(returned);
    *operations = (struct operations){first, second};
    return CUDA_SUCCESS;
}

static CUresult find(CUstream handle, struct stream **stream) {
    CUcontext context;
    CUresult result = context_current(&context);
    return result != CUDA_SUCCESS ? result : stream_find(context, handle, stream);
}

CUresult cuLaunchHostFunc(CUstream hStream, CUhostFn fn, void *userData) {
    struct stream *stream;
    CUresult result = find(hStream, &stream);
    if (result != CUDA_SUCCESS) return result;
    if (!fn) return CUDA_ERROR_INVALID_VALUE;
    return capture_or_submit(stream, &(struct work){.type = WORK_HOST, .host = {fn, userData}});
}

// The older form, which cannot be captured.
CUresult cuStreamAddCallback(CUstream hStream, CUstreamCallback callback, void *userData, unsigned int flags) {
    struct stream *stream;
    CUresult result = find(hStream, &stream);
    if (result != CUDA_SUCCESS) return result;
    if (!callback || flags) return CUDA_ERROR_INVALID_VALUE;
    result = capture_refuses(stream);
    if (result != CUDA_SUCCESS) return result;
    struct operations operations;
    struct host_call call = {.callback = callback, .handle = hStream, .user_data = userData};
    result = host_call_operations(&call, stream->queue, &operations);
    if (result == CUDA_SUCCESS) operations_submit(stream, &operations);
    return result;
}
