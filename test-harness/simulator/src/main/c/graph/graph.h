// graph.h: graphs and their nodes. As with the driver, no two threads may change one graph at once.
#ifndef SLUICE_SIM_GRAPH_H
#define SLUICE_SIM_GRAPH_H

#include "graph/work.h"

// Nodes without an order of meaning, none twice.
struct node_set {
    CUgraphNode *node;
    size_t count, capacity;
};

struct graph_node {
    struct pooled pooled;
    CUgraph graph;
    size_t index; // its place in the graph, which is the order of addition
    uint64_t id;
    struct work work;
    struct node_set needs; // runs after these
    int disabled;          // in an executable graph
    // What it was cloned from, and which life of that address.
    CUgraphNode origin;
    uint32_t origin_generation;
};

struct graph {
    struct pooled pooled;
    uint64_t id;
    struct node_set nodes;
    CUgraph parent; // of a child graph: that which holds its node
    CUgraph origin;
    uint32_t origin_generation;
    int captured; // a capture is adding to it
    struct object_reference *objects; // see user_object.h
    struct graph_exec *_Atomic instance; // with memory nodes: the only one there may be
};

int graph_is(const void *handle);
int node_is(const void *handle);

CUgraph graph_new(void);
void graph_destroy(CUgraph graph);
// Nodes that allocate keep their address, so only what instantiates a graph may copy those.
CUresult graph_clone(CUgraph graph, CUgraph *clone);
// The node of `clone`, or of a child graph in it, that was copied from this one; NULL if none.
CUgraphNode graph_find_clone(CUgraph clone, CUgraphNode original);
int graph_has_memory_nodes(const struct graph *graph);

// Takes over `work`, also when it fails.
CUresult graph_add(CUgraph graph, struct work *work, const CUgraphNode *needs, size_t count, CUgraphNode *added);
void graph_remove(CUgraphNode node);

int node_set_has(const struct node_set *set, CUgraphNode node);
int node_set_add(struct node_set *set, CUgraphNode node); // 0, or -1 without memory
void node_set_remove(struct node_set *set, CUgraphNode node);
int node_set_copy(struct node_set *to, const struct node_set *from);
void node_set_free(struct node_set *set);

// Nodes with each one after all that it needs, in an array that the caller frees; 1 if there is a cycle.
CUresult graph_sorted(CUgraph graph, CUgraphNode **sorted);

// Before any call on graphs: 3, or 800 in a host function.
CUresult graph_ready(void);

#endif
