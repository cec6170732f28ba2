// graph.c: graphs, nodes and edges as data. See graph.h.
#include "graph/graph.h"

#include <stdlib.h>

#include "driver/api.h"
#include "graph/memory_node.h"
#include "graph/user_object.h"

static struct pool graphs = POOL(struct graph, 1 << 18);
static struct pool nodes = POOL(struct graph_node, 1 << 22);
static _Atomic uint64_t next_id = 1;

int graph_is(const void *handle) {
    return pool_has(&graphs, handle);
}

int node_is(const void *handle) {
    return pool_has(&nodes, handle);
}

CUresult graph_ready(void) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    return queue_inside() ? CUDA_ERROR_NOT_PERMITTED : CUDA_SUCCESS;
}

CUgraph graph_new(void) {
    CUgraph graph = pool_take(&graphs);
    if (graph) graph->id = atomic_fetch_add(&next_id, 1);
    return graph;
}

static void free_node(CUgraphNode node) {
    if (node->work.type == WORK_ALLOC) memory_node_forget(node->work.alloc.dptr);
    work_drop(&node->work);
    node_set_free(&node->needs);
    pool_put(&nodes, node);
}

void graph_destroy(CUgraph graph) {
    for (size_t i = 0; i < graph->nodes.count; i++) free_node(graph->nodes.node[i]);
    node_set_free(&graph->nodes);
    objects_release(&graph->objects);
    pool_put(&graphs, graph);
}

int graph_has_memory_nodes(const struct graph *graph) {
    for (size_t i = 0; i < graph->nodes.count; i++) {
        const struct work *work = &graph->nodes.node[i]->work;
        if (work->type == WORK_ALLOC || work->type == WORK_FREE) return 1;
        if (work->type == WORK_GRAPH && graph_has_memory_nodes(work->child)) return 1;
    }
    return 0;
}

CUresult graph_add(CUgraph graph, struct work *work, const CUgraphNode *needs, size_t count, CUgraphNode *added) {
    CUgraphNode node = pool_take(&nodes);
    if (!node) {
        work_drop(work);
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
    node->graph = graph;
    node->index = graph->nodes.count;
    node->id = atomic_fetch_add(&next_id, 1);
    node->work = *work;
    if (work->type == WORK_ALLOC) memory_node_hold(work->alloc.dptr);
    struct node_set wanted = {(CUgraphNode *)needs, count, count};
    if (node_set_copy(&node->needs, &wanted) != 0 || node_set_add(&graph->nodes, node) != 0) {
        free_node(node);
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
    if (work->type == WORK_GRAPH) node->work.child->parent = graph;
    *added = node;
    return CUDA_SUCCESS;
}

void graph_remove(CUgraphNode node) {
    CUgraph graph = node->graph;
    node_set_remove(&graph->nodes, node);
    for (size_t i = 0; i < graph->nodes.count; i++) {
        graph->nodes.node[i]->index = i;
        node_set_remove(&graph->nodes.node[i]->needs, node);
    }
    free_node(node);
}

// Depth first: 1 while below a node, 2 when it is placed.
struct sorting {
    CUgraphNode *sorted;
    size_t placed;
    char *state;
    struct { CUgraphNode node; size_t next; } *stack;
};

static CUresult place(struct sorting *sorting, CUgraphNode root) {
    size_t depth = 0;
    if (sorting->state[root->index]) return CUDA_SUCCESS;
    sorting->stack[depth++].node = root;
    sorting->stack[0].next = 0;
    sorting->state[root->index] = 1;
    while (depth) {
        CUgraphNode node = sorting->stack[depth - 1].node;
        if (sorting->stack[depth - 1].next == node->needs.count) {
            sorting->state[node->index] = 2;
            sorting->sorted[sorting->placed++] = node;
            depth--;
            continue;
        }
        CUgraphNode need = node->needs.node[sorting->stack[depth - 1].next++];
        if (sorting->state[need->index] == 1) return CUDA_ERROR_INVALID_VALUE;
        if (sorting->state[need->index] == 2) continue;
        sorting->state[need->index] = 1;
        sorting->stack[depth].next = 0;
        sorting->stack[depth++].node = need;
    }
    return CUDA_SUCCESS;
}

CUresult graph_sorted(CUgraph graph, CUgraphNode **sorted) {
    size_t count = graph->nodes.count;
    struct sorting sorting = {.sorted = calloc(count + 1, sizeof *sorting.sorted), .state = calloc(count + 1, 1),
                              .stack = calloc(count + 1, sizeof *sorting.stack)};
    CUresult result = sorting.sorted && sorting.state && sorting.stack ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
    for (size_t i = 0; result == CUDA_SUCCESS && i < count; i++) result = place(&sorting, graph->nodes.node[i]);
    free(sorting.state);
    free(sorting.stack);
    if (result == CUDA_SUCCESS) *sorted = sorting.sorted;
    else free(sorting.sorted);
    return result;
}

CUresult cuGraphCreate(CUgraph *phGraph, unsigned int flags) {
    CUresult result = graph_ready();
    if (result != CUDA_SUCCESS) return result;
    if (!phGraph || flags) return CUDA_ERROR_INVALID_VALUE;
    *phGraph = graph_new();
    return *phGraph ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

// A child graph belongs to its node.
CUresult cuGraphDestroy(CUgraph hGraph) {
    CUresult result = graph_ready();
    if (result != CUDA_SUCCESS) return result;
    if (!graph_is(hGraph) || hGraph->parent || hGraph->captured) return CUDA_ERROR_INVALID_VALUE;
    graph_destroy(hGraph);
    return CUDA_SUCCESS;
}

CUresult cuGraphDestroyNode(CUgraphNode hNode) {
    CUresult result = graph_ready();
    if (result != CUDA_SUCCESS) return result;
    if (!node_is(hNode)) return CUDA_ERROR_INVALID_VALUE;
    if (graph_has_memory_nodes(hNode->graph)) return CUDA_ERROR_NOT_SUPPORTED;
    graph_remove(hNode);
    return CUDA_SUCCESS;
}
