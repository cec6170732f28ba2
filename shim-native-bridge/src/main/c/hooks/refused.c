// refused.c: memory taken in ways that cannot be charged yet. Under a quota they are refused with a clear line, never
// silently let by.
#include "answer.h"
#include "cuda_result.h"
#include "current_gpu.h"
#include "denial.h"
#include "driver.h"
#include "tenant.h"

// CUgraphNodeType, the first member of CUgraphNodeParams.
enum { GRAPH_NODE_TYPE_MEM_ALLOC = 10 };

static int refuses(unsigned function) {
    enum sluice_governance governance = sluice_tenant_governance();
    if (governance == SLUICE_FORWARDING) {
        return 0;
    }
    uint64_t context;
    int row = governance == SLUICE_GOVERNED ? sluice_current_row(&context) : SLUICE_ROW_NONE;
    if (row >= 0) {
        sluice_tenant_count((unsigned)row, SLUICE_EVENT_REFUSED_CALL);
    }
    sluice_denial_refused(sluice_functions[function].name);
    return 1;
}

void *sluice_refused(unsigned long function) {
    return refuses((unsigned)function) ? (void *)sluice_answer_not_supported : sluice_real_function((unsigned)function);
}

CUresult sluice_hook_cuGraphAddNode(void *phGraphNode, void *hGraph, const void *dependencies, size_t numDependencies, void *nodeParams) {
    if (nodeParams && *(int *)nodeParams == GRAPH_NODE_TYPE_MEM_ALLOC && refuses(SLUICE_FN_cuGraphAddNode)) {
        return CUDA_ERROR_NOT_SUPPORTED;
    }
    return sluice_real_cuGraphAddNode(phGraphNode, hGraph, dependencies, numDependencies, nodeParams);
}

CUresult sluice_hook_cuGraphAddNode_v2(void *phGraphNode, void *hGraph, const void *dependencies, const void *dependencyData, size_t numDependencies, void *nodeParams) {
    if (nodeParams && *(int *)nodeParams == GRAPH_NODE_TYPE_MEM_ALLOC && refuses(SLUICE_FN_cuGraphAddNode_v2)) {
        return CUDA_ERROR_NOT_SUPPORTED;
    }
    return sluice_real_cuGraphAddNode_v2(phGraphNode, hGraph, dependencies, dependencyData, numDependencies, nodeParams);
}
