// memory_node.h: memory of alloc nodes. Its address holds from the adding of the node to the end of the last copy of it; the
// memory behind it is there from the alloc node's run to the free.
#ifndef SLUICE_SIM_MEMORY_NODE_H
#define SLUICE_SIM_MEMORY_NODE_H

#include "graph/graph.h"

CUresult memory_node_reserve(CUcontext context, CUDA_MEM_ALLOC_NODE_PARAMS *params);
void memory_node_hold(CUdeviceptr address);
void memory_node_forget(CUdeviceptr address);
int memory_node_is(CUdeviceptr address);
// 1 while memory of an earlier launch is not freed, unless that is to be done now.
CUresult memory_node_begin_launch(CUgraph graph, int auto_free);
struct operation *memory_node_take_operation(CUdeviceptr address);
struct operation *memory_node_give_operation(CUdeviceptr address);

#endif
