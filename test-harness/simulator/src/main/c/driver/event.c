// event.c: see event.h. Times are device time.
#include "driver/event.h"
#include "driver/printed.h"

#include "driver/api.h"
#include "driver/ipc_event.h"
#include "driver/pool.h"
#include "graph/capture.h"

enum { EVENT_DISABLE_TIMING = 2, EVENT_INTERPROCESS = 4, EVENT_FLAGS_KNOWN = 7 };

static struct pool events = POOL(struct event, 1 << 20);

int event_is(const void *handle) {
    return pool_has(&events, handle);
}

struct moment *event_recorded(CUevent event) {
    pthread_mutex_lock(&event->lock);
    struct moment *moment = event->ipc        ? ipc_event_latest(event->ipc, event->recorded)
                            : event->recorded ? moment_hold(event->recorded)
                                              : NULL;
    pthread_mutex_unlock(&event->lock);
    return moment;
}

static void destroy(CUevent event) {
    moment_drop(event->recorded);
    captured_event_free(event->captured);
    ipc_event_drop(event->ipc);
    pthread_mutex_destroy(&event->lock);
    pool_put(&events, event);
}

void events_release(CUcontext context) {
    CUevent event;
    for (uint32_t i = 0; (event = pool_at(&events, i)); i++)
        if (event_is(event) && event->context == context) destroy(event);
}

// Whether the handle is an event whose context still works.
static CUresult check(CUevent event) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    if (queue_inside()) return CUDA_ERROR_NOT_PERMITTED;
    return event_is(event) ? (CUresult)atomic_load(&event->context->queue.broken) : CUDA_ERROR_INVALID_HANDLE;
}

static CUresult create(CUcontext context, unsigned flags, struct ipc_event *ipc, CUevent *created) {
    CUevent event = pool_take(&events);
    if (!event) return CUDA_ERROR_OUT_OF_MEMORY;
    event->context = context;
    event->flags = flags;
    event->ipc = ipc;
    pthread_mutex_init(&event->lock, NULL);
    *created = event;
    return CUDA_SUCCESS;
}

int event_is_interprocess(const struct event *event) {
    return (event->flags & EVENT_INTERPROCESS) != 0;
}

CUresult event_create_interprocess(CUcontext context, struct ipc_event *ipc, CUevent *event) {
    return create(context, EVENT_INTERPROCESS | EVENT_DISABLE_TIMING, ipc, event);
}

CUresult cuEventCreate(CUevent *phEvent, unsigned int Flags) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    if (!phEvent || (Flags & ~(unsigned)EVENT_FLAGS_KNOWN)) return CUDA_ERROR_INVALID_VALUE;
    if ((Flags & EVENT_INTERPROCESS) && !(Flags & EVENT_DISABLE_TIMING)) return CUDA_ERROR_INVALID_VALUE;
    return create(context, Flags, NULL, phEvent);
}

CUresult cuEventDestroy_v2(CUevent hEvent) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    if (!event_is(hEvent)) return CUDA_ERROR_INVALID_HANDLE;
    destroy(hEvent);
    return CUDA_SUCCESS;
}

CUresult cuEventDestroy(CUevent hEvent) {
    return cuEventDestroy_v2(hEvent);
}

struct operation *event_record_operation(CUevent event, struct queue *queue) {
    struct operation *operation = operation_new(NULL, ENGINE_NONE, 0);
    struct moment *moment = moment_new(queue);
    if (!operation || !moment) {
        if (operation) operation_free(operation);
        moment_drop(moment);
        return NULL;
    }
    operation->signal = moment_hold(moment);
    pthread_mutex_lock(&event->lock);
    struct moment *before = event->recorded;
    event->recorded = moment;
    if (event->ipc) ipc_event_recorded(event->ipc, moment);
    pthread_mutex_unlock(&event->lock);
    moment_drop(before);
    return operation;
}

enum { EVENT_EXTERNAL = 1 };

CUresult cuEventRecordWithFlags(CUevent hEvent, CUstream hStream, unsigned int flags) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result == CUDA_SUCCESS) result = check(hEvent);
    struct stream *stream;
    if (result == CUDA_SUCCESS) result = stream_find(context, hStream, &stream);
    if (result != CUDA_SUCCESS) return result;
    if (flags & ~(unsigned)EVENT_EXTERNAL) return CUDA_ERROR_INVALID_VALUE;
    if (stream->queue != &hEvent->context->queue) return CUDA_ERROR_INVALID_HANDLE;
    if (capture_records(stream, hEvent, flags & EVENT_EXTERNAL, &result)) return result;
    struct operation *operation = event_record_operation(hEvent, stream->queue);
    if (!operation) return CUDA_ERROR_OUT_OF_MEMORY;
    queue_submit(stream, operation);
    return CUDA_SUCCESS;
}

CUresult cuEventRecord(CUevent hEvent, CUstream hStream) {
    return cuEventRecordWithFlags(hEvent, hStream, 0);
}

CUresult cuEventQuery(CUevent hEvent) {
    CUresult result = check(hEvent);
    if (result == CUDA_SUCCESS) result = capture_refuses_event(hEvent);
    if (result == CUDA_SUCCESS) result = capture_forbids();
    if (result != CUDA_SUCCESS) return result;
    struct moment *moment = event_recorded(hEvent);
    int over = !moment || moment_is_over(moment);
    moment_drop(moment);
    return over ? (CUresult)atomic_load(&hEvent->context->queue.broken) : CUDA_ERROR_NOT_READY;
}

CUresult cuEventSynchronize(CUevent hEvent) {
    CUresult result = check(hEvent);
    if (result == CUDA_SUCCESS) result = capture_refuses_event(hEvent);
    if (result == CUDA_SUCCESS) result = capture_forbids();
    if (result != CUDA_SUCCESS) return result;
    struct moment *moment = event_recorded(hEvent);
    if (moment) result = (CUresult)moment_wait(moment);
    moment_drop(moment);
    printed_flush_current();
    pools_settle(result);
    return result;
}

static CUresult elapsed(const struct moment *start, const struct moment *end, float *milliseconds) {
    if (!start || !end) return CUDA_ERROR_INVALID_HANDLE;
    if (!moment_is_over((struct moment *)start) || !moment_is_over((struct moment *)end)) return CUDA_ERROR_NOT_READY;
    *milliseconds = (float)((double)((int64_t)end->at_ns - (int64_t)start->at_ns) / 1e6);
    return CUDA_SUCCESS;
}

CUresult cuEventElapsedTime(float *pMilliseconds, CUevent hStart, CUevent hEnd) {
    CUresult result = check(hStart);
    if (result == CUDA_SUCCESS) result = check(hEnd);
    if (result == CUDA_SUCCESS) result = capture_refuses_event(hStart);
    if (result == CUDA_SUCCESS) result = capture_refuses_event(hEnd);
    if (result != CUDA_SUCCESS) return result;
    if (!pMilliseconds) return CUDA_ERROR_INVALID_VALUE;
    if (hStart->context != hEnd->context || ((hStart->flags | hEnd->flags) & EVENT_DISABLE_TIMING)) return CUDA_ERROR_INVALID_HANDLE;
    struct moment *start = event_recorded(hStart), *end = event_recorded(hEnd);
    result = elapsed(start, end, pMilliseconds);
    moment_drop(start);
    moment_drop(end);
    return result;
}
