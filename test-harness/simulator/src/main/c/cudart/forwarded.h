// forwarded.h: the runtime functions that mean exactly what one function of the driver means, a line each: name in the
// runtime, name in the driver, parameters. CONTEXT makes the calling thread's device ready first, DRIVER only the driver.
#define FORWARDED(CONTEXT, DRIVER) \
    DRIVER(cudaDeviceGetAttribute, cuDeviceGetAttribute, int *, int, CUdevice) \
    DRIVER(cudaDeviceGetByPCIBusId, cuDeviceGetByPCIBusId, CUdevice *, const char *) \
    DRIVER(cudaDeviceGetPCIBusId, cuDeviceGetPCIBusId, char *, int, CUdevice) \
    DRIVER(cudaDeviceGetP2PAttribute, cuDeviceGetP2PAttribute, int *, int, CUdevice, CUdevice) \
    DRIVER(cudaDeviceCanAccessPeer, cuDeviceCanAccessPeer, int *, CUdevice, CUdevice) \
    DRIVER(cudaDeviceGetDefaultMemPool, cuDeviceGetDefaultMemPool, cudaMemPool_t *, CUdevice) \
    DRIVER(cudaDeviceGetMemPool, cuDeviceGetMemPool, cudaMemPool_t *, CUdevice) \
    DRIVER(cudaDeviceSetMemPool, cuDeviceSetMemPool, CUdevice, cudaMemPool_t) \
    DRIVER(cudaDeviceGetGraphMemAttribute, cuDeviceGetGraphMemAttribute, CUdevice, int, void *) \
    DRIVER(cudaDeviceSetGraphMemAttribute, cuDeviceSetGraphMemAttribute, CUdevice, int, void *) \
    DRIVER(cudaDeviceGraphMemTrim, cuDeviceGraphMemTrim, CUdevice) \
    CONTEXT(cudaCtxResetPersistingL2Cache, cuCtxResetPersistingL2Cache) \
    CONTEXT(cudaDeviceFlushGPUDirectRDMAWrites, cuFlushGPUDirectRDMAWrites, int, int) \
    CONTEXT(cudaDeviceGetCacheConfig, cuCtxGetCacheConfig, int *) \
    CONTEXT(cudaDeviceSetCacheConfig, cuCtxSetCacheConfig, int) \
    CONTEXT(cudaDeviceGetSharedMemConfig, cuCtxGetSharedMemConfig, int *) \
    CONTEXT(cudaDeviceSetSharedMemConfig, cuCtxSetSharedMemConfig, int) \
    CONTEXT(cudaDeviceGetLimit, cuCtxGetLimit, size_t *, int) \
    CONTEXT(cudaDeviceSetLimit, cuCtxSetLimit, int, size_t) \
    CONTEXT(cudaDeviceGetStreamPriorityRange, cuCtxGetStreamPriorityRange, int *, int *) \
    CONTEXT(cudaDeviceSynchronize, cuCtxSynchronize) \
    CONTEXT(cudaProfilerStart, cuProfilerStart) \
    CONTEXT(cudaProfilerStop, cuProfilerStop) \
    CONTEXT(cudaMemGetInfo, cuMemGetInfo_v2, size_t *, size_t *) \
    CONTEXT(cudaHostUnregister, cuMemHostUnregister, void *) \
    CONTEXT(cudaHostGetFlags, cuMemHostGetFlags, unsigned *, void *) \
    CONTEXT(cudaHostGetDevicePointer, cuMemHostGetDevicePointer_v2, void **, void *, unsigned) \
    CONTEXT(cudaMemAdvise, cuMemAdvise, const void *, size_t, int, CUdevice) \
    CONTEXT(cudaMemAdvise_v2, cuMemAdvise_v2, const void *, size_t, int, cudaMemLocation) \
    CONTEXT(cudaMemPrefetchAsync, cuMemPrefetchAsync, const void *, size_t, CUdevice, cudaStream_t) \
    CONTEXT(cudaMemPrefetchAsync_v2, cuMemPrefetchAsync_v2, const void *, size_t, cudaMemLocation, unsigned, cudaStream_t) \
    CONTEXT(cudaMemRangeGetAttribute, cuMemRangeGetAttribute, void *, size_t, int, const void *, size_t) \
    CONTEXT(cudaMemRangeGetAttributes, cuMemRangeGetAttributes, void **, size_t *, int *, size_t, const void *, size_t) \
    CONTEXT(cudaFreeAsync, cuMemFreeAsync, void *, cudaStream_t) \
    CONTEXT(cudaMallocFromPoolAsync, cuMemAllocFromPoolAsync, void **, size_t, cudaMemPool_t, cudaStream_t) \
    CONTEXT(cudaMemPoolCreate, cuMemPoolCreate, cudaMemPool_t *, const cudaMemPoolProps *) \
    CONTEXT(cudaMemPoolDestroy, cuMemPoolDestroy, cudaMemPool_t) \
    CONTEXT(cudaMemPoolTrimTo, cuMemPoolTrimTo, cudaMemPool_t, size_t) \
    CONTEXT(cudaMemPoolGetAttribute, cuMemPoolGetAttribute, cudaMemPool_t, int, void *) \
    CONTEXT(cudaMemPoolSetAttribute, cuMemPoolSetAttribute, cudaMemPool_t, int, void *) \
    CONTEXT(cudaMemPoolGetAccess, cuMemPoolGetAccess, int *, cudaMemPool_t, cudaMemLocation *) \
    CONTEXT(cudaMemPoolSetAccess, cuMemPoolSetAccess, cudaMemPool_t, const cudaMemAccessDesc *, size_t) \
    CONTEXT(cudaMemPoolExportPointer, cuMemPoolExportPointer, cudaMemPoolPtrExportData *, void *) \
    CONTEXT(cudaMemPoolImportPointer, cuMemPoolImportPointer, void **, cudaMemPool_t, cudaMemPoolPtrExportData *) \
    CONTEXT(cudaIpcGetMemHandle, cuIpcGetMemHandle, cudaIpcHandle *, void *) \
    CONTEXT(cudaIpcOpenMemHandle, cuIpcOpenMemHandle_v2, void **, cudaIpcHandle, unsigned) \
    CONTEXT(cudaIpcCloseMemHandle, cuIpcCloseMemHandle, void *) \
    CONTEXT(cudaIpcGetEventHandle, cuIpcGetEventHandle, cudaIpcHandle *, cudaEvent_t) \
    CONTEXT(cudaIpcOpenEventHandle, cuIpcOpenEventHandle, cudaEvent_t *, cudaIpcHandle) \
    CONTEXT(cudaStreamCreateWithFlags, cuStreamCreate, cudaStream_t *, unsigned) \
    CONTEXT(cudaStreamCreateWithPriority, cuStreamCreateWithPriority, cudaStream_t *, unsigned, int) \
    CONTEXT(cudaStreamDestroy, cuStreamDestroy_v2, cudaStream_t) \
    CONTEXT(cudaStreamSynchronize, cuStreamSynchronize, cudaStream_t) \
    CONTEXT(cudaStreamQuery, cuStreamQuery, cudaStream_t) \
    CONTEXT(cudaStreamWaitEvent, cuStreamWaitEvent, cudaStream_t, cudaEvent_t, unsigned) \
    CONTEXT(cudaStreamGetFlags, cuStreamGetFlags, cudaStream_t, unsigned *) \
    CONTEXT(cudaStreamGetPriority, cuStreamGetPriority, cudaStream_t, int *) \
    CONTEXT(cudaStreamGetId, cuStreamGetId, cudaStream_t, unsigned long long *) \
    CONTEXT(cudaStreamCopyAttributes, cuStreamCopyAttributes, cudaStream_t, cudaStream_t) \
    CONTEXT(cudaStreamGetAttribute, cuStreamGetAttribute, cudaStream_t, int, void *) \
    CONTEXT(cudaStreamSetAttribute, cuStreamSetAttribute, cudaStream_t, int, const void *) \
    CONTEXT(cudaStreamAttachMemAsync, cuStreamAttachMemAsync, cudaStream_t, void *, size_t, unsigned) \
    CONTEXT(cudaStreamAddCallback, cuStreamAddCallback, cudaStream_t, cudaStreamCallback_t, void *, unsigned) \
    CONTEXT(cudaLaunchHostFunc, cuLaunchHostFunc, cudaStream_t, cudaHostFn_t, void *) \
    CONTEXT(cudaStreamBeginCapture, cuStreamBeginCapture_v2, cudaStream_t, int) \
    CONTEXT(cudaStreamEndCapture, cuStreamEndCapture, cudaStream_t, cudaGraph_t *) \
    CONTEXT(cudaStreamIsCapturing, cuStreamIsCapturing, cudaStream_t, int *) \
    CONTEXT(cudaStreamGetCaptureInfo_v2, cuStreamGetCaptureInfo_v2, cudaStream_t, int *, unsigned long long *, cudaGraph_t *, const cudaGraphNode_t **, size_t *) \
    CONTEXT(cudaStreamUpdateCaptureDependencies, cuStreamUpdateCaptureDependencies, cudaStream_t, cudaGraphNode_t *, size_t, unsigned) \
    DRIVER(cudaThreadExchangeStreamCaptureMode, cuThreadExchangeStreamCaptureMode, int *) \
    CONTEXT(cudaEventCreateWithFlags, cuEventCreate, cudaEvent_t *, unsigned) \
    CONTEXT(cudaEventDestroy, cuEventDestroy_v2, cudaEvent_t) \
    CONTEXT(cudaEventQuery, cuEventQuery, cudaEvent_t) \
    CONTEXT(cudaEventSynchronize, cuEventSynchronize, cudaEvent_t) \
    CONTEXT(cudaEventElapsedTime, cuEventElapsedTime, float *, cudaEvent_t, cudaEvent_t) \
    CONTEXT(cudaEventRecord, cuEventRecord, cudaEvent_t, cudaStream_t) \
    CONTEXT(cudaEventRecordWithFlags, cuEventRecordWithFlags, cudaEvent_t, cudaStream_t, unsigned) \
    CONTEXT(cudaGetMipmappedArrayLevel, cuMipmappedArrayGetLevel, cudaArray_t *, cudaMipmappedArray_t, unsigned) \
    CONTEXT(cudaArrayGetPlane, cuArrayGetPlane, cudaArray_t *, cudaArray_t, unsigned) \
    CONTEXT(cudaGraphCreate, cuGraphCreate, cudaGraph_t *, unsigned) \
    CONTEXT(cudaGraphDestroy, cuGraphDestroy, cudaGraph_t) \
    CONTEXT(cudaGraphClone, cuGraphClone, cudaGraph_t *, cudaGraph_t) \
    CONTEXT(cudaGraphDebugDotPrint, cuGraphDebugDotPrint, cudaGraph_t, const char *, unsigned) \
    CONTEXT(cudaGraphGetNodes, cuGraphGetNodes, cudaGraph_t, cudaGraphNode_t *, size_t *) \
    CONTEXT(cudaGraphGetRootNodes, cuGraphGetRootNodes, cudaGraph_t, cudaGraphNode_t *, size_t *) \
    CONTEXT(cudaGraphGetEdges, cuGraphGetEdges, cudaGraph_t, cudaGraphNode_t *, cudaGraphNode_t *, size_t *) \
    CONTEXT(cudaGraphAddDependencies, cuGraphAddDependencies, cudaGraph_t, const cudaGraphNode_t *, const cudaGraphNode_t *, size_t) \
    CONTEXT(cudaGraphRemoveDependencies, cuGraphRemoveDependencies, cudaGraph_t, const cudaGraphNode_t *, const cudaGraphNode_t *, size_t) \
    CONTEXT(cudaGraphNodeGetDependencies, cuGraphNodeGetDependencies, cudaGraphNode_t, cudaGraphNode_t *, size_t *) \
    CONTEXT(cudaGraphNodeGetDependentNodes, cuGraphNodeGetDependentNodes, cudaGraphNode_t, cudaGraphNode_t *, size_t *) \
    CONTEXT(cudaGraphNodeGetType, cuGraphNodeGetType, cudaGraphNode_t, int *) \
    CONTEXT(cudaGraphNodeFindInClone, cuGraphNodeFindInClone, cudaGraphNode_t *, cudaGraphNode_t, cudaGraph_t) \
    CONTEXT(cudaGraphNodeGetEnabled, cuGraphNodeGetEnabled, cudaGraphExec_t, cudaGraphNode_t, unsigned *) \
    CONTEXT(cudaGraphNodeSetEnabled, cuGraphNodeSetEnabled, cudaGraphExec_t, cudaGraphNode_t, unsigned) \
    CONTEXT(cudaGraphDestroyNode, cuGraphDestroyNode, cudaGraphNode_t) \
    CONTEXT(cudaGraphAddEmptyNode, cuGraphAddEmptyNode, cudaGraphNode_t *, cudaGraph_t, const cudaGraphNode_t *, size_t) \
    CONTEXT(cudaGraphAddChildGraphNode, cuGraphAddChildGraphNode, cudaGraphNode_t *, cudaGraph_t, const cudaGraphNode_t *, size_t, cudaGraph_t) \
    CONTEXT(cudaGraphChildGraphNodeGetGraph, cuGraphChildGraphNodeGetGraph, cudaGraphNode_t, cudaGraph_t *) \
    CONTEXT(cudaGraphAddEventRecordNode, cuGraphAddEventRecordNode, cudaGraphNode_t *, cudaGraph_t, const cudaGraphNode_t *, size_t, cudaEvent_t) \
    CONTEXT(cudaGraphAddEventWaitNode, cuGraphAddEventWaitNode, cudaGraphNode_t *, cudaGraph_t, const cudaGraphNode_t *, size_t, cudaEvent_t) \
    CONTEXT(cudaGraphEventRecordNodeGetEvent, cuGraphEventRecordNodeGetEvent, cudaGraphNode_t, cudaEvent_t *) \
    CONTEXT(cudaGraphEventRecordNodeSetEvent, cuGraphEventRecordNodeSetEvent, cudaGraphNode_t, cudaEvent_t) \
    CONTEXT(cudaGraphEventWaitNodeGetEvent, cuGraphEventWaitNodeGetEvent, cudaGraphNode_t, cudaEvent_t *) \
    CONTEXT(cudaGraphEventWaitNodeSetEvent, cuGraphEventWaitNodeSetEvent, cudaGraphNode_t, cudaEvent_t) \
    CONTEXT(cudaGraphAddHostNode, cuGraphAddHostNode, cudaGraphNode_t *, cudaGraph_t, const cudaGraphNode_t *, size_t, const cudaHostNodeParams *) \
    CONTEXT(cudaGraphHostNodeGetParams, cuGraphHostNodeGetParams, cudaGraphNode_t, cudaHostNodeParams *) \
    CONTEXT(cudaGraphHostNodeSetParams, cuGraphHostNodeSetParams, cudaGraphNode_t, const cudaHostNodeParams *) \
    CONTEXT(cudaGraphAddMemAllocNode, cuGraphAddMemAllocNode, cudaGraphNode_t *, cudaGraph_t, const cudaGraphNode_t *, size_t, cudaMemAllocNodeParams *) \
    CONTEXT(cudaGraphMemAllocNodeGetParams, cuGraphMemAllocNodeGetParams, cudaGraphNode_t, cudaMemAllocNodeParams *) \
    CONTEXT(cudaGraphAddMemFreeNode, cuGraphAddMemFreeNode, cudaGraphNode_t *, cudaGraph_t, const cudaGraphNode_t *, size_t, void *) \
    CONTEXT(cudaGraphMemFreeNodeGetParams, cuGraphMemFreeNodeGetParams, cudaGraphNode_t, void *) \
    CONTEXT(cudaGraphMemsetNodeGetParams, cuGraphMemsetNodeGetParams, cudaGraphNode_t, cudaMemsetParams *) \
    CONTEXT(cudaGraphMemsetNodeSetParams, cuGraphMemsetNodeSetParams, cudaGraphNode_t, const cudaMemsetParams *) \
    CONTEXT(cudaGraphKernelNodeCopyAttributes, cuGraphKernelNodeCopyAttributes, cudaGraphNode_t, cudaGraphNode_t) \
    CONTEXT(cudaGraphKernelNodeGetAttribute, cuGraphKernelNodeGetAttribute, cudaGraphNode_t, int, void *) \
    CONTEXT(cudaGraphKernelNodeSetAttribute, cuGraphKernelNodeSetAttribute, cudaGraphNode_t, int, const void *) \
    CONTEXT(cudaGraphInstantiateWithFlags, cuGraphInstantiateWithFlags, cudaGraphExec_t *, cudaGraph_t, unsigned long long) \
    CONTEXT(cudaGraphInstantiateWithParams, cuGraphInstantiateWithParams, cudaGraphExec_t *, cudaGraph_t, cudaGraphInstantiateParams *) \
    CONTEXT(cudaGraphExecGetFlags, cuGraphExecGetFlags, cudaGraphExec_t, unsigned long long *) \
    CONTEXT(cudaGraphExecDestroy, cuGraphExecDestroy, cudaGraphExec_t) \
    CONTEXT(cudaGraphExecUpdate, cuGraphExecUpdate_v2, cudaGraphExec_t, cudaGraph_t, cudaGraphExecUpdateResultInfo *) \
    CONTEXT(cudaGraphExecHostNodeSetParams, cuGraphExecHostNodeSetParams, cudaGraphExec_t, cudaGraphNode_t, const cudaHostNodeParams *) \
    CONTEXT(cudaGraphExecChildGraphNodeSetParams, cuGraphExecChildGraphNodeSetParams, cudaGraphExec_t, cudaGraphNode_t, cudaGraph_t) \
    CONTEXT(cudaGraphExecEventRecordNodeSetEvent, cuGraphExecEventRecordNodeSetEvent, cudaGraphExec_t, cudaGraphNode_t, cudaEvent_t) \
    CONTEXT(cudaGraphExecEventWaitNodeSetEvent, cuGraphExecEventWaitNodeSetEvent, cudaGraphExec_t, cudaGraphNode_t, cudaEvent_t) \
    CONTEXT(cudaGraphLaunch, cuGraphLaunch, cudaGraphExec_t, cudaStream_t) \
    CONTEXT(cudaGraphUpload, cuGraphUpload, cudaGraphExec_t, cudaStream_t) \
    CONTEXT(cudaUserObjectCreate, cuUserObjectCreate, cudaUserObject_t *, void *, cudaHostFn_t, unsigned, unsigned) \
    CONTEXT(cudaUserObjectRetain, cuUserObjectRetain, cudaUserObject_t, unsigned) \
    CONTEXT(cudaUserObjectRelease, cuUserObjectRelease, cudaUserObject_t, unsigned) \
    CONTEXT(cudaGraphRetainUserObject, cuGraphRetainUserObject, cudaGraph_t, cudaUserObject_t, unsigned, unsigned) \
    CONTEXT(cudaGraphReleaseUserObject, cuGraphReleaseUserObject, cudaGraph_t, cudaUserObject_t, unsigned)
