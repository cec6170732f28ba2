// exec.h: executable graphs. One is a copy of the graph, and a plan: all nodes, those of child graphs too, in an order in which
// each comes after what it needs, spread over streams of its own. A launch puts two operations on the launching stream, one
// that lets the first step begin and one that waits for the last; another launch of the same graph begins after that one.
#ifndef SLUICE_SIM_EXEC_H
#define SLUICE_SIM_EXEC_H

#include "graph/graph.h"

// Step 0 begins the graph and the last one ends it; both are empty, as are the ends of child graphs.
struct step {
    CUgraphNode node; // of the copy; NULL for an end
    uint32_t *needs;
    uint32_t need_count;
    uint32_t branch;
};

// A stream that nodes run on, in one context. Nodes that depend on each other share one where they can.
struct branch {
    CUcontext context;
    struct stream *stream; // opened by the first launch
    uint32_t generation;   // which life of the stream's address
};

struct plan {
    struct step *steps;
    uint32_t count, capacity;
    struct branch *branches;
    uint32_t branch_count;
};

struct graph_exec {
    struct pooled pooled;
    pthread_mutex_t lock; // launches and changes come one after another
    CUgraph graph;
    CUcontext context; // for nodes that name none
    uint64_t flags;
    struct plan plan;
    struct moment *last; // when the latest launch is over; NULL before the first
};

enum { EXEC_AUTO_FREE = 1, EXEC_UPLOAD = 2, EXEC_DEVICE_LAUNCH = 4, EXEC_NODE_PRIORITY = 8, EXEC_FLAGS_KNOWN = 15 };

int exec_is(const void *handle);
CUresult plan_make(CUgraph graph, CUcontext context, struct plan *plan);
void plan_free(struct plan *plan);
CUresult exec_launch(CUgraphExec exec, struct stream *stream);

#endif
