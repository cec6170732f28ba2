// per_thread.c: the names that programs call which are compiled for a default stream of each thread: the same functions, where
// no stream means the thread's own. _ptsz names take a stream; _ptds names take none and wait for theirs.
#include "cudart/api.h"

static cudaStream_t own(cudaStream_t stream) {
    return stream ? stream : STREAM_PER_THREAD;
}

static cudaError_t finished(cudaError_t result) {
    return result != cudaSuccess ? result : cudaStreamSynchronize(STREAM_PER_THREAD);
}

EXPORT cudaError_t cudaMemcpy_ptds(void *dst, const void *src, size_t count, int kind) {
    return finished(cudaMemcpyAsync(dst, src, count, kind, STREAM_PER_THREAD));
}

EXPORT cudaError_t cudaMemcpyToSymbol_ptds(const void *symbol, const void *src, size_t count, size_t offset, int kind) {
    return finished(cudaMemcpyToSymbolAsync(symbol, src, count, offset, kind, STREAM_PER_THREAD));
}

EXPORT cudaError_t cudaMemcpyFromSymbol_ptds(void *dst, const void *symbol, size_t count, size_t offset, int kind) {
    return finished(cudaMemcpyFromSymbolAsync(dst, symbol, count, offset, kind, STREAM_PER_THREAD));
}

EXPORT cudaError_t cudaMemcpy2D_ptds(void *dst, size_t dpitch, const void *src, size_t spitch, size_t width,
                                     size_t height, int kind) {
    return finished(cudaMemcpy2DAsync(dst, dpitch, src, spitch, width, height, kind, STREAM_PER_THREAD));
}

EXPORT cudaError_t cudaMemcpy2DToArray_ptds(cudaArray_t dst, size_t x, size_t y, const void *src, size_t spitch,
                                            size_t width, size_t height, int kind) {
    return finished(cudaMemcpy2DToArrayAsync(dst, x, y, src, spitch, width, height, kind, STREAM_PER_THREAD));
}

EXPORT cudaError_t cudaMemcpy2DFromArray_ptds(void *dst, size_t dpitch, cudaArray_t src, size_t x, size_t y,
                                              size_t width, size_t height, int kind) {
    return finished(cudaMemcpy2DFromArrayAsync(dst, dpitch, src, x, y, width, height, kind, STREAM_PER_THREAD));
}

EXPORT cudaError_t cudaMemcpy3D_ptds(const cudaMemcpy3DParms *p) {
    return finished(cudaMemcpy3DAsync(p, STREAM_PER_THREAD));
}

EXPORT cudaError_t cudaMemcpy3DPeer_ptds(const cudaMemcpy3DPeerParms *p) {
    return finished(cudaMemcpy3DPeerAsync(p, STREAM_PER_THREAD));
}

EXPORT cudaError_t cudaMemset_ptds(void *devPtr, int value, size_t count) {
    return finished(cudaMemsetAsync(devPtr, value, count, STREAM_PER_THREAD));
}

EXPORT cudaError_t cudaMemset2D_ptds(void *devPtr, size_t pitch, int value, size_t width, size_t height) {
    return finished(cudaMemset2DAsync(devPtr, pitch, value, width, height, STREAM_PER_THREAD));
}

EXPORT cudaError_t cudaMemset3D_ptds(cudaPitchedPtr pitched, int value, cudaExtent extent) {
    return finished(cudaMemset3DAsync(pitched, value, extent, STREAM_PER_THREAD));
}

EXPORT cudaError_t cudaMemcpyAsync_ptsz(void *dst, const void *src, size_t count, int kind, cudaStream_t stream) {
    return cudaMemcpyAsync(dst, src, count, kind, own(stream));
}

EXPORT cudaError_t cudaMemcpyToSymbolAsync_ptsz(const void *symbol, const void *src, size_t count, size_t offset,
                                                int kind, cudaStream_t stream) {
    return cudaMemcpyToSymbolAsync(symbol, src, count, offset, kind, own(stream));
}

EXPORT cudaError_t cudaMemcpyFromSymbolAsync_ptsz(void *dst, const void *symbol, size_t count, size_t offset, int kind,
                                                  cudaStream_t stream) {
    return cudaMemcpyFromSymbolAsync(dst, symbol, count, offset, kind, own(stream));
}

EXPORT cudaError_t cudaMemcpy2DAsync_ptsz(void *dst, size_t dpitch, const void *src, size_t spitch, size_t width,
                                          size_t height, int kind, cudaStream_t stream) {
    return cudaMemcpy2DAsync(dst, dpitch, src, spitch, width, height, kind, own(stream));
}

EXPORT cudaError_t cudaMemcpy2DToArrayAsync_ptsz(cudaArray_t dst, size_t x, size_t y, const void *src, size_t spitch,
                                                 size_t width, size_t height, int kind, cudaStream_t stream) {
    return cudaMemcpy2DToArrayAsync(dst, x, y, src, spitch, width, height, kind, own(stream));
}

EXPORT cudaError_t cudaMemcpy2DFromArrayAsync_ptsz(void *dst, size_t dpitch, cudaArray_t src, size_t x, size_t y,
                                                   size_t width, size_t height, int kind, cudaStream_t stream) {
    return cudaMemcpy2DFromArrayAsync(dst, dpitch, src, x, y, width, height, kind, own(stream));
}

EXPORT cudaError_t cudaMemcpy3DAsync_ptsz(const cudaMemcpy3DParms *p, cudaStream_t stream) {
    return cudaMemcpy3DAsync(p, own(stream));
}

EXPORT cudaError_t cudaMemcpy3DPeerAsync_ptsz(const cudaMemcpy3DPeerParms *p, cudaStream_t stream) {
    return cudaMemcpy3DPeerAsync(p, own(stream));
}

EXPORT cudaError_t cudaMemsetAsync_ptsz(void *devPtr, int value, size_t count, cudaStream_t stream) {
    return cudaMemsetAsync(devPtr, value, count, own(stream));
}

EXPORT cudaError_t cudaMemset2DAsync_ptsz(void *devPtr, size_t pitch, int value, size_t width, size_t height,
                                          cudaStream_t stream) {
    return cudaMemset2DAsync(devPtr, pitch, value, width, height, own(stream));
}

EXPORT cudaError_t cudaMemset3DAsync_ptsz(cudaPitchedPtr pitched, int value, cudaExtent extent, cudaStream_t stream) {
    return cudaMemset3DAsync(pitched, value, extent, own(stream));
}

EXPORT cudaError_t cudaMemPrefetchAsync_ptsz(const void *a, size_t b, CUdevice c, cudaStream_t stream) {
    return cudaMemPrefetchAsync(a, b, c, own(stream));
}

EXPORT cudaError_t cudaMemPrefetchAsync_v2_ptsz(const void *a, size_t b, cudaMemLocation c, unsigned d,
                                                cudaStream_t stream) {
    return cudaMemPrefetchAsync_v2(a, b, c, d, own(stream));
}

EXPORT cudaError_t cudaLaunchKernel_ptsz(const void *func, dim3 grid, dim3 block, void **args, size_t shared,
                                         cudaStream_t stream) {
    return cudaLaunchKernel(func, grid, block, args, shared, own(stream));
}

EXPORT cudaError_t cudaLaunchHostFunc_ptsz(cudaStream_t stream, cudaHostFn_t a, void *b) {
    return cudaLaunchHostFunc(own(stream), a, b);
}

EXPORT cudaError_t cudaLaunchCooperativeKernel_ptsz(const void *func, dim3 grid, dim3 block, void **args, size_t shared,
                                                    cudaStream_t stream) {
    return cudaLaunchCooperativeKernel(func, grid, block, args, shared, own(stream));
}

EXPORT cudaError_t cudaEventRecord_ptsz(cudaEvent_t a, cudaStream_t stream) {
    return cudaEventRecord(a, own(stream));
}

EXPORT cudaError_t cudaEventRecordWithFlags_ptsz(cudaEvent_t a, cudaStream_t stream, unsigned b) {
    return cudaEventRecordWithFlags(a, own(stream), b);
}

EXPORT cudaError_t cudaStreamGetPriority_ptsz(cudaStream_t stream, int *a) {
    return cudaStreamGetPriority(own(stream), a);
}

EXPORT cudaError_t cudaStreamGetFlags_ptsz(cudaStream_t stream, unsigned *a) {
    return cudaStreamGetFlags(own(stream), a);
}

EXPORT cudaError_t cudaStreamGetId_ptsz(cudaStream_t stream, unsigned long long *a) {
    return cudaStreamGetId(own(stream), a);
}

EXPORT cudaError_t cudaStreamWaitEvent_ptsz(cudaStream_t stream, cudaEvent_t a, unsigned b) {
    return cudaStreamWaitEvent(own(stream), a, b);
}

EXPORT cudaError_t cudaStreamAddCallback_ptsz(cudaStream_t stream, cudaStreamCallback_t a, void *b, unsigned c) {
    return cudaStreamAddCallback(own(stream), a, b, c);
}

EXPORT cudaError_t cudaStreamAttachMemAsync_ptsz(cudaStream_t stream, void *a, size_t b, unsigned c) {
    return cudaStreamAttachMemAsync(own(stream), a, b, c);
}

EXPORT cudaError_t cudaStreamSynchronize_ptsz(cudaStream_t stream) {
    return cudaStreamSynchronize(own(stream));
}

EXPORT cudaError_t cudaStreamQuery_ptsz(cudaStream_t stream) {
    return cudaStreamQuery(own(stream));
}

EXPORT cudaError_t cudaStreamBeginCapture_ptsz(cudaStream_t stream, int a) {
    return cudaStreamBeginCapture(own(stream), a);
}

EXPORT cudaError_t cudaStreamEndCapture_ptsz(cudaStream_t stream, cudaGraph_t *a) {
    return cudaStreamEndCapture(own(stream), a);
}

EXPORT cudaError_t cudaStreamIsCapturing_ptsz(cudaStream_t stream, int *a) {
    return cudaStreamIsCapturing(own(stream), a);
}

EXPORT cudaError_t cudaStreamGetCaptureInfo_v2_ptsz(cudaStream_t stream, int *a, unsigned long long *b, cudaGraph_t *c,
                                                    const cudaGraphNode_t **d, size_t *e) {
    return cudaStreamGetCaptureInfo_v2(own(stream), a, b, c, d, e);
}

EXPORT cudaError_t cudaStreamUpdateCaptureDependencies_ptsz(cudaStream_t stream, cudaGraphNode_t *a, size_t b, unsigned c) {
    return cudaStreamUpdateCaptureDependencies(own(stream), a, b, c);
}

EXPORT cudaError_t cudaStreamCopyAttributes_ptsz(cudaStream_t to, cudaStream_t from) {
    return cudaStreamCopyAttributes(own(to), own(from));
}

EXPORT cudaError_t cudaStreamGetAttribute_ptsz(cudaStream_t stream, int a, void *b) {
    return cudaStreamGetAttribute(own(stream), a, b);
}

EXPORT cudaError_t cudaStreamSetAttribute_ptsz(cudaStream_t stream, int a, const void *b) {
    return cudaStreamSetAttribute(own(stream), a, b);
}

EXPORT cudaError_t cudaGraphLaunch_ptsz(cudaGraphExec_t a, cudaStream_t stream) {
    return cudaGraphLaunch(a, own(stream));
}

EXPORT cudaError_t cudaGraphUpload_ptsz(cudaGraphExec_t a, cudaStream_t stream) {
    return cudaGraphUpload(a, own(stream));
}

EXPORT cudaError_t cudaMallocAsync_ptsz(void **devPtr, size_t size, cudaStream_t stream) {
    return cudaMallocAsync(devPtr, size, own(stream));
}

EXPORT cudaError_t cudaFreeAsync_ptsz(void *a, cudaStream_t stream) {
    return cudaFreeAsync(a, own(stream));
}

EXPORT cudaError_t cudaMallocFromPoolAsync_ptsz(void **a, size_t b, cudaMemPool_t c, cudaStream_t stream) {
    return cudaMallocFromPoolAsync(a, b, c, own(stream));
}

EXPORT cudaError_t cudaLaunchKernelExC_ptsz(const cudaLaunchConfig_t *config, const void *func, void **args) {
    if (!config) return cudaLaunchKernelExC(config, func, args);
    cudaLaunchConfig_t on_own = *config;
    on_own.stream = own(config->stream);
    return cudaLaunchKernelExC(&on_own, func, args);
}
