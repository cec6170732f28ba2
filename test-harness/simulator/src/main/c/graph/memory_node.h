// memory_node.h: memory that graphs allocate. Its address holds from the adding of the node to the end of the last copy of it.
// What is behind it is taken when a graph is launched that allocates it, and given back when a free node, or the application's
// free in a stream, has run for each such launch.
#ifndef SLUICE_SIM_MEMORY_NODE_H
#define SLUICE_SIM_MEMORY_NODE_H

#include "graph/graph.h"

// Checks the parameters and writes the address into them.
CUresult memory_node_reserve(CUcontext context, CUDA_MEM_ALLOC_NODE_PARAMS *params);
// Each copy of the node refers to the memory.
void memory_node_hold(CUdeviceptr address);
void memory_node_forget(CUdeviceptr address);
int memory_node_is(CUdeviceptr address);
// Whether [address, address + bytes) lies in memory of a graph, be it there at present or not.
int memory_node_holds(uint64_t address, uint64_t bytes);
// Takes the memory of all allocations of the graph, or of none: 1 where that of an earlier launch is not freed (unless the
// graph frees that by itself), 2 where the GPU is full.
CUresult memory_node_launch(CUgraph graph, int auto_free);
struct operation *memory_node_give_operation(CUdeviceptr address);
// For a free by the application: 1 if the graph's last launch left the memory allocated. It is not, from then on.
int memory_node_claim(CUdeviceptr address);
// That free, once nothing queued uses the memory any more; in stream order the operation does it.
void memory_node_give(CUdeviceptr address);
// For a stream that is captured: 1, and an allocation node was added or *result says why not.
int memory_node_captures(struct stream *stream, uint64_t bytes, CUdeviceptr *address, CUresult *result);

#endif
