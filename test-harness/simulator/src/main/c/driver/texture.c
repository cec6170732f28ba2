// texture.c: texture and surface objects. They can be made and asked; kernels here have no instruction that uses one.
#include "driver/address.h"
#include "driver/api.h"
#include "driver/array.h"

enum { RESOURCE_ARRAY, RESOURCE_MIPMAP, RESOURCE_LINEAR, RESOURCE_PITCH2D };
enum { ADDRESS_ALIGNMENT = 512, PITCH_ALIGNMENT = 32, LINEAR_ELEMENTS = 1 << 28, PITCH2D_WIDTH = 131072, PITCH2D_HEIGHT = 65000 };

struct object {
    struct pooled pooled;
    CUcontext context;
    int surface, has_view;
    CUDA_RESOURCE_DESC resource;
    CUDA_TEXTURE_DESC texture;
    CUDA_RESOURCE_VIEW_DESC view;
};

static struct pool objects = POOL(struct object, 1 << 18);

static CUresult check_linear(const CUDA_RESOURCE_DESC *resource) {
    uint64_t element = array_element_bytes(resource->res.linear.format, resource->res.linear.numChannels);
    uint64_t address = resource->res.linear.devPtr, bytes = resource->res.linear.sizeInBytes;
    if (!element || bytes == 0 || bytes / element > LINEAR_ELEMENTS || address % ADDRESS_ALIGNMENT) return CUDA_ERROR_INVALID_VALUE;
    return address_host(address, bytes) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

static CUresult check_pitch2d(const CUDA_RESOURCE_DESC *resource) {
    uint64_t element = array_element_bytes(resource->res.pitch2D.format, resource->res.pitch2D.numChannels);
    uint64_t width = resource->res.pitch2D.width, height = resource->res.pitch2D.height;
    uint64_t pitch = resource->res.pitch2D.pitchInBytes, address = resource->res.pitch2D.devPtr;
    if (!element || !width || !height || width > PITCH2D_WIDTH || height > PITCH2D_HEIGHT) return CUDA_ERROR_INVALID_VALUE;
    if (pitch < width * element || pitch > UINT32_MAX || pitch % PITCH_ALIGNMENT || address % ADDRESS_ALIGNMENT)
        return CUDA_ERROR_INVALID_VALUE;
    return address_host(address, (height - 1) * pitch + width * element) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

static CUresult check_resource(const CUDA_RESOURCE_DESC *resource) {
    if (resource->flags) return CUDA_ERROR_INVALID_VALUE;
    switch (resource->resType) {
    case RESOURCE_ARRAY: return array_is(resource->res.array) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
    case RESOURCE_MIPMAP: return mipmapped_is(resource->res.mipmap) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
    case RESOURCE_LINEAR: return check_linear(resource);
    case RESOURCE_PITCH2D: return check_pitch2d(resource);
    default: return CUDA_ERROR_INVALID_VALUE;
    }
}

static int texture_is_known(const CUDA_TEXTURE_DESC *texture) {
    enum { ADDRESS_MODES = 4, FILTER_MODES = 2, FLAGS_KNOWN = 0x73 };
    for (int i = 0; i < 3; i++)
        if (texture->addressMode[i] < 0 || texture->addressMode[i] >= ADDRESS_MODES) return 0;
    return texture->filterMode >= 0 && texture->filterMode < FILTER_MODES && texture->mipmapFilterMode >= 0
           && texture->mipmapFilterMode < FILTER_MODES && !(texture->flags & ~(unsigned)FLAGS_KNOWN);
}

static CUresult create(const struct object *wanted, uint64_t *handle) {
    struct object *object = pool_take(&objects);
    if (!object) return CUDA_ERROR_OUT_OF_MEMORY;
    object->context = wanted->context;
    object->surface = wanted->surface;
    object->has_view = wanted->has_view;
    object->resource = wanted->resource;
    object->texture = wanted->texture;
    object->view = wanted->view;
    *handle = (uintptr_t)object;
    return CUDA_SUCCESS;
}

CUresult cuTexObjectCreate(CUtexObject *pTexObject, const CUDA_RESOURCE_DESC *pResDesc, const CUDA_TEXTURE_DESC *pTexDesc,
                           const CUDA_RESOURCE_VIEW_DESC *pResViewDesc) {
    struct object wanted = {.has_view = pResViewDesc != NULL};
    CUresult result = context_current(&wanted.context);
    if (result != CUDA_SUCCESS) return result;
    if (!pTexObject || !pResDesc || !pTexDesc || !texture_is_known(pTexDesc)) return CUDA_ERROR_INVALID_VALUE;
    result = check_resource(pResDesc);
    if (result != CUDA_SUCCESS) return result;
    // Linear memory has no views.
    if (pResViewDesc && pResDesc->resType >= RESOURCE_LINEAR) return CUDA_ERROR_INVALID_VALUE;
    wanted.resource = *pResDesc;
    wanted.texture = *pTexDesc;
    if (pResViewDesc) wanted.view = *pResViewDesc;
    return create(&wanted, pTexObject);
}

CUresult cuSurfObjectCreate(CUsurfObject *pSurfObject, const CUDA_RESOURCE_DESC *pResDesc) {
    struct object wanted = {.surface = 1};
    CUresult result = context_current(&wanted.context);
    if (result != CUDA_SUCCESS) return result;
    if (!pSurfObject || !pResDesc || pResDesc->resType != RESOURCE_ARRAY) return CUDA_ERROR_INVALID_VALUE;
    result = check_resource(pResDesc);
    if (result != CUDA_SUCCESS) return result;
    if (!(pResDesc->res.array->description.Flags & ARRAY_SURFACE)) return CUDA_ERROR_INVALID_VALUE;
    wanted.resource = *pResDesc;
    return create(&wanted, pSurfObject);
}

static CUresult find(uint64_t handle, int surface, struct object **object) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    *object = (struct object *)(uintptr_t)handle;
    return pool_has(&objects, *object) && (*object)->surface == surface ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

static CUresult destroy(uint64_t handle, int surface) {
    struct object *object;
    CUresult result = find(handle, surface, &object);
    if (result == CUDA_SUCCESS) pool_put(&objects, object);
    return result;
}

CUresult cuTexObjectDestroy(CUtexObject texObject) {
    return destroy(texObject, 0);
}

CUresult cuSurfObjectDestroy(CUsurfObject surfObject) {
    return destroy(surfObject, 1);
}

static CUresult tell_resource(CUDA_RESOURCE_DESC *description, uint64_t handle, int surface) {
    struct object *object;
    CUresult result = find(handle, surface, &object);
    if (result != CUDA_SUCCESS) return result;
    if (!description) return CUDA_ERROR_INVALID_VALUE;
    *description = object->resource;
    return CUDA_SUCCESS;
}

CUresult cuTexObjectGetResourceDesc(CUDA_RESOURCE_DESC *pResDesc, CUtexObject texObject) {
    return tell_resource(pResDesc, texObject, 0);
}

CUresult cuSurfObjectGetResourceDesc(CUDA_RESOURCE_DESC *pResDesc, CUsurfObject surfObject) {
    return tell_resource(pResDesc, surfObject, 1);
}

CUresult cuTexObjectGetTextureDesc(CUDA_TEXTURE_DESC *pTexDesc, CUtexObject texObject) {
    struct object *object;
    CUresult result = find(texObject, 0, &object);
    if (result != CUDA_SUCCESS) return result;
    if (!pTexDesc) return CUDA_ERROR_INVALID_VALUE;
    *pTexDesc = object->texture;
    return CUDA_SUCCESS;
}

CUresult cuTexObjectGetResourceViewDesc(CUDA_RESOURCE_VIEW_DESC *pResViewDesc, CUtexObject texObject) {
    struct object *object;
    CUresult result = find(texObject, 0, &object);
    if (result != CUDA_SUCCESS) return result;
    if (!pResViewDesc || !object->has_view) return CUDA_ERROR_INVALID_VALUE;
    *pResViewDesc = object->view;
    return CUDA_SUCCESS;
}

void textures_release(CUcontext context) {
    struct object *object;
    for (uint32_t i = 0; (object = pool_at(&objects, i)); i++)
        if (pool_has(&objects, object) && object->context == context) pool_put(&objects, object);
}
