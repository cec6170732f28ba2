// params.c: reading and changing the parameters of a node. What an executable graph was made of before stays as it was.
#include <string.h>

#include "driver/api.h"
#include "graph/build.h"
#include "graph/graph.h"

static CUresult check(CUgraphNode node, enum work_type type, const void *params) {
    CUresult result = graph_ready();
    if (result != CUDA_SUCCESS) return result;
    return node_is(node) && node->work.type == type && params ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

// The attributes of a kernel are not among its parameters.
static CUresult replace(CUgraphNode node, struct work *work) {
    if (work->type == WORK_KERNEL) {
        work->kernel.shape.cooperative = node->work.kernel.shape.cooperative;
        work->kernel.priority = node->work.kernel.priority;
    }
    work_drop(&node->work);
    node->work = *work;
    return CUDA_SUCCESS;
}

CUresult cuGraphKernelNodeGetParams_v2(CUgraphNode hNode, CUDA_KERNEL_NODE_PARAMS *nodeParams) {
    CUresult result = check(hNode, WORK_KERNEL, nodeParams);
    if (result != CUDA_SUCCESS) return result;
    const struct launch_shape *shape = &hNode->work.kernel.shape;
    *nodeParams = (CUDA_KERNEL_NODE_PARAMS){
        .func = hNode->work.kernel.function, .gridDimX = shape->grid[0], .gridDimY = shape->grid[1], .gridDimZ = shape->grid[2],
        .blockDimX = shape->block[0], .blockDimY = shape->block[1], .blockDimZ = shape->block[2],
        .sharedMemBytes = shape->shared_bytes, .kernelParams = hNode->work.owned};
    return CUDA_SUCCESS;
}

CUresult cuGraphKernelNodeGetParams(CUgraphNode hNode, CUDA_KERNEL_NODE_PARAMS_v1 *nodeParams) {
    CUDA_KERNEL_NODE_PARAMS whole;
    CUresult result = nodeParams ? cuGraphKernelNodeGetParams_v2(hNode, &whole) : CUDA_ERROR_INVALID_VALUE;
    if (result == CUDA_SUCCESS) memcpy(nodeParams, &whole, sizeof *nodeParams);
    return result;
}

CUresult cuGraphKernelNodeSetParams_v2(CUgraphNode hNode, const CUDA_KERNEL_NODE_PARAMS *nodeParams) {
    struct work work;
    CUresult result = check(hNode, WORK_KERNEL, nodeParams);
    if (result == CUDA_SUCCESS) result = build_kernel(nodeParams, &work);
    return result != CUDA_SUCCESS ? result : replace(hNode, &work);
}

CUresult cuGraphKernelNodeSetParams(CUgraphNode hNode, const CUDA_KERNEL_NODE_PARAMS_v1 *nodeParams) {
    struct work work;
    CUresult result = check(hNode, WORK_KERNEL, nodeParams);
    if (result == CUDA_SUCCESS) result = build_kernel_v1(nodeParams, &work);
    return result != CUDA_SUCCESS ? result : replace(hNode, &work);
}

CUresult cuGraphMemcpyNodeGetParams(CUgraphNode hNode, CUDA_MEMCPY3D *nodeParams) {
    CUresult result = check(hNode, WORK_COPY, nodeParams);
    if (result == CUDA_SUCCESS) *nodeParams = copy_to_3d(&hNode->work.copy);
    return result;
}

CUresult cuGraphMemcpyNodeSetParams(CUgraphNode hNode, const CUDA_MEMCPY3D *nodeParams) {
    struct work work;
    CUresult result = check(hNode, WORK_COPY, nodeParams);
    if (result == CUDA_SUCCESS) result = build_copy(nodeParams, hNode->work.context, &work);
    return result != CUDA_SUCCESS ? result : replace(hNode, &work);
}

CUresult cuGraphMemsetNodeGetParams(CUgraphNode hNode, CUDA_MEMSET_NODE_PARAMS *nodeParams) {
    CUresult result = check(hNode, WORK_FILL, nodeParams);
    if (result != CUDA_SUCCESS) return result;
    const struct fill *fill = &hNode->work.fill;
    *nodeParams = (CUDA_MEMSET_NODE_PARAMS){fill->address, fill->pitch, fill->value, fill->element, fill->width, fill->height};
    return CUDA_SUCCESS;
}

CUresult cuGraphMemsetNodeSetParams(CUgraphNode hNode, const CUDA_MEMSET_NODE_PARAMS *nodeParams) {
    struct work work;
    CUresult result = check(hNode, WORK_FILL, nodeParams);
    if (result == CUDA_SUCCESS) result = build_fill(nodeParams, hNode->work.context, &work);
    return result != CUDA_SUCCESS ? result : replace(hNode, &work);
}

CUresult cuGraphHostNodeGetParams(CUgraphNode hNode, CUDA_HOST_NODE_PARAMS *nodeParams) {
    CUresult result = check(hNode, WORK_HOST, nodeParams);
    if (result == CUDA_SUCCESS) *nodeParams = hNode->work.host;
    return result;
}

CUresult cuGraphHostNodeSetParams(CUgraphNode hNode, const CUDA_HOST_NODE_PARAMS *nodeParams) {
    struct work work;
    CUresult result = check(hNode, WORK_HOST, nodeParams);
    if (result == CUDA_SUCCESS) result = build_host(nodeParams, &work);
    return result != CUDA_SUCCESS ? result : replace(hNode, &work);
}

CUresult cuGraphChildGraphNodeGetGraph(CUgraphNode hNode, CUgraph *phGraph) {
    CUresult result = check(hNode, WORK_GRAPH, phGraph);
    if (result == CUDA_SUCCESS) *phGraph = hNode->work.child;
    return result;
}

static CUresult set_event(CUgraphNode node, enum work_type type, CUevent event) {
    struct work work;
    CUresult result = check(node, type, node);
    if (result == CUDA_SUCCESS) result = build_event(type, event, &work);
    return result != CUDA_SUCCESS ? result : replace(node, &work);
}

CUresult cuGraphEventRecordNodeGetEvent(CUgraphNode hNode, CUevent *event_out) {
    CUresult result = check(hNode, WORK_RECORD, event_out);
    if (result == CUDA_SUCCESS) *event_out = hNode->work.event;
    return result;
}

CUresult cuGraphEventRecordNodeSetEvent(CUgraphNode hNode, CUevent event) {
    return set_event(hNode, WORK_RECORD, event);
}

CUresult cuGraphEventWaitNodeGetEvent(CUgraphNode hNode, CUevent *event_out) {
    CUresult result = check(hNode, WORK_WAIT, event_out);
    if (result == CUDA_SUCCESS) *event_out = hNode->work.event;
    return result;
}

CUresult cuGraphEventWaitNodeSetEvent(CUgraphNode hNode, CUevent event) {
    return set_event(hNode, WORK_WAIT, event);
}

CUresult cuGraphBatchMemOpNodeGetParams(CUgraphNode hNode, CUDA_BATCH_MEM_OP_NODE_PARAMS *nodeParams_out) {
    CUresult result = check(hNode, WORK_BATCH, nodeParams_out);
    if (result != CUDA_SUCCESS) return result;
    const struct work *work = &hNode->work;
    *nodeParams_out = (CUDA_BATCH_MEM_OP_NODE_PARAMS){work->context, work->batch.count, work->batch.items, 0};
    return CUDA_SUCCESS;
}

CUresult cuGraphBatchMemOpNodeSetParams(CUgraphNode hNode, const CUDA_BATCH_MEM_OP_NODE_PARAMS *nodeParams) {
    struct work work;
    CUresult result = check(hNode, WORK_BATCH, nodeParams);
    if (result == CUDA_SUCCESS) result = build_batch(nodeParams, &work);
    return result != CUDA_SUCCESS ? result : replace(hNode, &work);
}

CUresult cuGraphMemAllocNodeGetParams(CUgraphNode hNode, CUDA_MEM_ALLOC_NODE_PARAMS *params_out) {
    CUresult result = check(hNode, WORK_ALLOC, params_out);
    if (result == CUDA_SUCCESS) *params_out = hNode->work.alloc;
    return result;
}

CUresult cuGraphMemFreeNodeGetParams(CUgraphNode hNode, CUdeviceptr *dptr_out) {
    CUresult result = check(hNode, WORK_FREE, dptr_out);
    if (result == CUDA_SUCCESS) *dptr_out = hNode->work.free;
    return result;
}

// Memory nodes and child graphs keep what they were made with.
CUresult cuGraphNodeSetParams(CUgraphNode hNode, CUgraphNodeParams *nodeParams) {
    struct work work;
    CUresult result = graph_ready();
    if (result != CUDA_SUCCESS) return result;
    if (!nodeParams || !node_is(hNode) || (int)hNode->work.type != nodeParams->type) return CUDA_ERROR_INVALID_VALUE;
    if (nodeParams->type == WORK_ALLOC || nodeParams->type == WORK_FREE || nodeParams->type == WORK_GRAPH)
        return CUDA_ERROR_NOT_SUPPORTED;
    result = build_any(nodeParams, &work);
    return result != CUDA_SUCCESS ? result : replace(hNode, &work);
}

CUresult cuGraphKernelNodeGetAttribute(CUgraphNode hNode, CUkernelNodeAttrID attr, CUkernelNodeAttrValue *value_out) {
    CUresult result = check(hNode, WORK_KERNEL, value_out);
    return result != CUDA_SUCCESS ? result : kernel_attribute_get(&hNode->work.kernel, attr, value_out);
}

CUresult cuGraphKernelNodeSetAttribute(CUgraphNode hNode, CUkernelNodeAttrID attr, const CUkernelNodeAttrValue *value) {
    CUresult result = check(hNode, WORK_KERNEL, value);
    return result != CUDA_SUCCESS ? result : kernel_attribute_set(&hNode->work.kernel, attr, value);
}

CUresult cuGraphKernelNodeCopyAttributes(CUgraphNode dst, CUgraphNode src) {
    CUresult result = check(dst, WORK_KERNEL, dst);
    if (result == CUDA_SUCCESS) result = check(src, WORK_KERNEL, src);
    if (result != CUDA_SUCCESS) return result;
    dst->work.kernel.shape.cooperative = src->work.kernel.shape.cooperative;
    dst->work.kernel.priority = src->work.kernel.priority;
    return CUDA_SUCCESS;
}
