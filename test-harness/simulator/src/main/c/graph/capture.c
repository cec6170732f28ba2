// capture.c: see capture.h: which calls become nodes, and which are refused.
#include "graph/capture.h"

#include <stdlib.h>

#include "driver/api.h"
#include "graph/capture_state.h"

pthread_mutex_t capture_lock = PTHREAD_MUTEX_INITIALIZER;
struct capture *captures;
_Atomic int capture_count;

static _Thread_local CUstreamCaptureMode thread_mode;

const void *capture_thread(void) {
    return &thread_mode;
}

struct capture_branch *capture_branch_of(const struct stream *stream) {
    for (struct capture *capture = captures; capture; capture = capture->next)
        for (struct capture_branch *branch = capture->branches; branch; branch = branch->next)
            if (branch->stream == stream) return branch;
    return NULL;
}

struct capture *capture_by_id(uint64_t id) {
    struct capture *capture = captures;
    while (capture && capture->id != id) capture = capture->next;
    return capture;
}

CUresult capture_invalidate(struct capture *capture, CUresult result) {
    capture->status = STATUS_INVALIDATED;
    return result;
}

CUresult capture_implicit(const struct stream *stream, struct capture **found) {
    if (stream != &stream->queue->legacy) return CUDA_SUCCESS;
    for (struct capture *capture = captures; capture; capture = capture->next)
        for (struct capture_branch *branch = capture->branches; branch; branch = branch->next)
            if (branch->stream->queue == stream->queue && branch->stream->blocking) {
                *found = capture;
                return CUDA_ERROR_STREAM_CAPTURE_IMPLICIT;
            }
    return CUDA_SUCCESS;
}

struct capture_branch *capture_join(struct capture *capture, struct stream *stream) {
    struct capture_branch *branch = calloc(1, sizeof *branch);
    if (!branch) return NULL;
    *branch = (struct capture_branch){.capture = capture, .stream = stream, .next = capture->branches};
    capture->branches = branch;
    return branch;
}

void capture_end(struct capture *capture) {
    struct capture **link = &captures;
    while (*link != capture) link = &(*link)->next;
    *link = capture->next;
    while (capture->branches) {
        struct capture_branch *branch = capture->branches;
        capture->branches = branch->next;
        node_set_free(&branch->last);
        free(branch);
    }
    free(capture);
    atomic_fetch_sub(&capture_count, 1);
}

void capture_prune(struct node_set *set, CUgraph graph) {
    for (size_t i = set->count; i-- > 0;)
        if (!node_is(set->node[i]) || set->node[i]->graph != graph) node_set_remove(set, set->node[i]);
}

static CUresult add_node(struct capture_branch *branch, const struct work *work) {
    struct work placed = *work, kept;
    if (placed.type == WORK_KERNEL) placed.context = placed.kernel.function->module->context;
    else if (placed.type != WORK_HOST && placed.type != WORK_GRAPH)
        placed.context = (CUcontext)((char *)branch->stream->queue - offsetof(struct context, queue));
    CUgraphNode node;
    capture_prune(&branch->last, branch->capture->graph);
    CUresult result = work_keep(&kept, &placed);
    if (result == CUDA_SUCCESS)
        result = graph_add(branch->capture->graph, &kept, branch->last.node, branch->last.count, &node);
    if (result != CUDA_SUCCESS) return capture_invalidate(branch->capture, result);
    branch->last.count = 0;
    return node_set_add(&branch->last, node) == 0 ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

static CUresult take(struct stream *stream, const struct work *work, int async, int *taken) {
    struct capture *in_the_way;
    struct capture_branch *branch = capture_branch_of(stream);
    *taken = 1;
    if (branch && branch->capture->status == STATUS_INVALIDATED) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    if (branch && (!work || !async)) return capture_invalidate(branch->capture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
    if (branch) return add_node(branch, work);
    CUresult implicit = capture_implicit(stream, &in_the_way);
    if (implicit != CUDA_SUCCESS) return capture_invalidate(in_the_way, implicit);
    *taken = 0;
    return CUDA_SUCCESS;
}

int capture_takes(struct stream *stream, const struct work *work, int async, CUresult *result) {
    if (!atomic_load_explicit(&capture_count, memory_order_relaxed)) return 0;
    int taken;
    pthread_mutex_lock(&capture_lock);
    CUresult answer = take(stream, work, async, &taken);
    pthread_mutex_unlock(&capture_lock);
    if (taken) *result = answer;
    return taken;
}

CUresult capture_refuses(struct stream *stream) {
    CUresult result = CUDA_SUCCESS;
    capture_takes(stream, NULL, 0, &result);
    return result;
}

int capture_active(const struct stream *stream) {
    if (!atomic_load_explicit(&capture_count, memory_order_relaxed)) return 0;
    pthread_mutex_lock(&capture_lock);
    int active = capture_branch_of(stream) != NULL;
    pthread_mutex_unlock(&capture_lock);
    return active;
}

CUresult capture_or_submit(struct stream *stream, const struct work *work) {
    CUresult result;
    if (capture_takes(stream, work, 1, &result)) return result;
    struct operations operations;
    result = work_operations(work, stream->queue, &operations);
    if (result == CUDA_SUCCESS) operations_submit(stream, &operations);
    return result;
}

// The calling thread's mode decides first; then whether the capture is its own, or another's that is meant to hold for all.
static int is_forbidden_by(const struct capture *capture) {
    if (capture->status != STATUS_ACTIVE || thread_mode == MODE_RELAXED) return 0;
    if (capture->thread == capture_thread()) return capture->mode != MODE_RELAXED;
    return thread_mode == MODE_GLOBAL && capture->mode == MODE_GLOBAL;
}

CUresult capture_forbids(void) {
    if (!atomic_load_explicit(&capture_count, memory_order_relaxed)) return CUDA_SUCCESS;
    CUresult result = CUDA_SUCCESS;
    pthread_mutex_lock(&capture_lock);
    for (struct capture *capture = captures; capture; capture = capture->next)
        if (is_forbidden_by(capture)) result = capture_invalidate(capture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
    pthread_mutex_unlock(&capture_lock);
    return result;
}

CUresult capture_refuses_context(CUcontext context) {
    if (!atomic_load_explicit(&capture_count, memory_order_relaxed)) return CUDA_SUCCESS;
    CUresult result = CUDA_SUCCESS;
    pthread_mutex_lock(&capture_lock);
    for (struct capture *capture = captures; capture; capture = capture->next)
        for (struct capture_branch *branch = capture->branches; branch; branch = branch->next)
            if (branch->stream->queue == &context->queue)
                result = capture_invalidate(capture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
    pthread_mutex_unlock(&capture_lock);
    return result;
}

void capture_forget_stream(struct stream *stream) {
    if (!atomic_load_explicit(&capture_count, memory_order_relaxed)) return;
    pthread_mutex_lock(&capture_lock);
    struct capture_branch *branch = capture_branch_of(stream);
    if (branch) {
        struct capture *capture = branch->capture;
        struct capture_branch **link = &capture->branches;
        while (*link != branch) link = &(*link)->next;
        *link = branch->next;
        node_set_free(&branch->last);
        free(branch);
        capture_invalidate(capture, CUDA_SUCCESS);
        if (capture->origin == stream) {
            graph_destroy(capture->graph);
            capture_end(capture);
        }
    }
    pthread_mutex_unlock(&capture_lock);
}

CUresult cuThreadExchangeStreamCaptureMode(CUstreamCaptureMode *mode) {
    CUresult result = driver_ready();
    if (result != CUDA_SUCCESS) return result;
    if (!mode || *mode < MODE_GLOBAL || *mode > MODE_RELAXED) return CUDA_ERROR_INVALID_VALUE;
    CUstreamCaptureMode before = thread_mode;
    thread_mode = *mode;
    *mode = before;
    return CUDA_SUCCESS;
}
