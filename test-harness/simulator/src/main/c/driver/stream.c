// stream.c: streams, and waiting for them and in them.
#include "driver/api.h"
#include "driver/event.h"
#include "driver/pool.h"
#include "driver/printed.h"
#include "graph/capture.h"

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
    capture_forget_stream(hStream);
    stream_close(hStream);
    return CUDA_SUCCESS;
}

CUresult cuStreamDestroy(CUstream hStream) {
    return cuStreamDestroy_v2(hStream);
}

CUresult cuStreamSynchronize(CUstream hStream) {
    struct stream *stream;
    CUresult result = find(hStream, &stream);
    if (result == CUDA_SUCCESS) result = capture_refuses(stream);
    if (result != CUDA_SUCCESS) return result;
    result = (CUresult)stream_wait(stream);
    printed_flush_current();
    pools_settle(result);
    return result;
}

CUresult cuStreamQuery(CUstream hStream) {
    struct stream *stream;
    CUresult result = find(hStream, &stream);
    if (result == CUDA_SUCCESS) result = capture_refuses(stream);
    if (result != CUDA_SUCCESS) return result;
    int over = stream_is_over(stream);
    int broken = atomic_load(&stream->queue->broken);
    return broken ? (CUresult)broken : over ? CUDA_SUCCESS : CUDA_ERROR_NOT_READY;
}

CUresult cuStreamWaitEvent(CUstream hStream, CUevent hEvent, unsigned int Flags) {
    enum { WAIT_EXTERNAL = 1 };
    struct stream *stream;
    CUresult result = find(hStream, &stream);
    if (result != CUDA_SUCCESS) return result;
    if (Flags & ~(unsigned)WAIT_EXTERNAL) return CUDA_ERROR_INVALID_VALUE;
    if (!event_is(hEvent)) return CUDA_ERROR_INVALID_HANDLE;
    if (capture_waits(stream, hEvent, Flags & WAIT_EXTERNAL, &result)) return result;
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
