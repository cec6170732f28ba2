// exec_update.h: making an executable graph do what another graph of the same form does.
#ifndef SLUICE_SIM_EXEC_UPDATE_H
#define SLUICE_SIM_EXEC_UPDATE_H

#include "graph/graph.h"

// By number in CUgraphExecUpdateResult.
enum {
    UPDATE_SUCCESS, UPDATE_ERROR, UPDATE_TOPOLOGY, UPDATE_NODE_TYPE, UPDATE_FUNCTION, UPDATE_PARAMETERS, UPDATE_NOT_SUPPORTED,
    UPDATE_UNSUPPORTED_FUNCTION, UPDATE_ATTRIBUTES
};

// What of a node cannot be changed from one to the other.
CUgraphExecUpdateResult update_difference(const struct work *before, const struct work *after);
// Nodes are paired in the order of their addition. Nothing is changed where it cannot all be (910).
CUresult update_graph(CUgraph target, CUgraph source, CUgraphExecUpdateResultInfo *info);

#endif
