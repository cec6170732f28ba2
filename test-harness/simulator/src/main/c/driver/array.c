// array.c: see array.h.
#include "driver/array.h"

#include "driver/address.h"
#include "driver/api.h"
#include "graph/capture.h"

enum { PITCH_BYTES = 64, WIDTH_1D = 131072, WIDTH_2D = 131072, HEIGHT_2D = 65536, EXTENT_3D = 16384, EXTENT_LAYERED = 32768,
       LAYERS = 2048, CUBE_LAYERS = 2046 };

static struct pool arrays = POOL(struct array, 1 << 18);

int array_is(const void *handle) {
    return pool_has(&arrays, handle);
}

uint64_t array_element_bytes(CUarray_format format, unsigned channels) {
    if (channels != 1 && channels != 2 && channels != 4) return 0;
    switch (format) {
    case 0x01: case 0x08: return channels;                // 8 bits, unsigned and signed
    case 0x02: case 0x09: case 0x10: return channels * 2; // 16 bits, and half
    case 0x03: case 0x0a: case 0x20: return channels * 4; // 32 bits, and float
    default: return 0;
    }
}

static int within(const CUDA_ARRAY3D_DESCRIPTOR *asked, size_t width, size_t height, size_t depth) {
    return asked->Width <= width && asked->Height <= height && asked->Depth <= depth;
}

static int has_shape(const CUDA_ARRAY3D_DESCRIPTOR *asked) {
    int layered = asked->Flags & ARRAY_LAYERED;
    if (asked->Width == 0 || (layered && asked->Depth == 0)) return 0;
    if (asked->Flags & ARRAY_CUBEMAP) {
        int faces = layered ? asked->Depth % 6 == 0 : asked->Depth == 6;
        return faces && asked->Width == asked->Height && within(asked, EXTENT_LAYERED, EXTENT_LAYERED, CUBE_LAYERS);
    }
    if (asked->Flags & ARRAY_GATHER && (asked->Depth != 0 || asked->Height == 0)) return 0;
    if (layered) return within(asked, EXTENT_LAYERED, EXTENT_LAYERED, LAYERS);
    if (asked->Depth) return asked->Height && within(asked, EXTENT_3D, EXTENT_3D, EXTENT_3D);
    return asked->Height ? within(asked, WIDTH_2D, HEIGHT_2D, 0) : within(asked, WIDTH_1D, 0, 0);
}

static CUresult check(const CUDA_ARRAY3D_DESCRIPTOR *asked) {
    if (asked->Flags & ~(unsigned)ARRAY_FLAGS_KNOWN) return CUDA_ERROR_INVALID_VALUE;
    if (asked->Flags & (ARRAY_SPARSE | ARRAY_DEFERRED)) return CUDA_ERROR_NOT_SUPPORTED;
    if (!array_element_bytes(asked->Format, asked->NumChannels)) return CUDA_ERROR_INVALID_VALUE;
    return has_shape(asked) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult array_create(CUcontext context, const CUDA_ARRAY3D_DESCRIPTOR *description, CUarray *array) {
    CUresult result = check(description);
    if (result != CUDA_SUCCESS) return result;
    CUarray created = pool_take(&arrays);
    if (!created) return CUDA_ERROR_OUT_OF_MEMORY;
    created->context = context;
    created->description = *description;
    created->element_bytes = array_element_bytes(description->Format, description->NumChannels);
    created->width_bytes = description->Width * created->element_bytes;
    created->rows = description->Height ? description->Height : 1;
    created->slices = description->Depth ? description->Depth : 1;
    created->pitch = (created->width_bytes + PITCH_BYTES - 1) / PITCH_BYTES * PITCH_BYTES;
    created->slice = created->pitch * created->rows;
    created->address = device_memory_take(&context->device->memory, &context->memory, context, MEMORY_DEVICE,
                                          created->slice * created->slices);
    if (created->address) *array = created;
    else pool_put(&arrays, created);
    return created->address ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

void array_destroy(CUarray array) {
    struct allocation *allocation = arena_find(array->address);
    if (allocation) device_memory_give(&array->context->device->memory, &array->context->memory, allocation);
    pool_put(&arrays, array);
}

void arrays_release(CUcontext context) {
    CUarray array;
    textures_release(context);
    mipmaps_release(context);
    for (uint32_t i = 0; (array = pool_at(&arrays, i)); i++)
        if (array_is(array) && array->context == context) array_destroy(array);
}

CUresult array_side(CUarray array, uint64_t x_bytes, uint64_t y, uint64_t z, const struct copy *copy, struct copy_side *side) {
    if (!array_is(array)) return CUDA_ERROR_INVALID_HANDLE;
    if (x_bytes % array->element_bytes || copy->width % array->element_bytes) return CUDA_ERROR_INVALID_VALUE;
    if (x_bytes > array->width_bytes || copy->width > array->width_bytes - x_bytes) return CUDA_ERROR_INVALID_VALUE;
    if (y > array->rows || copy->height > array->rows - y) return CUDA_ERROR_INVALID_VALUE;
    if (z > array->slices || copy->depth > array->slices - z) return CUDA_ERROR_INVALID_VALUE;
    *side = (struct copy_side){SIDE_DEVICE, array->address + x_bytes + y * array->pitch + z * array->slice, array->pitch,
                               array->slice};
    return CUDA_SUCCESS;
}

static CUresult create(CUarray *array, const CUDA_ARRAY3D_DESCRIPTOR *description) {
    CUcontext context;
    CUresult result = context_current(&context);
    return result != CUDA_SUCCESS ? result : array_create(context, description, array);
}

CUresult cuArray3DCreate_v2(CUarray *pHandle, const CUDA_ARRAY3D_DESCRIPTOR *pAllocateArray) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result == CUDA_SUCCESS) result = capture_forbids();
    if (result != CUDA_SUCCESS) return result;
    return pHandle && pAllocateArray ? create(pHandle, pAllocateArray) : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuArrayCreate_v2(CUarray *pHandle, const CUDA_ARRAY_DESCRIPTOR *pAllocateArray) {
    CUDA_ARRAY3D_DESCRIPTOR whole = {0};
    if (pAllocateArray) {
        whole = (CUDA_ARRAY3D_DESCRIPTOR){.Width = pAllocateArray->Width, .Height = pAllocateArray->Height,
                                          .Format = pAllocateArray->Format, .NumChannels = pAllocateArray->NumChannels};
    }
    return cuArray3DCreate_v2(pHandle, pAllocateArray ? &whole : NULL);
}

static CUresult find(CUarray array, const void *out) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    if (!out) return CUDA_ERROR_INVALID_VALUE;
    return array_is(array) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
}

// A copy may be using it.
CUresult cuArrayDestroy(CUarray hArray) {
    CUresult result = find(hArray, hArray);
    if (result == CUDA_ERROR_INVALID_VALUE) return CUDA_ERROR_INVALID_HANDLE;
    if (result == CUDA_SUCCESS) result = capture_forbids();
    if (result != CUDA_SUCCESS) return result;
    if (hArray->mipmap) return CUDA_ERROR_INVALID_VALUE;
    result = (CUresult)queue_wait(&hArray->context->queue);
    if (result == CUDA_SUCCESS) array_destroy(hArray);
    return result;
}

CUresult cuArray3DGetDescriptor_v2(CUDA_ARRAY3D_DESCRIPTOR *pArrayDescriptor, CUarray hArray) {
    CUresult result = find(hArray, pArrayDescriptor);
    if (result == CUDA_SUCCESS) *pArrayDescriptor = hArray->description;
    return result;
}

CUresult cuArrayGetDescriptor_v2(CUDA_ARRAY_DESCRIPTOR *pArrayDescriptor, CUarray hArray) {
    CUresult result = find(hArray, pArrayDescriptor);
    if (result != CUDA_SUCCESS) return result;
    const CUDA_ARRAY3D_DESCRIPTOR *whole = &hArray->description;
    *pArrayDescriptor = (CUDA_ARRAY_DESCRIPTOR){whole->Width, whole->Height, whole->Format, whole->NumChannels};
    return CUDA_SUCCESS;
}

// These tell of sparse, deferred and multi-planar arrays, of which there are none.
CUresult cuArrayGetMemoryRequirements(CUDA_ARRAY_MEMORY_REQUIREMENTS *memoryRequirements, CUarray array, CUdevice device) {
    CUresult result = find(array, memoryRequirements);
    if (result != CUDA_SUCCESS) return result;
    return device_at(device) ? CUDA_ERROR_INVALID_VALUE : CUDA_ERROR_INVALID_DEVICE;
}

CUresult cuArrayGetSparseProperties(CUDA_ARRAY_SPARSE_PROPERTIES *sparseProperties, CUarray array) {
    CUresult result = find(array, sparseProperties);
    return result != CUDA_SUCCESS ? result : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuArrayGetPlane(CUarray *pPlaneArray, CUarray hArray, unsigned int planeIdx) {
    (void)planeIdx;
    CUresult result = find(hArray, pPlaneArray);
    return result != CUDA_SUCCESS ? result : CUDA_ERROR_INVALID_VALUE;
}
