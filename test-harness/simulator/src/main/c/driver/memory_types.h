// memory_types.h: the types of pools, of virtual memory, of memory between processes and of arrays. Part of cuda_types.h.
#ifndef SLUICE_SIM_MEMORY_TYPES_H
#define SLUICE_SIM_MEMORY_TYPES_H

#include <stddef.h>
#include <stdint.h>

// CUmemLocationType, CUmemAllocationType, CUmemAllocationHandleType, CUmemAccess_flags
enum { LOCATION_DEVICE = 1, ALLOCATION_PINNED = 1, HANDLE_NONE = 0, HANDLE_POSIX_FD = 1, ACCESS_NONE = 0, ACCESS_READ = 1, ACCESS_READ_WRITE = 3 };

typedef int CUmemAccess_flags, CUmemPool_attribute, CUmemAllocationHandleType, CUmemAllocationGranularity_flags;
typedef int CUmem_range_attribute, CUmemRangeHandleType, CUarray_format;
typedef uint64_t CUmemGenericAllocationHandle, CUtexObject, CUsurfObject;
typedef struct mipmapped_array *CUmipmappedArray;

typedef struct { int type, id; } CUmemLocation;
typedef struct { CUmemLocation location; CUmemAccess_flags flags; } CUmemAccessDesc;

typedef struct {
    int allocType;
    CUmemAllocationHandleType handleTypes;
    CUmemLocation location;
    void *win32SecurityAttributes;
    size_t maxSize;
    unsigned char reserved[56];
} CUmemPoolProps;

typedef struct { unsigned char reserved[64]; } CUmemPoolPtrExportData;

typedef struct {
    int type;
    CUmemAllocationHandleType requestedHandleTypes;
    CUmemLocation location;
    void *win32HandleMetaData;
    struct { unsigned char compressionType, gpuDirectRDMACapable; unsigned short usage; unsigned char reserved[4]; } allocFlags;
} CUmemAllocationProp;

typedef struct { char reserved[64]; } CUipcMemHandle;
typedef struct { char reserved[64]; } CUipcEventHandle;

typedef struct { size_t Width, Height; CUarray_format Format; unsigned int NumChannels; } CUDA_ARRAY_DESCRIPTOR;
typedef struct { unsigned int Width, Height; CUarray_format Format; unsigned int NumChannels; } CUDA_ARRAY_DESCRIPTOR_v1;
typedef struct { size_t Width, Height, Depth; CUarray_format Format; unsigned int NumChannels, Flags; } CUDA_ARRAY3D_DESCRIPTOR;
typedef struct {
    unsigned int Width, Height, Depth;
    CUarray_format Format;
    unsigned int NumChannels, Flags;
} CUDA_ARRAY3D_DESCRIPTOR_v1;
typedef struct { size_t size, alignment; unsigned int reserved[4]; } CUDA_ARRAY_MEMORY_REQUIREMENTS;
typedef struct {
    struct { unsigned int width, height, depth; } tileExtent;
    unsigned int miptailFirstLevel;
    unsigned long long miptailSize;
    unsigned int flags, reserved[4];
} CUDA_ARRAY_SPARSE_PROPERTIES;

#endif
