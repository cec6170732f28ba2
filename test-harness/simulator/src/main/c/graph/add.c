// add.c: adding nodes to a graph.
#include "driver/api.h"
#include "graph/build.h"
#include "graph/graph.h"

// What holds for every node, before its parameters are looked at.
static CUresult check(CUgraphNode *added, CUgraph graph, const CUgraphNode *needs, size_t count) {
    CUresult result = graph_ready();
    if (result != CUDA_SUCCESS) return result;
    if (!added || !graph_is(graph) || (count && !needs)) return CUDA_ERROR_INVALID_VALUE;
    for (size_t i = 0; i < count; i++) {
        if (!node_is(needs[i]) || needs[i]->graph != graph) return CUDA_ERROR_INVALID_VALUE;
        for (size_t k = 0; k < i; k++)
            if (needs[k] == needs[i]) return CUDA_ERROR_INVALID_VALUE;
    }
    return CUDA_SUCCESS;
}

CUresult cuGraphAddKernelNode_v2(CUgraphNode *phGraphNode, CUgraph hGraph, const CUgraphNode *dependencies,
                                 size_t numDependencies, const CUDA_KERNEL_NODE_PARAMS *nodeParams) {
    struct work work;
    CUresult result = check(phGraphNode, hGraph, dependencies, numDependencies);
    if (result == CUDA_SUCCESS) result = build_kernel(nodeParams, &work);
    return result != CUDA_SUCCESS ? result : graph_add(hGraph, &work, dependencies, numDependencies, phGraphNode);
}

CUresult cuGraphAddKernelNode(CUgraphNode *phGraphNode, CUgraph hGraph, const CUgraphNode *dependencies, size_t numDependencies,
                              const CUDA_KERNEL_NODE_PARAMS_v1 *nodeParams) {
    struct work work;
    CUresult result = check(phGraphNode, hGraph, dependencies, numDependencies);
    if (result == CUDA_SUCCESS) result = build_kernel_v1(nodeParams, &work);
    return result != CUDA_SUCCESS ? result : graph_add(hGraph, &work, dependencies, numDependencies, phGraphNode);
}

CUresult cuGraphAddMemcpyNode(CUgraphNode *phGraphNode, CUgraph hGraph, const CUgraphNode *dependencies, size_t numDependencies,
                              const CUDA_MEMCPY3D *copyParams, CUcontext ctx) {
    struct work work;
    CUresult result = check(phGraphNode, hGraph, dependencies, numDependencies);
    if (result == CUDA_SUCCESS) result = build_copy(copyParams, ctx, &work);
    return result != CUDA_SUCCESS ? result : graph_add(hGraph, &work, dependencies, numDependencies, phGraphNode);
}

CUresult cuGraphAddMemsetNode(CUgraphNode *phGraphNode, CUgraph hGraph, const CUgraphNode *dependencies, size_t numDependencies,
                              const CUDA_MEMSET_NODE_PARAMS *memsetParams, CUcontext ctx) {
    struct work work;
    CUresult result = check(phGraphNode, hGraph, dependencies, numDependencies);
    if (result == CUDA_SUCCESS) result = build_fill(memsetParams, ctx, &work);
    return result != CUDA_SUCCESS ? result : graph_add(hGraph, &work, dependencies, numDependencies, phGraphNode);
}

CUresult cuGraphAddHostNode(CUgraphNode *phGraphNode, CUgraph hGraph, const CUgraphNode *dependencies, size_t numDependencies,
                            const CUDA_HOST_NODE_PARAMS *nodeParams) {
    struct work work;
    CUresult result = check(phGraphNode, hGraph, dependencies, numDependencies);
    if (result == CUDA_SUCCESS) result = build_host(nodeParams, &work);
    return result != CUDA_SUCCESS ? result : graph_add(hGraph, &work, dependencies, numDependencies, phGraphNode);
}

CUresult cuGraphAddChildGraphNode(CUgraphNode *phGraphNode, CUgraph hGraph, const CUgraphNode *dependencies,
                                  size_t numDependencies, CUgraph childGraph) {
    struct work work;
    CUresult result = check(phGraphNode, hGraph, dependencies, numDependencies);
    if (result == CUDA_SUCCESS) result = build_child(childGraph, &work);
    return result != CUDA_SUCCESS ? result : graph_add(hGraph, &work, dependencies, numDependencies, phGraphNode);
}

CUresult cuGraphAddEmptyNode(CUgraphNode *phGraphNode, CUgraph hGraph, const CUgraphNode *dependencies, size_t numDependencies) {
    struct work work = {.type = WORK_EMPTY};
    CUresult result = check(phGraphNode, hGraph, dependencies, numDependencies);
    return result != CUDA_SUCCESS ? result : graph_add(hGraph, &work, dependencies, numDependencies, phGraphNode);
}

static CUresult add_event(enum work_type type, CUgraphNode *added, CUgraph graph, const CUgraphNode *needs, size_t count,
                          CUevent event) {
    struct work work;
    CUresult result = check(added, graph, needs, count);
    if (result == CUDA_SUCCESS) result = build_event(type, event, &work);
    return result != CUDA_SUCCESS ? result : graph_add(graph, &work, needs, count, added);
}

CUresult cuGraphAddEventRecordNode(CUgraphNode *phGraphNode, CUgraph hGraph, const CUgraphNode *dependencies,
                                   size_t numDependencies, CUevent event) {
    return add_event(WORK_RECORD, phGraphNode, hGraph, dependencies, numDependencies, event);
}

CUresult cuGraphAddEventWaitNode(CUgraphNode *phGraphNode, CUgraph hGraph, const CUgraphNode *dependencies,
                                 size_t numDependencies, CUevent event) {
    return add_event(WORK_WAIT, phGraphNode, hGraph, dependencies, numDependencies, event);
}

CUresult cuGraphAddBatchMemOpNode(CUgraphNode *phGraphNode, CUgraph hGraph, const CUgraphNode *dependencies,
                                  size_t numDependencies, const CUDA_BATCH_MEM_OP_NODE_PARAMS *nodeParams) {
    struct work work;
    CUresult result = check(phGraphNode, hGraph, dependencies, numDependencies);
    if (result == CUDA_SUCCESS) result = build_batch(nodeParams, &work);
    return result != CUDA_SUCCESS ? result : graph_add(hGraph, &work, dependencies, numDependencies, phGraphNode);
}

CUresult cuGraphAddMemAllocNode(CUgraphNode *phGraphNode, CUgraph hGraph, const CUgraphNode *dependencies,
                                size_t numDependencies, CUDA_MEM_ALLOC_NODE_PARAMS *nodeParams) {
    struct work work;
    CUresult result = check(phGraphNode, hGraph, dependencies, numDependencies);
    if (result == CUDA_SUCCESS) result = nodeParams ? build_alloc(nodeParams, &work) : CUDA_ERROR_INVALID_VALUE;
    return result != CUDA_SUCCESS ? result : graph_add(hGraph, &work, dependencies, numDependencies, phGraphNode);
}

CUresult cuGraphAddMemFreeNode(CUgraphNode *phGraphNode, CUgraph hGraph, const CUgraphNode *dependencies, size_t numDependencies,
                               CUdeviceptr dptr) {
    struct work work;
    CUresult result = check(phGraphNode, hGraph, dependencies, numDependencies);
    if (result == CUDA_SUCCESS) result = build_free(dptr, &work);
    return result != CUDA_SUCCESS ? result : graph_add(hGraph, &work, dependencies, numDependencies, phGraphNode);
}

CUresult cuGraphAddNode(CUgraphNode *phGraphNode, CUgraph hGraph, const CUgraphNode *dependencies, size_t numDependencies,
                        CUgraphNodeParams *nodeParams) {
    struct work work;
    CUresult result = check(phGraphNode, hGraph, dependencies, numDependencies);
    if (result == CUDA_SUCCESS) result = build_any(nodeParams, &work);
    return result != CUDA_SUCCESS ? result : graph_add(hGraph, &work, dependencies, numDependencies, phGraphNode);
}
