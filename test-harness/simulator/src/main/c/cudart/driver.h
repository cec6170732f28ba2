// driver.h: the functions of the driver that the stand-in calls, looked up by name in whatever libcuda.so.1 the loader has
// for this process. A function that this driver has not answers cudaErrorCallRequiresNewerDriver.
#ifndef SLUICE_CUDART_DRIVER_H
#define SLUICE_CUDART_DRIVER_H

#include "cudart/forwarded.h"
#include "cudart/types.h"

// Device addresses are pointers here, as in the runtime: the driver takes them as numbers of the same size.
#define CALLED(CALL) \
    CALL(cuInit, unsigned) \
    CALL(cuDriverGetVersion, int *) \
    CALL(cuGetProcAddress_v2, const char *, void **, int, unsigned long long, int *) \
    CALL(cuDeviceGetCount, int *) \
    CALL(cuDeviceGetName, char *, int, CUdevice) \
    CALL(cuDeviceGetUuid_v2, cudaUUID_t *, CUdevice) \
    CALL(cuDeviceGetLuid, char *, unsigned *, CUdevice) \
    CALL(cuDeviceTotalMem_v2, size_t *, CUdevice) \
    CALL(cuDeviceGetTexture1DLinearMaxWidth, size_t *, int, unsigned, CUdevice) \
    CALL(cuDevicePrimaryCtxRetain, CUcontext *, CUdevice) \
    CALL(cuDevicePrimaryCtxRelease_v2, CUdevice) \
    CALL(cuDevicePrimaryCtxReset_v2, CUdevice) \
    CALL(cuDevicePrimaryCtxSetFlags_v2, CUdevice, unsigned) \
    CALL(cuDevicePrimaryCtxGetState, CUdevice, unsigned *, int *) \
    CALL(cuCtxGetCurrent, CUcontext *) \
    CALL(cuCtxSetCurrent, CUcontext) \
    CALL(cuCtxGetDevice, CUdevice *) \
    CALL(cuCtxEnablePeerAccess, CUcontext, unsigned) \
    CALL(cuCtxDisablePeerAccess, CUcontext) \
    CALL(cuMemAlloc_v2, void **, size_t) \
    CALL(cuMemAllocPitch_v2, void **, size_t *, size_t, size_t, unsigned) \
    CALL(cuMemAllocManaged, void **, size_t, unsigned) \
    CALL(cuMemAllocAsync, void **, size_t, cudaStream_t) \
    CALL(cuMemFree_v2, void *) \
    CALL(cuMemHostAlloc, void **, size_t, unsigned) \
    CALL(cuMemHostRegister_v2, void *, size_t, unsigned) \
    CALL(cuMemFreeHost, void *) \
    CALL(cuMemPoolExportToShareableHandle, void *, cudaMemPool_t, int, unsigned long long) \
    CALL(cuMemPoolImportFromShareableHandle, cudaMemPool_t *, void *, int, unsigned long long) \
    CALL(cuPointerGetAttributes, unsigned, int *, void **, const void *) \
    CALL(cuMemcpy, void *, const void *, size_t) \
    CALL(cuMemcpyHtoD_v2, void *, const void *, size_t) \
    CALL(cuMemcpyDtoH_v2, void *, const void *, size_t) \
    CALL(cuMemcpyDtoD_v2, void *, const void *, size_t) \
    CALL(cuMemcpyAsync, void *, const void *, size_t, cudaStream_t) \
    CALL(cuMemcpyHtoDAsync_v2, void *, const void *, size_t, cudaStream_t) \
    CALL(cuMemcpyDtoHAsync_v2, void *, const void *, size_t, cudaStream_t) \
    CALL(cuMemcpyDtoDAsync_v2, void *, const void *, size_t, cudaStream_t) \
    CALL(cuMemcpyPeer, void *, CUcontext, const void *, CUcontext, size_t) \
    CALL(cuMemcpyPeerAsync, void *, CUcontext, const void *, CUcontext, size_t, cudaStream_t) \
    CALL(cuMemcpy2DUnaligned_v2, const CUDA_MEMCPY2D *) \
    CALL(cuMemcpy2DAsync_v2, const CUDA_MEMCPY2D *, cudaStream_t) \
    CALL(cuMemcpy3D_v2, const CUDA_MEMCPY3D *) \
    CALL(cuMemcpy3DAsync_v2, const CUDA_MEMCPY3D *, cudaStream_t) \
    CALL(cuMemcpy3DPeer, const CUDA_MEMCPY3D *) \
    CALL(cuMemcpy3DPeerAsync, const CUDA_MEMCPY3D *, cudaStream_t) \
    CALL(cuMemsetD8_v2, void *, unsigned char, size_t) \
    CALL(cuMemsetD8Async, void *, unsigned char, size_t, cudaStream_t) \
    CALL(cuMemsetD2D8_v2, void *, size_t, unsigned char, size_t, size_t) \
    CALL(cuMemsetD2D8Async, void *, size_t, unsigned char, size_t, size_t, cudaStream_t) \
    CALL(cuArray3DCreate_v2, cudaArray_t *, const CUDA_ARRAY3D_DESCRIPTOR *) \
    CALL(cuArray3DGetDescriptor_v2, CUDA_ARRAY3D_DESCRIPTOR *, cudaArray_t) \
    CALL(cuArrayDestroy, cudaArray_t) \
    CALL(cuMipmappedArrayCreate, cudaMipmappedArray_t *, const CUDA_ARRAY3D_DESCRIPTOR *, unsigned) \
    CALL(cuMipmappedArrayDestroy, cudaMipmappedArray_t) \
    CALL(cuLibraryLoadData, CUlibrary *, const void *, int *, void **, unsigned, int *, void **, unsigned) \
    CALL(cuLibraryUnload, CUlibrary) \
    CALL(cuLibraryGetKernel, cudaKernel_t *, CUlibrary, const char *) \
    CALL(cuLibraryGetGlobal, void **, size_t *, CUlibrary, const char *) \
    CALL(cuLibraryGetManaged, void **, size_t *, CUlibrary, const char *) \
    CALL(cuKernelGetFunction, cudaFunction_t *, cudaKernel_t) \
    CALL(cuFuncGetAttribute, int *, int, cudaFunction_t) \
    CALL(cuFuncSetAttribute, cudaFunction_t, int, int) \
    CALL(cuFuncSetCacheConfig, cudaFunction_t, int) \
    CALL(cuFuncSetSharedMemConfig, cudaFunction_t, int) \
    CALL(cuFuncGetName, const char **, cudaFunction_t) \
    CALL(cuFuncGetParamInfo, cudaFunction_t, size_t, size_t *, size_t *) \
    CALL(cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags, int *, cudaFunction_t, int, size_t, unsigned) \
    CALL(cuOccupancyAvailableDynamicSMemPerBlock, size_t *, cudaFunction_t, int, int) \
    CALL(cuOccupancyMaxPotentialClusterSize, int *, cudaFunction_t, const CUlaunchConfig *) \
    CALL(cuOccupancyMaxActiveClusters, int *, cudaFunction_t, const CUlaunchConfig *) \
    CALL(cuLaunchKernel, cudaFunction_t, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, cudaStream_t, \
         void **, void **) \
    CALL(cuLaunchCooperativeKernel, cudaFunction_t, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, \
         cudaStream_t, void **) \
    CALL(cuLaunchKernelEx, const CUlaunchConfig *, cudaFunction_t, void **, void **) \
    CALL(cuGraphAddKernelNode_v2, cudaGraphNode_t *, cudaGraph_t, const cudaGraphNode_t *, size_t, \
         const CUDA_KERNEL_NODE_PARAMS *) \
    CALL(cuGraphKernelNodeSetParams_v2, cudaGraphNode_t, const CUDA_KERNEL_NODE_PARAMS *) \
    CALL(cuGraphExecKernelNodeSetParams_v2, cudaGraphExec_t, cudaGraphNode_t, const CUDA_KERNEL_NODE_PARAMS *) \
    CALL(cuGraphAddMemcpyNode, cudaGraphNode_t *, cudaGraph_t, const cudaGraphNode_t *, size_t, const CUDA_MEMCPY3D *, \
         CUcontext) \
    CALL(cuGraphMemcpyNodeSetParams, cudaGraphNode_t, const CUDA_MEMCPY3D *) \
    CALL(cuGraphExecMemcpyNodeSetParams, cudaGraphExec_t, cudaGraphNode_t, const CUDA_MEMCPY3D *, CUcontext) \
    CALL(cuGraphAddMemsetNode, cudaGraphNode_t *, cudaGraph_t, const cudaGraphNode_t *, size_t, const cudaMemsetParams *, \
         CUcontext) \
    CALL(cuGraphExecMemsetNodeSetParams, cudaGraphExec_t, cudaGraphNode_t, const cudaMemsetParams *, CUcontext)

#define CALLED_FIELD(name, ...) cudaError_t (*name)(__VA_ARGS__);
#define FORWARDED_FIELD(runtime, name, ...) cudaError_t (*name)(__VA_ARGS__);

struct driver {
    CALLED(CALLED_FIELD)
    FORWARDED(FORWARDED_FIELD, FORWARDED_FIELD)
};

// Filled by driver_open() and never changed afterwards.
extern struct driver driver;

// Finds and initialises the driver, once. Any thread may call it. cudaSuccess, or why there is no CUDA.
cudaError_t driver_open(void);

#endif
