// exec.c: making and ending executable graphs.
#include "graph/exec.h"

#include "driver/api.h"
#include "graph/capture.h"
#include "graph/memory_node.h"

static struct pool execs = POOL(struct graph_exec, 1 << 18);

// Of CUgraphInstantiateResult.
enum { INSTANTIATE_SUCCESS, INSTANTIATE_ERROR, INSTANTIATE_INVALID_STRUCTURE };

int exec_is(const void *handle) {
    return pool_has(&execs, handle);
}

static CUresult fill_exec(CUgraphExec exec, CUgraph graph, uint64_t flags) {
    CUresult result = context_current(&exec->context);
    if (result == CUDA_SUCCESS) result = graph_clone(graph, &exec->graph);
    if (result != CUDA_SUCCESS) return result;
    exec->flags = flags;
    result = plan_make(exec->graph, exec->context, &exec->plan);
    if (result != CUDA_SUCCESS) graph_destroy(exec->graph);
    return result;
}

static CUresult instantiate(CUgraphExec *made, CUgraph graph, uint64_t flags) {
    CUresult result = graph_ready();
    if (result != CUDA_SUCCESS) return result;
    if (!made || !graph_is(graph) || flags & ~(uint64_t)EXEC_FLAGS_KNOWN) return CUDA_ERROR_INVALID_VALUE;
    if (flags & EXEC_DEVICE_LAUNCH) return CUDA_ERROR_NOT_SUPPORTED;
    int memory = graph_has_memory_nodes(graph);
    if (memory && atomic_load(&graph->instance) && exec_is(graph->instance)) return CUDA_ERROR_NOT_SUPPORTED;
    CUgraphExec exec = pool_take(&execs);
    if (!exec) return CUDA_ERROR_OUT_OF_MEMORY;
    result = fill_exec(exec, graph, flags);
    if (result != CUDA_SUCCESS) {
        pool_put(&execs, exec);
        return result;
    }
    pthread_mutex_init(&exec->lock, NULL);
    if (memory) atomic_store(&graph->instance, exec);
    *made = exec;
    return CUDA_SUCCESS;
}

CUresult cuGraphInstantiateWithFlags(CUgraphExec *phGraphExec, CUgraph hGraph, unsigned long long flags) {
    return instantiate(phGraphExec, hGraph, flags);
}

CUresult cuGraphInstantiate_v2(CUgraphExec *phGraphExec, CUgraph hGraph, CUgraphNode *phErrorNode, char *logBuffer,
                               size_t bufferSize) {
    if (phErrorNode) *phErrorNode = NULL;
    if (logBuffer && bufferSize) *logBuffer = 0;
    return instantiate(phGraphExec, hGraph, 0);
}

CUresult cuGraphInstantiate(CUgraphExec *phGraphExec, CUgraph hGraph, CUgraphNode *phErrorNode, char *logBuffer,
                            size_t bufferSize) {
    return cuGraphInstantiate_v2(phGraphExec, hGraph, phErrorNode, logBuffer, bufferSize);
}

CUresult cuGraphInstantiateWithParams(CUgraphExec *phGraphExec, CUgraph hGraph, CUDA_GRAPH_INSTANTIATE_PARAMS *instantiateParams) {
    if (!instantiateParams) return CUDA_ERROR_INVALID_VALUE;
    CUresult result = instantiate(phGraphExec, hGraph, instantiateParams->flags);
    instantiateParams->hErrNode_out = NULL;
    instantiateParams->result_out = result == CUDA_SUCCESS ? INSTANTIATE_SUCCESS : INSTANTIATE_ERROR;
    if (result == CUDA_ERROR_INVALID_VALUE && graph_is(hGraph) && phGraphExec)
        instantiateParams->result_out = INSTANTIATE_INVALID_STRUCTURE;
    if (result != CUDA_SUCCESS || !(instantiateParams->flags & EXEC_UPLOAD)) return result;
    return cuGraphUpload(*phGraphExec, instantiateParams->hUploadStream);
}

static CUresult check(CUgraphExec exec) {
    CUresult result = graph_ready();
    if (result != CUDA_SUCCESS) return result;
    return exec_is(exec) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

// Launches that are under way go on.
CUresult cuGraphExecDestroy(CUgraphExec hGraphExec) {
    CUresult result = check(hGraphExec);
    if (result != CUDA_SUCCESS) return result;
    pthread_mutex_lock(&hGraphExec->lock);
    plan_free(&hGraphExec->plan);
    graph_destroy(hGraphExec->graph);
    moment_drop(hGraphExec->last);
    pthread_mutex_unlock(&hGraphExec->lock);
    pthread_mutex_destroy(&hGraphExec->lock);
    pool_put(&execs, hGraphExec);
    return CUDA_SUCCESS;
}

CUresult cuGraphExecGetFlags(CUgraphExec hGraphExec, cuuint64_t *flags) {
    CUresult result = check(hGraphExec);
    if (result != CUDA_SUCCESS) return result;
    if (!flags) return CUDA_ERROR_INVALID_VALUE;
    *flags = hGraphExec->flags & ~(uint64_t)EXEC_UPLOAD;
    return CUDA_SUCCESS;
}

static CUresult find_stream(CUgraphExec exec, CUstream handle, struct stream **stream) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result == CUDA_SUCCESS && !exec_is(exec)) result = CUDA_ERROR_INVALID_VALUE;
    return result != CUDA_SUCCESS ? result : stream_find(context, handle, stream);
}

// Nothing has to be brought to the device beforehand.
CUresult cuGraphUpload(CUgraphExec hGraph, CUstream hStream) {
    struct stream *stream;
    return find_stream(hGraph, hStream, &stream);
}

CUresult cuGraphLaunch(CUgraphExec hGraph, CUstream hStream) {
    struct stream *stream;
    CUresult result = find_stream(hGraph, hStream, &stream);
    if (result != CUDA_SUCCESS) return result;
    if (capture_takes(stream, &(struct work){.type = WORK_GRAPH, .child = hGraph->graph}, 1, &result)) return result;
    pthread_mutex_lock(&hGraph->lock);
    result = exec_launch(hGraph, stream);
    pthread_mutex_unlock(&hGraph->lock);
    return result;
}
