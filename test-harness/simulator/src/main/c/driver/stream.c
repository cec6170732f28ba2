// stream.c: streams, what waits in them, and host functions.
#include "driver/api.h"
#include "driver/event.h"
#include "driver/pool.h"
#include "driver/printed.h"

static CUresult find(CUstream handle, struct stream **stream) {
    CUcontext context;
    CUresult result = context_current(&context);
    return result != CUDA_SUCCESS ? result : stream_find(context, handle, stream);
}

CUresult cuStreamCreateWithPriority(CUstream *phStream, unsigned int flags, int priority) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    if (!phStream || flags > 1) return CUDA_ERROR_INVALID_VALUE;
    int clamped = priority > 0 ? 0 : priority < -5 ? -5 : priority;
    *phStream = stream_open(&context->queue, flags, clamped, NULL);
    return *phStream ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

CUresult cuStreamCreate(CUstream *phStream, unsigned int Flags) {
    return cuStreamCreateWithPriority(phStream, Flags, 0);
}

// Returns at once: what is queued still runs.
CUresult cuStreamDestroy_v2(CUstream hStream) {
    CUcontext context;
    CUresult result = context_current_even_broken(&context);
    if (result != CUDA_SUCCESS) return result;
    if (!stream_is(hStream) || hStream->thread) return CUDA_ERROR_INVALID_HANDLE;
    stream_close(hStream);
    return CUDA_SUCCESS;
}

CUresult cuStreamDestroy(CUstream hStream) {
    return cuStreamDestroy_v2(hStream);
}

CUresult cuStreamSynchronize(CUstream hStream) {
    struct stream *stream;
    CUresult result = find(hStream, &stream);
    if (result != CUDA_SUCCESS) return result;
    result = (CUresult)stream_wait(stream);
    printed_flush_current();
    pools_settle(result);
    return result;
}

CUresult cuStreamQuery(CUstream hStream) {
    struct stream *stream;
    CUresult result = find(hStream, &stream);
    if (result != CUDA_SUCCESS) return result;
    int over = stream_is_over(stream);
    int broken = atomic_load(&stream->queue->broken);
    return broken ? (CUresult)broken : over ? CUDA_SUCCESS : CUDA_ERROR_NOT_READY;
}

CUresult cuStreamWaitEvent(CUstream hStream, CUevent hEvent, unsigned int Flags) {
    struct stream *stream;
    CUresult result = find(hStream, &stream);
    if (result != CUDA_SUCCESS) return result;
    if (Flags > 1) return CUDA_ERROR_INVALID_VALUE;
    if (!event_is(hEvent)) return CUDA_ERROR_INVALID_HANDLE;
    struct moment *moment = event_recorded(hEvent);
    if (!moment) return CUDA_SUCCESS;
    struct operation *operation = operation_new(NULL, ENGINE_NONE, 0);
    if (!operation) {
        moment_drop(moment);
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
    operation->wait = moment;
    queue_submit(stream, operation);
    return CUDA_SUCCESS;
}

struct host_call {
    CUhostFn function;
    CUstreamCallback callback;
    CUstream handle; // as the application named it
    void *user_data;
    struct queue *queue;
};

static int run_host_function(struct operation *operation) {
    struct host_call *call = (struct host_call *)operation->payload;
    if (call->function) call->function(call->user_data);
    else call->callback(call->handle, CUDA_SUCCESS, call->user_data);
    return 0;
}

// A host function is not called once its context is broken; a callback is, and told so.
static void skip_host_function(struct operation *operation) {
    struct host_call *call = (struct host_call *)operation->payload;
    if (call->callback) call->callback(call->handle, (CUresult)atomic_load(&call->queue->broken), call->user_data);
}

static CUresult submit_host_call(CUstream hStream, struct host_call call) {
    struct stream *stream;
    CUresult result = find(hStream, &stream);
    if (result != CUDA_SUCCESS) return result;
    if (!call.function && !call.callback) return CUDA_ERROR_INVALID_VALUE;
    struct operation *operation = operation_new(run_host_function, ENGINE_NONE, sizeof call);
    if (!operation) return CUDA_ERROR_OUT_OF_MEMORY;
    call.handle = hStream;
    call.queue = stream->queue;
    *(struct host_call *)operation->payload = call;
    operation->skip = skip_host_function;
    operation->on_time = 1;
    queue_submit(stream, operation);
    return CUDA_SUCCESS;
}

CUresult cuLaunchHostFunc(CUstream hStream, CUhostFn fn, void *userData) {
    return submit_host_call(hStream, (struct host_call){.function = fn, .user_data = userData});
}

CUresult cuStreamAddCallback(CUstream hStream, CUstreamCallback callback, void *userData, unsigned int flags) {
    if (flags) return CUDA_ERROR_INVALID_VALUE;
    return submit_host_call(hStream, (struct host_call){.callback = callback, .user_data = userData});
}
