// properties.c: cudaDeviceProp as CUDA 12 lays it out. Nearly all of it is a device attribute of the driver's.
#include <string.h>

#include "cudart/runtime.h"

typedef struct {
    char name[256];
    cudaUUID_t uuid;
    char luid[8];
    unsigned luidDeviceNodeMask;
    size_t totalGlobalMem, sharedMemPerBlock;
    int regsPerBlock, warpSize;
    size_t memPitch;
    int maxThreadsPerBlock, maxThreadsDim[3], maxGridSize[3], clockRate;
    size_t totalConstMem;
    int major, minor;
    size_t textureAlignment, texturePitchAlignment;
    int deviceOverlap, multiProcessorCount, kernelExecTimeoutEnabled, integrated, canMapHostMemory, computeMode;
    int maxTexture1D, maxTexture1DMipmap, maxTexture1DLinear, maxTexture2D[2], maxTexture2DMipmap[2], maxTexture2DLinear[3];
    int maxTexture2DGather[2], maxTexture3D[3], maxTexture3DAlt[3], maxTextureCubemap, maxTexture1DLayered[2];
    int maxTexture2DLayered[3], maxTextureCubemapLayered[2], maxSurface1D, maxSurface2D[2], maxSurface3D[3];
    int maxSurface1DLayered[2], maxSurface2DLayered[3], maxSurfaceCubemap, maxSurfaceCubemapLayered[2];
    size_t surfaceAlignment;
    int concurrentKernels, ECCEnabled, pciBusID, pciDeviceID, pciDomainID, tccDriver, asyncEngineCount, unifiedAddressing;
    int memoryClockRate, memoryBusWidth, l2CacheSize, persistingL2CacheMaxSize, maxThreadsPerMultiProcessor;
    int streamPrioritiesSupported, globalL1CacheSupported, localL1CacheSupported;
    size_t sharedMemPerMultiprocessor;
    int regsPerMultiprocessor, managedMemory, isMultiGpuBoard, multiGpuBoardGroupID, hostNativeAtomicSupported;
    int singleToDoublePrecisionPerfRatio, pageableMemoryAccess, concurrentManagedAccess, computePreemptionSupported;
    int canUseHostPointerForRegisteredMem, cooperativeLaunch, cooperativeMultiDeviceLaunch;
    size_t sharedMemPerBlockOptin;
    int pageableMemoryAccessUsesHostPageTables, directManagedMemAccessFromHost, maxBlocksPerMultiProcessor;
    int accessPolicyMaxWindowSize;
    size_t reservedSharedMemPerBlock;
    int hostRegisterSupported, sparseCudaArraySupported, hostRegisterReadOnlySupported, timelineSemaphoreInteropSupported;
    int memoryPoolsSupported, gpuDirectRDMASupported;
    unsigned gpuDirectRDMAFlushWritesOptions;
    int gpuDirectRDMAWritesOrdering;
    unsigned memoryPoolSupportedHandleTypes;
    int deferredMappingCudaArraySupported, ipcEventSupported, clusterLaunch, unifiedFunctionPointers;
    int reserved[63];
} cudaDeviceProp;

_Static_assert(sizeof(cudaDeviceProp) == 1032, "as CUDA 12 has it");

// A field of the struct, the width of an int or of a size_t, and the attribute that fills it.
static const struct { unsigned short offset, size, attribute; } FIELDS[] = {
#define FIELD(name, attribute) {offsetof(cudaDeviceProp, name), sizeof((cudaDeviceProp *)0)->name, attribute}
    FIELD(sharedMemPerBlock, 8), FIELD(regsPerBlock, 12), FIELD(warpSize, 10), FIELD(memPitch, 11),
    FIELD(maxThreadsPerBlock, 1), FIELD(maxThreadsDim[0], 2), FIELD(maxThreadsDim[1], 3), FIELD(maxThreadsDim[2], 4),
    FIELD(maxGridSize[0], 5), FIELD(maxGridSize[1], 6), FIELD(maxGridSize[2], 7), FIELD(clockRate, 13),
    FIELD(totalConstMem, 9), FIELD(major, 75), FIELD(minor, 76), FIELD(textureAlignment, 14),
    FIELD(texturePitchAlignment, 51), FIELD(deviceOverlap, 15), FIELD(multiProcessorCount, 16),
    FIELD(kernelExecTimeoutEnabled, 17), FIELD(integrated, 18), FIELD(canMapHostMemory, 19), FIELD(computeMode, 20),
    FIELD(maxTexture1D, 21), FIELD(maxTexture1DMipmap, 77), FIELD(maxTexture1DLinear, 69), FIELD(maxTexture2D[0], 22),
    FIELD(maxTexture2D[1], 23), FIELD(maxTexture2DMipmap[0], 73), FIELD(maxTexture2DMipmap[1], 74),
    FIELD(maxTexture2DLinear[0], 70), FIELD(maxTexture2DLinear[1], 71), FIELD(maxTexture2DLinear[2], 72),
    FIELD(maxTexture2DGather[0], 45), FIELD(maxTexture2DGather[1], 46), FIELD(maxTexture3D[0], 24),
    FIELD(maxTexture3D[1], 25), FIELD(maxTexture3D[2], 26), FIELD(maxTexture3DAlt[0], 47), FIELD(maxTexture3DAlt[1], 48),
    FIELD(maxTexture3DAlt[2], 49), FIELD(maxTextureCubemap, 52), FIELD(maxTexture1DLayered[0], 42),
    FIELD(maxTexture1DLayered[1], 43), FIELD(maxTexture2DLayered[0], 27), FIELD(maxTexture2DLayered[1], 28),
    FIELD(maxTexture2DLayered[2], 29), FIELD(maxTextureCubemapLayered[0], 53), FIELD(maxTextureCubemapLayered[1], 54),
    FIELD(maxSurface1D, 55), FIELD(maxSurface2D[0], 56), FIELD(maxSurface2D[1], 57), FIELD(maxSurface3D[0], 58),
    FIELD(maxSurface3D[1], 59), FIELD(maxSurface3D[2], 60), FIELD(maxSurface1DLayered[0], 61),
    FIELD(maxSurface1DLayered[1], 62), FIELD(maxSurface2DLayered[0], 63), FIELD(maxSurface2DLayered[1], 64),
    FIELD(maxSurface2DLayered[2], 65), FIELD(maxSurfaceCubemap, 66), FIELD(maxSurfaceCubemapLayered[0], 67),
    FIELD(maxSurfaceCubemapLayered[1], 68), FIELD(surfaceAlignment, 30), FIELD(concurrentKernels, 31),
    FIELD(ECCEnabled, 32), FIELD(pciBusID, 33), FIELD(pciDeviceID, 34), FIELD(pciDomainID, 50), FIELD(tccDriver, 35),
    FIELD(asyncEngineCount, 40), FIELD(unifiedAddressing, 41), FIELD(memoryClockRate, 36), FIELD(memoryBusWidth, 37),
    FIELD(l2CacheSize, 38), FIELD(persistingL2CacheMaxSize, 108), FIELD(maxThreadsPerMultiProcessor, 39),
    FIELD(streamPrioritiesSupported, 78), FIELD(globalL1CacheSupported, 79), FIELD(localL1CacheSupported, 80),
    FIELD(sharedMemPerMultiprocessor, 81), FIELD(regsPerMultiprocessor, 82), FIELD(managedMemory, 83),
    FIELD(isMultiGpuBoard, 84), FIELD(multiGpuBoardGroupID, 85), FIELD(hostNativeAtomicSupported, 86),
    FIELD(singleToDoublePrecisionPerfRatio, 87), FIELD(pageableMemoryAccess, 88), FIELD(concurrentManagedAccess, 89),
    FIELD(computePreemptionSupported, 90), FIELD(canUseHostPointerForRegisteredMem, 91), FIELD(cooperativeLaunch, 95),
    FIELD(cooperativeMultiDeviceLaunch, 96), FIELD(sharedMemPerBlockOptin, 97),
    FIELD(pageableMemoryAccessUsesHostPageTables, 100), FIELD(directManagedMemAccessFromHost, 101),
    FIELD(maxBlocksPerMultiProcessor, 106), FIELD(accessPolicyMaxWindowSize, 109), FIELD(reservedSharedMemPerBlock, 111),
    FIELD(hostRegisterSupported, 99), FIELD(sparseCudaArraySupported, 112), FIELD(hostRegisterReadOnlySupported, 113),
    FIELD(timelineSemaphoreInteropSupported, 114), FIELD(memoryPoolsSupported, 115), FIELD(gpuDirectRDMASupported, 116),
    FIELD(gpuDirectRDMAFlushWritesOptions, 117), FIELD(gpuDirectRDMAWritesOrdering, 118),
    FIELD(memoryPoolSupportedHandleTypes, 119), FIELD(clusterLaunch, 120), FIELD(deferredMappingCudaArraySupported, 121),
    FIELD(ipcEventSupported, 125), FIELD(unifiedFunctionPointers, 129),
#undef FIELD
};

// An attribute that the driver does not know stays 0: the device has not what it is about.
static void fill(cudaDeviceProp *properties, CUdevice device) {
    for (size_t i = 0; i < sizeof FIELDS / sizeof *FIELDS; i++) {
        int value = 0;
        if (driver.cuDeviceGetAttribute(&value, FIELDS[i].attribute, device) != cudaSuccess) value = 0;
        size_t wide = (size_t)value;
        char *field = (char *)properties + FIELDS[i].offset;
        if (FIELDS[i].size == sizeof wide) memcpy(field, &wide, sizeof wide);
        else memcpy(field, &value, sizeof value);
    }
}

EXPORT cudaError_t cudaGetDeviceProperties_v2(cudaDeviceProp *prop, int device) {
    int count;
    if (!driver_ready()) return last_error();
    if (!prop) return done(cudaErrorInvalidValue);
    cudaError_t result = driver.cuDeviceGetCount(&count);
    if (result != cudaSuccess) return done(result);
    if (device < 0 || device >= count) return done(cudaErrorInvalidDevice);
    memset(prop, 0, sizeof *prop);
    fill(prop, device);
    driver.cuDeviceGetLuid(prop->luid, &prop->luidDeviceNodeMask, device); // outside Windows there is none
    result = driver.cuDeviceGetName(prop->name, sizeof prop->name, device);
    if (result == cudaSuccess) result = driver.cuDeviceGetUuid_v2(&prop->uuid, device);
    return done(result != cudaSuccess ? result : driver.cuDeviceTotalMem_v2(&prop->totalGlobalMem, device));
}

// The device that is nearest to what is asked for: here, the first that is not below it.
EXPORT cudaError_t cudaChooseDevice(int *device, const cudaDeviceProp *prop) {
    int count;
    if (!driver_ready()) return last_error();
    if (!device || !prop) return done(cudaErrorInvalidValue);
    cudaError_t result = driver.cuDeviceGetCount(&count);
    if (result != cudaSuccess) return done(result);
    *device = 0;
    for (int i = 0; i < count; i++) {
        cudaDeviceProp found;
        result = cudaGetDeviceProperties_v2(&found, i);
        if (result != cudaSuccess) return result;
        bool newer = found.major > prop->major || (found.major == prop->major && found.minor >= prop->minor);
        if (!newer || found.totalGlobalMem < prop->totalGlobalMem) continue;
        *device = i;
        break;
    }
    return cudaSuccess;
}
