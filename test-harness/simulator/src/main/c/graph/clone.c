// clone.c: copies of graphs, and which node a copy came from.
#include "driver/api.h"
#include "graph/graph.h"
#include "graph/user_object.h"

static CUresult clone_nodes(CUgraph graph, CUgraph clone) {
    for (size_t i = 0; i < graph->nodes.count; i++) {
        CUgraphNode original = graph->nodes.node[i], node;
        struct work work;
        CUresult result = work_keep(&work, &original->work);
        if (result == CUDA_SUCCESS) result = graph_add(clone, &work, NULL, 0, &node);
        if (result != CUDA_SUCCESS) return result;
        node->origin = original;
        node->origin_generation = atomic_load(&original->pooled.generation);
        node->disabled = original->disabled;
    }
    // Edges may point forward, so all nodes come first.
    for (size_t i = 0; i < graph->nodes.count; i++) {
        const struct node_set *needs = &graph->nodes.node[i]->needs;
        for (size_t k = 0; k < needs->count; k++)
            if (node_set_add(&clone->nodes.node[i]->needs, clone->nodes.node[needs->node[k]->index]) != 0)
                return CUDA_ERROR_OUT_OF_MEMORY;
    }
    return CUDA_SUCCESS;
}

CUresult graph_clone(CUgraph graph, CUgraph *clone) {
    CUgraph copy = graph_new();
    if (!copy) return CUDA_ERROR_OUT_OF_MEMORY;
    copy->origin = graph;
    copy->origin_generation = atomic_load(&graph->pooled.generation);
    CUresult result = clone_nodes(graph, copy);
    if (result == CUDA_SUCCESS) result = objects_share(&copy->objects, graph->objects);
    if (result == CUDA_SUCCESS) *clone = copy;
    else graph_destroy(copy);
    return result;
}

CUgraphNode graph_find_clone(CUgraph clone, CUgraphNode original) {
    for (size_t i = 0; i < clone->nodes.count; i++) {
        CUgraphNode node = clone->nodes.node[i];
        if (node->origin == original && node->origin_generation == atomic_load(&original->pooled.generation)) return node;
        CUgraphNode below = node->work.type == WORK_GRAPH ? graph_find_clone(node->work.child, original) : NULL;
        if (below) return below;
    }
    return NULL;
}

CUresult cuGraphClone(CUgraph *phGraphClone, CUgraph originalGraph) {
    CUresult result = graph_ready();
    if (result != CUDA_SUCCESS) return result;
    if (!phGraphClone || !graph_is(originalGraph)) return CUDA_ERROR_INVALID_VALUE;
    if (graph_has_memory_nodes(originalGraph)) return CUDA_ERROR_NOT_SUPPORTED;
    return graph_clone(originalGraph, phGraphClone);
}

CUresult cuGraphNodeFindInClone(CUgraphNode *phNode, CUgraphNode hOriginalNode, CUgraph hClonedGraph) {
    CUresult result = graph_ready();
    if (result != CUDA_SUCCESS) return result;
    if (!phNode || !node_is(hOriginalNode) || !graph_is(hClonedGraph)) return CUDA_ERROR_INVALID_VALUE;
    CUgraphNode found = graph_find_clone(hClonedGraph, hOriginalNode);
    if (!found) return CUDA_ERROR_INVALID_VALUE;
    *phNode = found;
    return CUDA_SUCCESS;
}
