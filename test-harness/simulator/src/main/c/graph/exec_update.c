// exec_update.c: see exec_update.h.
#include "graph/exec_update.h"

#include "driver/api.h"
#include "graph/exec.h"

static int is_flat(const struct copy *copy) {
    return copy->height == 1 && copy->depth == 1;
}

static int same_copy_form(const struct copy *before, const struct copy *after) {
    if (before->to.kind != after->to.kind || before->from.kind != after->from.kind) return 0;
    return is_flat(before) && is_flat(after);
}

CUgraphExecUpdateResult update_difference(const struct work *before, const struct work *after) {
    if (before->type != after->type) return UPDATE_NODE_TYPE;
    if (before->type == WORK_KERNEL)
        return before->context == after->context ? UPDATE_SUCCESS : UPDATE_UNSUPPORTED_FUNCTION;
    if (before->type == WORK_HOST || before->type == WORK_EMPTY || before->type == WORK_GRAPH) return UPDATE_SUCCESS;
    if (before->context != after->context) return UPDATE_PARAMETERS;
    switch (before->type) {
    case WORK_COPY: return same_copy_form(&before->copy, &after->copy) ? UPDATE_SUCCESS : UPDATE_PARAMETERS;
    case WORK_FILL: return before->fill.height == 1 && after->fill.height == 1 ? UPDATE_SUCCESS : UPDATE_PARAMETERS;
    case WORK_BATCH: return before->batch.count == after->batch.count ? UPDATE_SUCCESS : UPDATE_PARAMETERS;
    case WORK_ALLOC: return before->alloc.dptr == after->alloc.dptr ? UPDATE_SUCCESS : UPDATE_NOT_SUPPORTED;
    case WORK_FREE: return before->free == after->free ? UPDATE_SUCCESS : UPDATE_NOT_SUPPORTED;
    default: return UPDATE_SUCCESS;
    }
}

static CUresult refuse(CUgraphExecUpdateResultInfo *info, CUgraphExecUpdateResult reason, CUgraphNode node, CUgraphNode from) {
    *info = (CUgraphExecUpdateResultInfo){reason, node, from};
    return CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE;
}

static CUresult compare_edges(CUgraph target, CUgraphNode before, CUgraphNode after, CUgraphExecUpdateResultInfo *info) {
    for (size_t i = 0; i < after->needs.count; i++) {
        CUgraphNode from = after->needs.node[i];
        if (!node_set_has(&before->needs, target->nodes.node[from->index])) return refuse(info, UPDATE_TOPOLOGY, after, from);
    }
    return before->needs.count == after->needs.count ? CUDA_SUCCESS : refuse(info, UPDATE_TOPOLOGY, after, NULL);
}

static CUresult compare(CUgraph target, CUgraph source, CUgraphExecUpdateResultInfo *info) {
    if (target->nodes.count != source->nodes.count) return refuse(info, UPDATE_TOPOLOGY, NULL, NULL);
    for (size_t i = 0; i < source->nodes.count; i++) {
        CUgraphNode before = target->nodes.node[i], after = source->nodes.node[i];
        CUgraphExecUpdateResult difference = update_difference(&before->work, &after->work);
        if (difference != UPDATE_SUCCESS) return refuse(info, difference, after, NULL);
        CUresult result = compare_edges(target, before, after, info);
        if (result == CUDA_SUCCESS && before->work.type == WORK_GRAPH) result = compare(before->work.child, after->work.child, info);
        if (result != CUDA_SUCCESS) return result;
    }
    return CUDA_SUCCESS;
}

static CUresult apply(CUgraph target, CUgraph source) {
    for (size_t i = 0; i < source->nodes.count; i++) {
        struct work work, *before = &target->nodes.node[i]->work;
        const struct work *after = &source->nodes.node[i]->work;
        CUresult result;
        if (before->type == WORK_GRAPH) { // the plan refers to its nodes: they stay
            result = apply(before->child, after->child);
        } else if ((result = work_keep(&work, after)) == CUDA_SUCCESS) {
            work_drop(before);
            *before = work;
        }
        if (result != CUDA_SUCCESS) return result;
    }
    return CUDA_SUCCESS;
}

CUresult update_graph(CUgraph target, CUgraph source, CUgraphExecUpdateResultInfo *info) {
    *info = (CUgraphExecUpdateResultInfo){UPDATE_SUCCESS, NULL, NULL};
    CUresult result = compare(target, source, info);
    return result != CUDA_SUCCESS ? result : apply(target, source);
}

CUresult cuGraphExecUpdate_v2(CUgraphExec hGraphExec, CUgraph hGraph, CUgraphExecUpdateResultInfo *resultInfo) {
    CUresult result = graph_ready();
    if (result != CUDA_SUCCESS) return result;
    if (!exec_is(hGraphExec) || !graph_is(hGraph) || !resultInfo) return CUDA_ERROR_INVALID_VALUE;
    pthread_mutex_lock(&hGraphExec->lock);
    result = update_graph(hGraphExec->graph, hGraph, resultInfo);
    pthread_mutex_unlock(&hGraphExec->lock);
    return result;
}

CUresult cuGraphExecUpdate(CUgraphExec hGraphExec, CUgraph hGraph, CUgraphNode *hErrorNode_out,
                           CUgraphExecUpdateResult *updateResult_out) {
    CUgraphExecUpdateResultInfo info = {UPDATE_ERROR, NULL, NULL};
    CUresult result = cuGraphExecUpdate_v2(hGraphExec, hGraph, &info);
    if (hErrorNode_out) *hErrorNode_out = info.errorNode;
    if (updateResult_out) *updateResult_out = info.result;
    return result;
}
