// capture_stream.c: beginning and ending a capture, and what is told of it.
#include <stdlib.h>

#include "driver/api.h"
#include "graph/capture_state.h"

static _Atomic uint64_t next_capture_id = 1;

static CUresult find(CUstream handle, struct stream **stream) {
    CUcontext context;
    CUresult result = context_current(&context);
    return result != CUDA_SUCCESS ? result : stream_find(context, handle, stream);
}

static CUresult begin(struct stream *stream, int mode) {
    if (stream == &stream->queue->legacy) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    if (capture_branch_of(stream)) return CUDA_ERROR_ILLEGAL_STATE;
    struct capture *capture = calloc(1, sizeof *capture);
    CUgraph graph = graph_new();
    struct capture_branch *branch = capture && graph ? capture_join(capture, stream) : NULL;
    if (!branch) {
        if (graph) graph_destroy(graph);
        free(capture);
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
    *capture = (struct capture){.id = atomic_fetch_add(&next_capture_id, 1), .mode = mode, .status = STATUS_ACTIVE,
                                .thread = capture_thread(), .origin = stream, .graph = graph, .branches = branch,
                                .next = captures};
    branch->capture = capture;
    graph->captured = 1;
    captures = capture;
    atomic_fetch_add(&capture_count, 1);
    return CUDA_SUCCESS;
}

CUresult cuStreamBeginCapture_v2(CUstream hStream, CUstreamCaptureMode mode) {
    struct stream *stream;
    CUresult result = find(hStream, &stream);
    if (result != CUDA_SUCCESS) return result;
    if (mode < MODE_GLOBAL || mode > MODE_RELAXED) return CUDA_ERROR_INVALID_VALUE;
    pthread_mutex_lock(&capture_lock);
    result = begin(stream, mode);
    pthread_mutex_unlock(&capture_lock);
    return result;
}

CUresult cuStreamBeginCapture(CUstream hStream) {
    return cuStreamBeginCapture_v2(hStream, MODE_GLOBAL);
}

// Marks all that `node` comes after, and itself.
static void mark(CUgraph graph, char *marked, const struct node_set *from) {
    for (size_t i = 0; i < from->count; i++) marked[from->node[i]->index] = 1;
    // A captured node needs only nodes that were there before, unless the application added edges itself.
    for (int changed = 1; changed;) {
        changed = 0;
        for (size_t i = graph->nodes.count; i-- > 0;)
            for (size_t k = 0; marked[i] && k < graph->nodes.node[i]->needs.count; k++) {
                size_t need = graph->nodes.node[i]->needs.node[k]->index;
                if (!marked[need]) marked[need] = 1, changed = need > i || changed;
            }
    }
}

// Whether all that was captured comes before the origin's next work.
static int is_joined(const struct capture *capture, const struct capture_branch *origin) {
    for (struct capture_branch *branch = capture->branches; branch; branch = branch->next)
        capture_prune(&branch->last, capture->graph);
    char *marked = calloc(capture->graph->nodes.count + 1, 1);
    if (!marked) return 0;
    mark(capture->graph, marked, &origin->last);
    int joined = 1;
    for (const struct capture_branch *branch = capture->branches; branch; branch = branch->next)
        for (size_t i = 0; i < branch->last.count; i++) joined &= marked[branch->last.node[i]->index];
    free(marked);
    return joined;
}

static CUresult end(struct stream *stream, CUgraph *graph) {
    struct capture_branch *branch = capture_branch_of(stream);
    if (!branch) return CUDA_ERROR_ILLEGAL_STATE;
    struct capture *capture = branch->capture;
    if (capture->origin != stream) return capture_invalidate(capture, CUDA_ERROR_STREAM_CAPTURE_UNMATCHED);
    if (capture->mode != MODE_RELAXED && capture->thread != capture_thread()) return CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD;
    CUresult result = CUDA_SUCCESS;
    if (capture->status == STATUS_INVALIDATED) result = CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    else if (!is_joined(capture, branch)) result = CUDA_ERROR_STREAM_CAPTURE_UNJOINED;
    capture->graph->captured = 0;
    if (result == CUDA_SUCCESS) *graph = capture->graph;
    else graph_destroy(capture->graph);
    capture_end(capture);
    return result;
}

CUresult cuStreamEndCapture(CUstream hStream, CUgraph *phGraph) {
    struct stream *stream;
    CUresult result = find(hStream, &stream);
    if (result != CUDA_SUCCESS) return result;
    if (!phGraph) return CUDA_ERROR_INVALID_VALUE;
    *phGraph = NULL;
    pthread_mutex_lock(&capture_lock);
    result = end(stream, phGraph);
    pthread_mutex_unlock(&capture_lock);
    return result;
}

// What a stream's capture tells; the nodes stay readable until the stream's next call.
struct capture_facts {
    int status;
    uint64_t id;
    CUgraph graph;
    const CUgraphNode *last;
    size_t last_count;
};

static CUresult tell(CUstream handle, struct capture_facts *facts) {
    struct stream *stream;
    struct capture *in_the_way;
    CUresult result = find(handle, &stream);
    *facts = (struct capture_facts){0};
    if (result != CUDA_SUCCESS) return result;
    pthread_mutex_lock(&capture_lock);
    const struct capture_branch *branch = capture_branch_of(stream);
    if (branch && branch->capture->status == STATUS_ACTIVE)
        *facts = (struct capture_facts){STATUS_ACTIVE, branch->capture->id, branch->capture->graph, branch->last.node,
                                        branch->last.count};
    else if (branch) facts->status = branch->capture->status;
    else result = capture_implicit(stream, &in_the_way); // to ask does no harm: the capture stays valid
    pthread_mutex_unlock(&capture_lock);
    return result;
}

CUresult cuStreamIsCapturing(CUstream hStream, CUstreamCaptureStatus *captureStatus) {
    struct capture_facts facts;
    if (!captureStatus) return CUDA_ERROR_INVALID_VALUE;
    CUresult result = tell(hStream, &facts);
    if (result == CUDA_SUCCESS) *captureStatus = facts.status;
    return result;
}

CUresult cuStreamGetCaptureInfo_v2(CUstream hStream, CUstreamCaptureStatus *captureStatus_out, cuuint64_t *id_out,
                                   CUgraph *graph_out, const CUgraphNode **dependencies_out, size_t *numDependencies_out) {
    struct capture_facts facts;
    if (!captureStatus_out) return CUDA_ERROR_INVALID_VALUE;
    CUresult result = tell(hStream, &facts);
    if (result != CUDA_SUCCESS) return result;
    *captureStatus_out = facts.status;
    if (id_out) *id_out = facts.id;
    if (graph_out) *graph_out = facts.graph;
    if (dependencies_out) *dependencies_out = facts.last;
    if (numDependencies_out) *numDependencies_out = facts.last_count;
    return CUDA_SUCCESS;
}

CUresult cuStreamGetCaptureInfo(CUstream hStream, CUstreamCaptureStatus *captureStatus_out, cuuint64_t *id_out) {
    return cuStreamGetCaptureInfo_v2(hStream, captureStatus_out, id_out, NULL, NULL, NULL);
}

static CUresult update(struct stream *stream, const CUgraphNode *nodes, size_t count, int replace) {
    struct capture_branch *branch = capture_branch_of(stream);
    if (!branch) return CUDA_ERROR_ILLEGAL_STATE;
    if (branch->capture->status == STATUS_INVALIDATED) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    for (size_t i = 0; i < count; i++)
        if (!node_is(nodes[i]) || nodes[i]->graph != branch->capture->graph) return CUDA_ERROR_INVALID_VALUE;
    if (replace) branch->last.count = 0;
    for (size_t i = 0; i < count; i++)
        if (!node_set_has(&branch->last, nodes[i]) && node_set_add(&branch->last, nodes[i]) != 0) return CUDA_ERROR_OUT_OF_MEMORY;
    return CUDA_SUCCESS;
}

CUresult cuStreamUpdateCaptureDependencies(CUstream hStream, CUgraphNode *dependencies, size_t numDependencies,
                                           unsigned int flags) {
    struct stream *stream;
    CUresult result = find(hStream, &stream);
    if (result != CUDA_SUCCESS) return result;
    if (flags > 1 || (numDependencies && !dependencies)) return CUDA_ERROR_INVALID_VALUE;
    pthread_mutex_lock(&capture_lock);
    result = update(stream, dependencies, numDependencies, (int)flags);
    pthread_mutex_unlock(&capture_lock);
    return result;
}
