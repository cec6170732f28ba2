// exec_params.c: changing nodes of an executable graph, which are named by the nodes it was made from. Launches under way keep what
// they were submitted with.
#include "driver/api.h"
#include "graph/build.h"
#include "graph/exec.h"
#include "graph/exec_update.h"

static CUresult find(CUgraphExec exec, CUgraphNode original, CUgraphNode *node) {
    CUresult result = graph_ready();
    if (result != CUDA_SUCCESS) return result;
    if (!exec_is(exec) || !node_is(original)) return CUDA_ERROR_INVALID_VALUE;
    *node = graph_find_clone(exec->graph, original);
    return *node ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

static CUresult find_typed(CUgraphExec exec, CUgraphNode original, enum work_type type, CUgraphNode *node) {
    CUresult result = find(exec, original, node);
    return result == CUDA_SUCCESS && (*node)->work.type != type ? CUDA_ERROR_INVALID_VALUE : result;
}

// Takes over `work`. What cannot change: the context, and the shape and kind of copies and fills.
static CUresult replace(CUgraphExec exec, CUgraphNode node, struct work *work) {
    if (update_difference(&node->work, work) != UPDATE_SUCCESS) {
        work_drop(work);
        return CUDA_ERROR_INVALID_VALUE;
    }
    pthread_mutex_lock(&exec->lock);
    if (work->type == WORK_KERNEL) {
        work->kernel.shape.cooperative = node->work.kernel.shape.cooperative;
        work->kernel.priority = node->work.kernel.priority;
    }
    work_drop(&node->work);
    node->work = *work;
    pthread_mutex_unlock(&exec->lock);
    return CUDA_SUCCESS;
}

CUresult cuGraphExecKernelNodeSetParams_v2(CUgraphExec hGraphExec, CUgraphNode hNode, const CUDA_KERNEL_NODE_PARAMS *nodeParams) {
    CUgraphNode node;
    struct work work;
    CUresult result = find_typed(hGraphExec, hNode, WORK_KERNEL, &node);
    if (result == CUDA_SUCCESS) result = build_kernel(nodeParams, &work);
    return result != CUDA_SUCCESS ? result : replace(hGraphExec, node, &work);
}

CUresult cuGraphExecKernelNodeSetParams(CUgraphExec hGraphExec, CUgraphNode hNode, const CUDA_KERNEL_NODE_PARAMS_v1 *nodeParams) {
    CUgraphNode node;
    struct work work;
    CUresult result = find_typed(hGraphExec, hNode, WORK_KERNEL, &node);
    if (result == CUDA_SUCCESS) result = build_kernel_v1(nodeParams, &work);
    return result != CUDA_SUCCESS ? result : replace(hGraphExec, node, &work);
}

CUresult cuGraphExecMemcpyNodeSetParams(CUgraphExec hGraphExec, CUgraphNode hNode, const CUDA_MEMCPY3D *copyParams, CUcontext ctx) {
    CUgraphNode node;
    struct work work;
    CUresult result = find_typed(hGraphExec, hNode, WORK_COPY, &node);
    if (result == CUDA_SUCCESS) result = build_copy(copyParams, ctx, &work);
    return result != CUDA_SUCCESS ? result : replace(hGraphExec, node, &work);
}

CUresult cuGraphExecMemsetNodeSetParams(CUgraphExec hGraphExec, CUgraphNode hNode, const CUDA_MEMSET_NODE_PARAMS *memsetParams,
                                        CUcontext ctx) {
    CUgraphNode node;
    struct work work;
    CUresult result = find_typed(hGraphExec, hNode, WORK_FILL, &node);
    if (result == CUDA_SUCCESS) result = build_fill(memsetParams, ctx, &work);
    return result != CUDA_SUCCESS ? result : replace(hGraphExec, node, &work);
}

CUresult cuGraphExecHostNodeSetParams(CUgraphExec hGraphExec, CUgraphNode hNode, const CUDA_HOST_NODE_PARAMS *nodeParams) {
    CUgraphNode node;
    struct work work;
    CUresult result = find_typed(hGraphExec, hNode, WORK_HOST, &node);
    if (result == CUDA_SUCCESS) result = build_host(nodeParams, &work);
    return result != CUDA_SUCCESS ? result : replace(hGraphExec, node, &work);
}

static CUresult set_event(CUgraphExec exec, CUgraphNode original, enum work_type type, CUevent event) {
    CUgraphNode node;
    struct work work;
    CUresult result = find_typed(exec, original, type, &node);
    if (result == CUDA_SUCCESS) result = build_event(type, event, &work);
    return result != CUDA_SUCCESS ? result : replace(exec, node, &work);
}

CUresult cuGraphExecEventRecordNodeSetEvent(CUgraphExec hGraphExec, CUgraphNode hNode, CUevent event) {
    return set_event(hGraphExec, hNode, WORK_RECORD, event);
}

CUresult cuGraphExecEventWaitNodeSetEvent(CUgraphExec hGraphExec, CUgraphNode hNode, CUevent event) {
    return set_event(hGraphExec, hNode, WORK_WAIT, event);
}

CUresult cuGraphExecBatchMemOpNodeSetParams(CUgraphExec hGraphExec, CUgraphNode hNode,
                                            const CUDA_BATCH_MEM_OP_NODE_PARAMS *nodeParams) {
    CUgraphNode node;
    struct work work;
    CUresult result = find_typed(hGraphExec, hNode, WORK_BATCH, &node);
    if (result == CUDA_SUCCESS) result = build_batch(nodeParams, &work);
    return result != CUDA_SUCCESS ? result : replace(hGraphExec, node, &work);
}

CUresult cuGraphExecChildGraphNodeSetParams(CUgraphExec hGraphExec, CUgraphNode hNode, CUgraph childGraph) {
    CUgraphNode node;
    CUresult result = find_typed(hGraphExec, hNode, WORK_GRAPH, &node);
    if (result != CUDA_SUCCESS) return result;
    if (!graph_is(childGraph)) return CUDA_ERROR_INVALID_VALUE;
    CUgraphExecUpdateResultInfo info;
    pthread_mutex_lock(&hGraphExec->lock);
    result = update_graph(node->work.child, childGraph, &info);
    pthread_mutex_unlock(&hGraphExec->lock);
    return result == CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE ? CUDA_ERROR_INVALID_VALUE : result;
}

CUresult cuGraphExecNodeSetParams(CUgraphExec hGraphExec, CUgraphNode hNode, CUgraphNodeParams *nodeParams) {
    CUgraphNode node;
    struct work work;
    CUresult result = find(hGraphExec, hNode, &node);
    if (result != CUDA_SUCCESS) return result;
    if (!nodeParams || (int)node->work.type != nodeParams->type) return CUDA_ERROR_INVALID_VALUE;
    if (nodeParams->type == WORK_GRAPH) return cuGraphExecChildGraphNodeSetParams(hGraphExec, hNode, nodeParams->graph);
    if (nodeParams->type == WORK_ALLOC || nodeParams->type == WORK_FREE) return CUDA_ERROR_NOT_SUPPORTED;
    result = build_any(nodeParams, &work);
    return result != CUDA_SUCCESS ? result : replace(hGraphExec, node, &work);
}

static int may_be_disabled(const struct work *work) {
    return work->type == WORK_KERNEL || work->type == WORK_COPY || work->type == WORK_FILL;
}

CUresult cuGraphNodeSetEnabled(CUgraphExec hGraphExec, CUgraphNode hNode, unsigned int isEnabled) {
    CUgraphNode node;
    CUresult result = find(hGraphExec, hNode, &node);
    if (result == CUDA_SUCCESS && !may_be_disabled(&node->work)) result = CUDA_ERROR_INVALID_VALUE;
    if (result == CUDA_SUCCESS) node->disabled = !isEnabled;
    return result;
}

CUresult cuGraphNodeGetEnabled(CUgraphExec hGraphExec, CUgraphNode hNode, unsigned int *isEnabled) {
    CUgraphNode node;
    CUresult result = find(hGraphExec, hNode, &node);
    if (result == CUDA_SUCCESS && (!isEnabled || !may_be_disabled(&node->work))) result = CUDA_ERROR_INVALID_VALUE;
    if (result == CUDA_SUCCESS) *isEnabled = !node->disabled;
    return result;
}
