// types.h: the types of the CUDA runtime API 12 and of the driver API below it, written from the public documentation.
// The stand-in knows the driver only as any program does, so handles are opaque and enumerations are plain ints: any value
// may come in. Where both APIs give the same numbers the same meaning, one name serves for both.
#ifndef SLUICE_CUDART_TYPES_H
#define SLUICE_CUDART_TYPES_H

#include <stddef.h>
#include <stdint.h>

// Since CUDA 10.1 the runtime's errors have the driver's numbers. Those below 100 that the driver has not are its own.
typedef int cudaError_t;
enum {
    cudaSuccess = 0,
    cudaErrorInvalidValue = 1,
    cudaErrorMemoryAllocation = 2,
    cudaErrorInitializationError = 3,
    cudaErrorInvalidConfiguration = 9,
    cudaErrorInvalidPitchValue = 12,
    cudaErrorInvalidSymbol = 13,
    cudaErrorInvalidMemcpyDirection = 21,
    cudaErrorInsufficientDriver = 35,
    cudaErrorCallRequiresNewerDriver = 36,
    cudaErrorMissingConfiguration = 52,
    cudaErrorInvalidDeviceFunction = 98,
    cudaErrorNoDevice = 100,
    cudaErrorInvalidDevice = 101,
    cudaErrorDeviceUninitialized = 201,
    cudaErrorNoKernelImageForDevice = 209,
    cudaErrorInvalidResourceHandle = 400,
    cudaErrorSymbolNotFound = 500,
    cudaErrorContextIsDestroyed = 709,
    cudaErrorNotSupported = 801,
    cudaErrorUnknown = 999
};

enum { cudaMemcpyHostToHost, cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost, cudaMemcpyDeviceToDevice, cudaMemcpyDefault };
enum { MEMORY_HOST = 1, MEMORY_DEVICE, MEMORY_ARRAY, MEMORY_UNIFIED }; // CUmemorytype

// A stream handle of that value is the calling thread's own default stream.
#define STREAM_PER_THREAD ((cudaStream_t)0x2)

typedef int CUdevice;
typedef unsigned long long CUdeviceptr;
typedef struct CUctx_st *CUcontext;
typedef struct CUlib_st *CUlibrary;
typedef struct CUstream_st *cudaStream_t;
typedef struct CUevent_st *cudaEvent_t;
typedef struct CUfunc_st *cudaFunction_t;
typedef struct CUkern_st *cudaKernel_t;
typedef struct cudaArray *cudaArray_t;
typedef struct cudaMipmappedArray *cudaMipmappedArray_t;
typedef struct CUmemPoolHandle_st *cudaMemPool_t;
typedef struct CUgraph_st *cudaGraph_t;
typedef struct CUgraphNode_st *cudaGraphNode_t;
typedef struct CUgraphExec_st *cudaGraphExec_t;
typedef struct CUuserObject_st *cudaUserObject_t;

typedef void (*cudaHostFn_t)(void *data);
typedef void (*cudaStreamCallback_t)(cudaStream_t stream, cudaError_t status, void *data);

typedef struct { unsigned x, y, z; } dim3;
typedef struct { char bytes[16]; } cudaUUID_t;
typedef struct { char reserved[64]; } cudaIpcHandle; // of memory and of events
typedef struct { char reserved[64]; } cudaMemPoolPtrExportData;

typedef struct { size_t width, height, depth; } cudaExtent;
typedef struct { size_t x, y, z; } cudaPos;
typedef struct { void *ptr; size_t pitch, xsize, ysize; } cudaPitchedPtr;
typedef struct { int x, y, z, w, f; } cudaChannelFormatDesc;

typedef struct {
    cudaArray_t srcArray;
    cudaPos srcPos;
    cudaPitchedPtr srcPtr;
    cudaArray_t dstArray;
    cudaPos dstPos;
    cudaPitchedPtr dstPtr;
    cudaExtent extent;
    int kind;
} cudaMemcpy3DParms;

typedef struct {
    cudaArray_t srcArray;
    cudaPos srcPos;
    cudaPitchedPtr srcPtr;
    int srcDevice;
    cudaArray_t dstArray;
    cudaPos dstPos;
    cudaPitchedPtr dstPtr;
    int dstDevice;
    cudaExtent extent;
} cudaMemcpy3DPeerParms;

typedef struct {
    int type, device; // type: 0 not of CUDA, 1 host, 2 device, 3 managed
    void *devicePointer, *hostPointer;
} cudaPointerAttributes;

typedef struct {
    size_t sharedSizeBytes, constSizeBytes, localSizeBytes;
    int maxThreadsPerBlock, numRegs, ptxVersion, binaryVersion, cacheModeCA, maxDynamicSharedSizeBytes;
    int preferredShmemCarveout, clusterDimMustBeSet, requiredClusterWidth, requiredClusterHeight, requiredClusterDepth;
    int clusterSchedulingPolicyPreference, nonPortableClusterSizeAllowed;
    int reserved[16];
} cudaFuncAttributes;

typedef struct { int id; char padding[4]; char value[64]; } cudaLaunchAttribute;

typedef struct {
    dim3 gridDim, blockDim;
    size_t dynamicSmemBytes;
    cudaStream_t stream;
    cudaLaunchAttribute *attrs;
    unsigned numAttrs;
} cudaLaunchConfig_t;

typedef struct {
    void *func;
    dim3 gridDim, blockDim;
    unsigned sharedMemBytes;
    void **kernelParams, **extra;
} cudaKernelNodeParams;

typedef struct {
    void *dst;
    size_t pitch;
    unsigned value, elementSize;
    size_t width, height;
} cudaMemsetParams;

typedef struct { cudaHostFn_t fn; void *userData; } cudaHostNodeParams;

typedef struct { int type, id; } cudaMemLocation;

typedef struct {
    int allocType, handleTypes;
    cudaMemLocation location;
    void *win32SecurityAttributes;
    size_t maxSize;
    unsigned char reserved[56];
} cudaMemPoolProps;

typedef struct { cudaMemLocation location; int flags; } cudaMemAccessDesc;

typedef struct {
    cudaMemPoolProps poolProps;
    const cudaMemAccessDesc *accessDescs;
    size_t accessDescCount, bytesize;
    void *dptr;
} cudaMemAllocNodeParams;

typedef struct { int result; cudaGraphNode_t errorNode, errorFromNode; } cudaGraphExecUpdateResultInfo;

typedef struct {
    unsigned long long flags;
    cudaStream_t uploadStream;
    cudaGraphNode_t errNode_out;
    int result_out;
} cudaGraphInstantiateParams;

// The driver's shapes of the same things.
typedef struct {
    size_t xInBytes, y;
    int memoryType;
    const void *host;
    CUdeviceptr device;
    cudaArray_t array;
    size_t pitch;
} CopySide2D;

typedef struct {
    CopySide2D from, to;
    size_t widthInBytes, height;
} CUDA_MEMCPY2D;

typedef struct {
    size_t xInBytes, y, z, level;
    int memoryType;
    const void *host;
    CUdeviceptr device;
    cudaArray_t array;
    void *context; // reserved but for copies between peers
    size_t pitch, height;
} CopySide3D;

typedef struct {
    CopySide3D from, to;
    size_t widthInBytes, height, depth;
} CUDA_MEMCPY3D;

typedef struct { size_t width, height, depth; int format; unsigned channels, flags; } CUDA_ARRAY3D_DESCRIPTOR;

typedef struct {
    dim3 grid, block;
    unsigned sharedMemBytes;
    cudaStream_t stream;
    cudaLaunchAttribute *attrs;
    unsigned numAttrs;
} CUlaunchConfig;

typedef struct {
    cudaFunction_t func;
    dim3 grid, block;
    unsigned sharedMemBytes;
    void **kernelParams, **extra;
    cudaKernel_t kernel;
    CUcontext context;
} CUDA_KERNEL_NODE_PARAMS;

#endif
