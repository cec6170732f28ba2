// edges.c: what a graph consists of. Each answer comes in the form of the driver: without an array the count; with one as many as
// it holds, the rest of it NULL, and the count of those written.
#include "driver/api.h"
#include "graph/graph.h"

// Collects an answer.
struct answer {
    CUgraphNode *first, *second;
    size_t room, found;
};

static void answer(struct answer *answer, CUgraphNode first, CUgraphNode second) {
    if (answer->first && answer->found < answer->room) {
        answer->first[answer->found] = first;
        if (answer->second) answer->second[answer->found] = second;
    }
    answer->found++;
}

static CUresult finish(struct answer *answer, size_t *count) {
    if (answer->first) {
        for (size_t i = answer->found; i < answer->room; i++) {
            answer->first[i] = NULL;
            if (answer->second) answer->second[i] = NULL;
        }
        *count = answer->found < answer->room ? answer->found : answer->room;
    } else {
        *count = answer->found;
    }
    return CUDA_SUCCESS;
}

static CUresult check(int valid, const size_t *count) {
    CUresult result = graph_ready();
    if (result != CUDA_SUCCESS) return result;
    return valid && count ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuGraphGetNodes(CUgraph hGraph, CUgraphNode *nodes, size_t *numNodes) {
    CUresult result = check(graph_is(hGraph), numNodes);
    if (result != CUDA_SUCCESS) return result;
    struct answer nodes_of = {nodes, NULL, *numNodes, 0};
    for (size_t i = 0; i < hGraph->nodes.count; i++) answer(&nodes_of, hGraph->nodes.node[i], NULL);
    return finish(&nodes_of, numNodes);
}

CUresult cuGraphGetRootNodes(CUgraph hGraph, CUgraphNode *rootNodes, size_t *numRootNodes) {
    CUresult result = check(graph_is(hGraph), numRootNodes);
    if (result != CUDA_SUCCESS) return result;
    struct answer roots = {rootNodes, NULL, *numRootNodes, 0};
    for (size_t i = 0; i < hGraph->nodes.count; i++)
        if (hGraph->nodes.node[i]->needs.count == 0) answer(&roots, hGraph->nodes.node[i], NULL);
    return finish(&roots, numRootNodes);
}

CUresult cuGraphGetEdges(CUgraph hGraph, CUgraphNode *from, CUgraphNode *to, size_t *numEdges) {
    CUresult result = check(graph_is(hGraph), numEdges);
    if (result != CUDA_SUCCESS) return result;
    if (!from != !to) return CUDA_ERROR_INVALID_VALUE;
    struct answer edges = {from, to, *numEdges, 0};
    for (size_t i = 0; i < hGraph->nodes.count; i++) {
        CUgraphNode node = hGraph->nodes.node[i];
        for (size_t k = 0; k < node->needs.count; k++) answer(&edges, node->needs.node[k], node);
    }
    return finish(&edges, numEdges);
}

CUresult cuGraphNodeGetDependencies(CUgraphNode hNode, CUgraphNode *dependencies, size_t *numDependencies) {
    CUresult result = check(node_is(hNode), numDependencies);
    if (result != CUDA_SUCCESS) return result;
    struct answer needs = {dependencies, NULL, *numDependencies, 0};
    for (size_t i = 0; i < hNode->needs.count; i++) answer(&needs, hNode->needs.node[i], NULL);
    return finish(&needs, numDependencies);
}

CUresult cuGraphNodeGetDependentNodes(CUgraphNode hNode, CUgraphNode *dependentNodes, size_t *numDependentNodes) {
    CUresult result = check(node_is(hNode), numDependentNodes);
    if (result != CUDA_SUCCESS) return result;
    struct answer dependents = {dependentNodes, NULL, *numDependentNodes, 0};
    for (size_t i = 0; i < hNode->graph->nodes.count; i++)
        if (node_set_has(&hNode->graph->nodes.node[i]->needs, hNode)) answer(&dependents, hNode->graph->nodes.node[i], NULL);
    return finish(&dependents, numDependentNodes);
}

CUresult cuGraphNodeGetType(CUgraphNode hNode, CUgraphNodeType *type) {
    CUresult result = graph_ready();
    if (result != CUDA_SUCCESS) return result;
    if (!node_is(hNode) || !type) return CUDA_ERROR_INVALID_VALUE;
    *type = (CUgraphNodeType)hNode->work.type;
    return CUDA_SUCCESS;
}

static int is_pair(CUgraph graph, CUgraphNode from, CUgraphNode to) {
    return node_is(from) && node_is(to) && from->graph == graph && to->graph == graph && from != to;
}

// All are checked before any is changed; a pair that stands twice in the lists is found on the way.
static CUresult check_pairs(CUgraph graph, const CUgraphNode *from, const CUgraphNode *to, size_t count, int present) {
    CUresult result = graph_ready();
    if (result != CUDA_SUCCESS) return result;
    if (!graph_is(graph) || (count && (!from || !to))) return CUDA_ERROR_INVALID_VALUE;
    for (size_t i = 0; i < count; i++) {
        if (!is_pair(graph, from[i], to[i]) || node_set_has(&to[i]->needs, from[i]) != present) return CUDA_ERROR_INVALID_VALUE;
        for (size_t k = 0; k < i; k++)
            if (from[k] == from[i] && to[k] == to[i]) return CUDA_ERROR_INVALID_VALUE;
    }
    return CUDA_SUCCESS;
}

CUresult cuGraphAddDependencies(CUgraph hGraph, const CUgraphNode *from, const CUgraphNode *to, size_t numDependencies) {
    CUresult result = check_pairs(hGraph, from, to, numDependencies, 0);
    for (size_t i = 0; result == CUDA_SUCCESS && i < numDependencies; i++)
        if (node_set_add(&to[i]->needs, from[i]) != 0) return CUDA_ERROR_OUT_OF_MEMORY;
    return result;
}

CUresult cuGraphRemoveDependencies(CUgraph hGraph, const CUgraphNode *from, const CUgraphNode *to, size_t numDependencies) {
    CUresult result = check_pairs(hGraph, from, to, numDependencies, 1);
    if (result == CUDA_SUCCESS && numDependencies && graph_has_memory_nodes(hGraph)) return CUDA_ERROR_NOT_SUPPORTED;
    for (size_t i = 0; result == CUDA_SUCCESS && i < numDependencies; i++) node_set_remove(&to[i]->needs, from[i]);
    return result;
}
