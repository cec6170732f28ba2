// graph.c: nodes whose parameters the runtime writes otherwise than the driver: kernels, copies, fills.
#include "cudart/api.h"

static cudaError_t kernel_shape(const cudaKernelNodeParams *params, CUDA_KERNEL_NODE_PARAMS *shape) {
    if (!params) return cudaErrorInvalidValue;
    *shape = (CUDA_KERNEL_NODE_PARAMS){.grid = params->gridDim, .block = params->blockDim,
                                       .sharedMemBytes = params->sharedMemBytes, .kernelParams = params->kernelParams,
                                       .extra = params->extra};
    return function_of(params->func, &shape->func);
}

EXPORT cudaError_t cudaGraphAddKernelNode(cudaGraphNode_t *node, cudaGraph_t graph, const cudaGraphNode_t *after,
                                          size_t count, const cudaKernelNodeParams *params) {
    CUDA_KERNEL_NODE_PARAMS shape;
    if (!ready()) return last_error();
    cudaError_t result = kernel_shape(params, &shape);
    return done(result != cudaSuccess ? result : driver.cuGraphAddKernelNode_v2(node, graph, after, count, &shape));
}

EXPORT cudaError_t cudaGraphKernelNodeSetParams(cudaGraphNode_t node, const cudaKernelNodeParams *params) {
    CUDA_KERNEL_NODE_PARAMS shape;
    if (!ready()) return last_error();
    cudaError_t result = kernel_shape(params, &shape);
    return done(result != cudaSuccess ? result : driver.cuGraphKernelNodeSetParams_v2(node, &shape));
}

EXPORT cudaError_t cudaGraphExecKernelNodeSetParams(cudaGraphExec_t exec, cudaGraphNode_t node,
                                                    const cudaKernelNodeParams *params) {
    CUDA_KERNEL_NODE_PARAMS shape;
    if (!ready()) return last_error();
    cudaError_t result = kernel_shape(params, &shape);
    return done(result != cudaSuccess ? result : driver.cuGraphExecKernelNodeSetParams_v2(exec, node, &shape));
}

EXPORT cudaError_t cudaGraphAddMemcpyNode(cudaGraphNode_t *node, cudaGraph_t graph, const cudaGraphNode_t *after,
                                          size_t count, const cudaMemcpy3DParms *params) {
    CUDA_MEMCPY3D shape;
    CUcontext context;
    if (!ready()) return last_error();
    cudaError_t result = copy_3d_shape(params, &shape);
    if (result == cudaSuccess) result = driver.cuCtxGetCurrent(&context);
    return done(result != cudaSuccess ? result : driver.cuGraphAddMemcpyNode(node, graph, after, count, &shape, context));
}

EXPORT cudaError_t cudaGraphMemcpyNodeSetParams(cudaGraphNode_t node, const cudaMemcpy3DParms *params) {
    CUDA_MEMCPY3D shape;
    if (!ready()) return last_error();
    cudaError_t result = copy_3d_shape(params, &shape);
    return done(result != cudaSuccess ? result : driver.cuGraphMemcpyNodeSetParams(node, &shape));
}

EXPORT cudaError_t cudaGraphExecMemcpyNodeSetParams(cudaGraphExec_t exec, cudaGraphNode_t node,
                                                    const cudaMemcpy3DParms *params) {
    CUDA_MEMCPY3D shape;
    CUcontext context;
    if (!ready()) return last_error();
    cudaError_t result = copy_3d_shape(params, &shape);
    if (result == cudaSuccess) result = driver.cuCtxGetCurrent(&context);
    return done(result != cudaSuccess ? result : driver.cuGraphExecMemcpyNodeSetParams(exec, node, &shape, context));
}

// Bytes in a row are one row.
static cudaMemcpy3DParms row(void *dst, const void *src, size_t bytes, int kind) {
    return (cudaMemcpy3DParms){.srcPtr = {(void *)src, bytes, bytes, 1}, .dstPtr = {dst, bytes, bytes, 1},
                               .extent = {bytes, 1, 1}, .kind = kind};
}

EXPORT cudaError_t cudaGraphAddMemcpyNode1D(cudaGraphNode_t *node, cudaGraph_t graph, const cudaGraphNode_t *after,
                                            size_t count, void *dst, const void *src, size_t bytes, int kind) {
    cudaMemcpy3DParms params = row(dst, src, bytes, kind);
    return cudaGraphAddMemcpyNode(node, graph, after, count, &params);
}

EXPORT cudaError_t cudaGraphMemcpyNodeSetParams1D(cudaGraphNode_t node, void *dst, const void *src, size_t bytes, int kind) {
    cudaMemcpy3DParms params = row(dst, src, bytes, kind);
    return cudaGraphMemcpyNodeSetParams(node, &params);
}

EXPORT cudaError_t cudaGraphExecMemcpyNodeSetParams1D(cudaGraphExec_t exec, cudaGraphNode_t node, void *dst,
                                                      const void *src, size_t bytes, int kind) {
    cudaMemcpy3DParms params = row(dst, src, bytes, kind);
    return cudaGraphExecMemcpyNodeSetParams(exec, node, &params);
}

EXPORT cudaError_t cudaGraphAddMemsetNode(cudaGraphNode_t *node, cudaGraph_t graph, const cudaGraphNode_t *after,
                                          size_t count, const cudaMemsetParams *params) {
    CUcontext context;
    if (!ready()) return last_error();
    cudaError_t result = driver.cuCtxGetCurrent(&context);
    return done(result != cudaSuccess ? result : driver.cuGraphAddMemsetNode(node, graph, after, count, params, context));
}

EXPORT cudaError_t cudaGraphExecMemsetNodeSetParams(cudaGraphExec_t exec, cudaGraphNode_t node,
                                                    const cudaMemsetParams *params) {
    CUcontext context;
    if (!ready()) return last_error();
    cudaError_t result = driver.cuCtxGetCurrent(&context);
    return done(result != cudaSuccess ? result : driver.cuGraphExecMemsetNodeSetParams(exec, node, params, context));
}

EXPORT cudaError_t cudaGraphInstantiate(cudaGraphExec_t *exec, cudaGraph_t graph, unsigned long long flags) {
    return cudaGraphInstantiateWithFlags(exec, graph, flags);
}
