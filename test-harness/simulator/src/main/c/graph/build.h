// build.h: work from the parameters of a node, as the application gives them for a new node, a changed one, or one of an executable
// graph. Each checks all of it, and makes work of its own, which the caller drops or hands on.
#ifndef SLUICE_SIM_BUILD_H
#define SLUICE_SIM_BUILD_H

#include "graph/work.h"

CUresult build_kernel(const CUDA_KERNEL_NODE_PARAMS *params, struct work *work);
CUresult build_kernel_v1(const CUDA_KERNEL_NODE_PARAMS_v1 *params, struct work *work);
// Without a context the calling thread's is meant.
CUresult build_copy(const CUDA_MEMCPY3D *params, CUcontext context, struct work *work);
CUresult build_fill(const CUDA_MEMSET_NODE_PARAMS *params, CUcontext context, struct work *work);
CUresult build_host(const CUDA_HOST_NODE_PARAMS *params, struct work *work);
CUresult build_child(CUgraph child, struct work *work);
CUresult build_event(enum work_type type, CUevent event, struct work *work);
CUresult build_batch(const CUDA_BATCH_MEM_OP_NODE_PARAMS *params, struct work *work);
// Reserves the address and writes it into the parameters.
CUresult build_alloc(CUDA_MEM_ALLOC_NODE_PARAMS *params, struct work *work);
CUresult build_free(CUdeviceptr address, struct work *work);
// Any of them, as the type in the parameters says.
CUresult build_any(CUgraphNodeParams *params, struct work *work);

#endif
