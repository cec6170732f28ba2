// mipmap.c: mipmapped arrays: each level is an array, which belongs to them.
#include "driver/api.h"
#include "driver/array.h"
#include "graph/capture.h"

enum { LEVELS_MAX = 32 };

struct mipmapped_array {
    struct pooled pooled;
    CUcontext context;
    unsigned levels;
    CUarray level[LEVELS_MAX];
};

static struct pool mipmaps = POOL(struct mipmapped_array, 1 << 16);

int mipmapped_is(const void *handle) {
    return pool_has(&mipmaps, handle);
}

static void destroy(CUmipmappedArray mipmap) {
    for (unsigned i = 0; i < mipmap->levels; i++) array_destroy(mipmap->level[i]);
    pool_put(&mipmaps, mipmap);
}

void mipmaps_release(CUcontext context) {
    CUmipmappedArray mipmap;
    for (uint32_t i = 0; (mipmap = pool_at(&mipmaps, i)); i++)
        if (mipmapped_is(mipmap) && mipmap->context == context) destroy(mipmap);
}

static size_t shrink(size_t extent, unsigned level) {
    if (extent == 0) return 0;
    return extent >> level ? extent >> level : 1;
}

// Layers are not halved.
static CUDA_ARRAY3D_DESCRIPTOR at_level(const CUDA_ARRAY3D_DESCRIPTOR *whole, unsigned level) {
    CUDA_ARRAY3D_DESCRIPTOR part = *whole;
    part.Width = shrink(whole->Width, level);
    part.Height = shrink(whole->Height, level);
    if (!(whole->Flags & (ARRAY_LAYERED | ARRAY_CUBEMAP))) part.Depth = shrink(whole->Depth, level);
    return part;
}

static unsigned levels_of(const CUDA_ARRAY3D_DESCRIPTOR *whole, unsigned asked) {
    size_t extent = whole->Width > whole->Height ? whole->Width : whole->Height;
    if (!(whole->Flags & (ARRAY_LAYERED | ARRAY_CUBEMAP)) && whole->Depth > extent) extent = whole->Depth;
    unsigned most = 1;
    while (most < LEVELS_MAX && extent >> most) most++;
    return asked == 0 ? 1 : asked < most ? asked : most;
}

CUresult cuMipmappedArrayCreate(CUmipmappedArray *pHandle, const CUDA_ARRAY3D_DESCRIPTOR *pMipmappedArrayDesc,
                                unsigned int numMipmapLevels) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result == CUDA_SUCCESS) result = capture_forbids();
    if (result != CUDA_SUCCESS) return result;
    if (!pHandle || !pMipmappedArrayDesc) return CUDA_ERROR_INVALID_VALUE;
    CUmipmappedArray mipmap = pool_take(&mipmaps);
    if (!mipmap) return CUDA_ERROR_OUT_OF_MEMORY;
    mipmap->context = context;
    unsigned levels = levels_of(pMipmappedArrayDesc, numMipmapLevels);
    while (mipmap->levels < levels && result == CUDA_SUCCESS) {
        CUDA_ARRAY3D_DESCRIPTOR part = at_level(pMipmappedArrayDesc, mipmap->levels);
        result = array_create(context, &part, &mipmap->level[mipmap->levels]);
        if (result == CUDA_SUCCESS) mipmap->level[mipmap->levels++]->mipmap = mipmap;
    }
    if (result == CUDA_SUCCESS) *pHandle = mipmap;
    else destroy(mipmap);
    return result;
}

static CUresult find(CUmipmappedArray mipmap) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    return mipmapped_is(mipmap) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
}

CUresult cuMipmappedArrayGetLevel(CUarray *pLevelArray, CUmipmappedArray hMipmappedArray, unsigned int level) {
    CUresult result = find(hMipmappedArray);
    if (result != CUDA_SUCCESS) return result;
    if (!pLevelArray || level >= hMipmappedArray->levels) return CUDA_ERROR_INVALID_VALUE;
    *pLevelArray = hMipmappedArray->level[level];
    return CUDA_SUCCESS;
}

CUresult cuMipmappedArrayDestroy(CUmipmappedArray hMipmappedArray) {
    CUresult result = find(hMipmappedArray);
    if (result == CUDA_SUCCESS) result = capture_forbids();
    if (result == CUDA_SUCCESS) result = (CUresult)queue_wait(&hMipmappedArray->context->queue);
    if (result == CUDA_SUCCESS) destroy(hMipmappedArray);
    return result;
}

// Neither deferred nor sparse arrays exist, see array.c.
CUresult cuMipmappedArrayGetMemoryRequirements(CUDA_ARRAY_MEMORY_REQUIREMENTS *memoryRequirements, CUmipmappedArray mipmap,
                                               CUdevice device) {
    CUresult result = find(mipmap);
    if (result != CUDA_SUCCESS) return result;
    return memoryRequirements && !device_at(device) ? CUDA_ERROR_INVALID_DEVICE : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuMipmappedArrayGetSparseProperties(CUDA_ARRAY_SPARSE_PROPERTIES *sparseProperties, CUmipmappedArray mipmap) {
    (void)sparseProperties;
    CUresult result = find(mipmap);
    return result != CUDA_SUCCESS ? result : CUDA_ERROR_INVALID_VALUE;
}
