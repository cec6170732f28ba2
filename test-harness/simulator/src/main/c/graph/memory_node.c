// memory_node.c: see memory_node.h. Not there yet.
#include "graph/memory_node.h"

CUresult memory_node_reserve(CUcontext context, CUDA_MEM_ALLOC_NODE_PARAMS *params) {
    (void)context, (void)params;
    return CUDA_ERROR_NOT_SUPPORTED;
}

void memory_node_hold(CUdeviceptr address) {
    (void)address;
}

void memory_node_forget(CUdeviceptr address) {
    (void)address;
}

int memory_node_is(CUdeviceptr address) {
    (void)address;
    return 0;
}

CUresult memory_node_begin_launch(CUgraph graph, int auto_free) {
    (void)graph, (void)auto_free;
    return CUDA_SUCCESS;
}

struct operation *memory_node_take_operation(CUdeviceptr address) {
    (void)address;
    return NULL;
}

struct operation *memory_node_give_operation(CUdeviceptr address) {
    (void)address;
    return NULL;
}
