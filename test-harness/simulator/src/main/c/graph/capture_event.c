// capture_event.c: events in captured streams: they carry the place in the graph from one stream to another.
#include <stdlib.h>

#include "graph/capture_state.h"

void captured_event_free(struct captured_event *captured) {
    if (!captured) return;
    node_set_free(&captured->after);
    free(captured);
}

// A record outside of a capture makes it an ordinary event again.
static void forget_captured(CUevent event) {
    captured_event_free(atomic_exchange(&event->captured, NULL));
}

static CUresult remember(struct capture_branch *branch, CUevent event) {
    capture_prune(&branch->last, branch->capture->graph);
    struct captured_event *captured = calloc(1, sizeof *captured);
    if (!captured) return CUDA_ERROR_OUT_OF_MEMORY;
    captured->capture_id = branch->capture->id;
    if (node_set_copy(&captured->after, &branch->last) != 0) {
        captured_event_free(captured);
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
    forget_captured(event);
    atomic_store(&event->captured, captured);
    return CUDA_SUCCESS;
}

int capture_records(struct stream *stream, CUevent event, int external, CUresult *result) {
    if (!atomic_load_explicit(&capture_count, memory_order_relaxed) && !event->captured) {
        *result = CUDA_ERROR_INVALID_VALUE;
        return external;
    }
    if (external && capture_takes(stream, &(struct work){.type = WORK_RECORD, .event = event}, 1, result)) return 1;
    pthread_mutex_lock(&capture_lock);
    struct capture *in_the_way;
    struct capture_branch *branch = capture_branch_of(stream);
    CUresult implicit = capture_implicit(stream, &in_the_way);
    int taken = 1;
    if (branch && branch->capture->status == STATUS_INVALIDATED) *result = CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    else if (branch) *result = remember(branch, event);
    else if (implicit != CUDA_SUCCESS) *result = capture_invalidate(in_the_way, implicit);
    else if (external) *result = CUDA_ERROR_INVALID_VALUE;
    else taken = 0;
    if (!taken) forget_captured(event);
    pthread_mutex_unlock(&capture_lock);
    return taken;
}

static CUresult join(struct capture *capture, struct stream *stream, const struct captured_event *captured) {
    struct capture_branch *branch = capture_branch_of(stream);
    if (!branch) branch = capture_join(capture, stream);
    if (!branch) return CUDA_ERROR_OUT_OF_MEMORY;
    for (size_t i = 0; i < captured->after.count; i++) {
        CUgraphNode node = captured->after.node[i];
        if (!node_is(node) || node->graph != capture->graph) continue;
        if (!node_set_has(&branch->last, node) && node_set_add(&branch->last, node) != 0) return CUDA_ERROR_OUT_OF_MEMORY;
    }
    return CUDA_SUCCESS;
}

static CUresult wait_captured(struct stream *stream, CUevent event) {
    struct capture_branch *branch = capture_branch_of(stream);
    struct captured_event *captured = event->captured;
    struct capture *capture = capture_by_id(captured->capture_id);
    if (!capture) // the capture has ended
        return branch ? capture_invalidate(branch->capture, CUDA_ERROR_STREAM_CAPTURE_ISOLATION) : CUDA_ERROR_CAPTURED_EVENT;
    if (capture->status == STATUS_INVALIDATED) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    if (branch && branch->capture != capture) {
        capture_invalidate(branch->capture, CUDA_SUCCESS);
        return capture_invalidate(capture, CUDA_ERROR_STREAM_CAPTURE_MERGE);
    }
    if (stream == &stream->queue->legacy) return capture_invalidate(capture, CUDA_ERROR_STREAM_CAPTURE_IMPLICIT);
    return join(capture, stream, captured);
}

int capture_waits(struct stream *stream, CUevent event, int external, CUresult *result) {
    if (!atomic_load_explicit(&capture_count, memory_order_relaxed) && !event->captured) {
        *result = CUDA_ERROR_INVALID_VALUE;
        return external;
    }
    if (external && capture_takes(stream, &(struct work){.type = WORK_WAIT, .event = event}, 1, result)) return 1;
    pthread_mutex_lock(&capture_lock);
    struct capture *in_the_way;
    struct capture_branch *branch = capture_branch_of(stream);
    CUresult implicit = capture_implicit(stream, &in_the_way);
    int taken = 1;
    if (branch && branch->capture->status == STATUS_INVALIDATED) *result = CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    else if (external) *result = CUDA_ERROR_INVALID_VALUE;
    else if (event->captured) *result = wait_captured(stream, event);
    else if (branch) *result = capture_invalidate(branch->capture, CUDA_ERROR_STREAM_CAPTURE_ISOLATION);
    else if (implicit != CUDA_SUCCESS) *result = capture_invalidate(in_the_way, implicit);
    else taken = 0;
    pthread_mutex_unlock(&capture_lock);
    return taken;
}

CUresult capture_refuses_event(CUevent event) {
    if (!event->captured) return CUDA_SUCCESS;
    pthread_mutex_lock(&capture_lock);
    CUresult result = CUDA_SUCCESS;
    const struct captured_event *captured = event->captured;
    if (captured) {
        struct capture *capture = capture_by_id(captured->capture_id);
        result = capture ? capture_invalidate(capture, CUDA_ERROR_CAPTURED_EVENT) : CUDA_ERROR_CAPTURED_EVENT;
    }
    pthread_mutex_unlock(&capture_lock);
    return result;
}
