// arrays.c: CUDA arrays and mipmapped arrays. What they take is computed from their description, since the driver tells it of
// no array that it has backed itself (CUDA driver API, cuArrayGetMemoryRequirements).
#include "charge.h"
#include "cuda_result.h"
#include "refused.h"

// CUDA_ARRAY_DESCRIPTOR and CUDA_ARRAY3D_DESCRIPTOR (CUDA driver API, "Data types"), and their forms of before CUDA 3.2.
struct description {
    size_t width, height;
    int format;
    unsigned channels;
};
struct description_v1 {
    unsigned width, height;
    int format;
    unsigned channels;
};
struct description_3d {
    size_t width, height, depth;
    int format;
    unsigned channels, flags;
};
struct description_3d_v1 {
    unsigned width, height, depth;
    int format;
    unsigned channels, flags;
};

enum {
    FLAG_LAYERED = 0x01,
    FLAG_CUBEMAP = 0x04,
    FLAG_SPARSE = 0x40,
    FLAG_DEFERRED_MAPPING = 0x80,
};

static uint64_t bytes_of(struct description_3d array, unsigned levels);
static uint64_t level_bytes(const struct description_3d *array);
static CUresult create(unsigned function, const struct description_3d *array, unsigned levels, struct sluice_asking *asking);

CUresult sluice_hook_cuArrayCreate_v2(void *pHandle, const void *pAllocateArray) {
    const struct description *asked = pAllocateArray;
    struct sluice_asking asking;
    if (!pHandle || !asked) {
        return sluice_real_cuArrayCreate_v2(pHandle, asked); // the driver refuses these in its own words
    }
    struct description_3d array = {asked->width, asked->height, 0, asked->format, asked->channels, 0};
    CUresult result = create(SLUICE_FN_cuArrayCreate_v2, &array, 1, &asking);
    if (result != CUDA_SUCCESS) {
        return result;
    }
    do {
        result = sluice_real_cuArrayCreate_v2(pHandle, asked);
    } while (sluice_charge_again(&asking, result));
    return sluice_charge_settle(&asking, result, *(uint64_t *)pHandle);
}

CUresult sluice_hook_cuArrayCreate(void *pHandle, const void *pAllocateArray) {
    const struct description_v1 *asked = pAllocateArray;
    struct sluice_asking asking;
    if (!pHandle || !asked) {
        return sluice_real_cuArrayCreate(pHandle, asked);
    }
    struct description_3d array = {asked->width, asked->height, 0, asked->format, asked->channels, 0};
    CUresult result = create(SLUICE_FN_cuArrayCreate, &array, 1, &asking);
    if (result != CUDA_SUCCESS) {
        return result;
    }
    do {
        result = sluice_real_cuArrayCreate(pHandle, asked);
    } while (sluice_charge_again(&asking, result));
    return sluice_charge_settle(&asking, result, *(uint64_t *)pHandle);
}

CUresult sluice_hook_cuArray3DCreate_v2(void *pHandle, const void *pAllocateArray) {
    struct sluice_asking asking;
    if (!pHandle || !pAllocateArray) {
        return sluice_real_cuArray3DCreate_v2(pHandle, pAllocateArray);
    }
    CUresult result = create(SLUICE_FN_cuArray3DCreate_v2, pAllocateArray, 1, &asking);
    if (result != CUDA_SUCCESS) {
        return result;
    }
    do {
        result = sluice_real_cuArray3DCreate_v2(pHandle, pAllocateArray);
    } while (sluice_charge_again(&asking, result));
    return sluice_charge_settle(&asking, result, *(uint64_t *)pHandle);
}

CUresult sluice_hook_cuArray3DCreate(void *pHandle, const void *pAllocateArray) {
    const struct description_3d_v1 *asked = pAllocateArray;
    struct sluice_asking asking;
    if (!pHandle || !asked) {
        return sluice_real_cuArray3DCreate(pHandle, asked);
    }
    struct description_3d array = {asked->width, asked->height, asked->depth, asked->format, asked->channels, asked->flags};
    CUresult result = create(SLUICE_FN_cuArray3DCreate, &array, 1, &asking);
    if (result != CUDA_SUCCESS) {
        return result;
    }
    do {
        result = sluice_real_cuArray3DCreate(pHandle, asked);
    } while (sluice_charge_again(&asking, result));
    return sluice_charge_settle(&asking, result, *(uint64_t *)pHandle);
}

CUresult sluice_hook_cuMipmappedArrayCreate(void *pHandle, const void *pMipmappedArrayDesc, unsigned int numMipmapLevels) {
    struct sluice_asking asking;
    if (!pHandle || !pMipmappedArrayDesc) {
        return sluice_real_cuMipmappedArrayCreate(pHandle, pMipmappedArrayDesc, numMipmapLevels);
    }
    CUresult result = create(SLUICE_FN_cuMipmappedArrayCreate, pMipmappedArrayDesc, numMipmapLevels, &asking);
    if (result != CUDA_SUCCESS) {
        return result;
    }
    do {
        result = sluice_real_cuMipmappedArrayCreate(pHandle, pMipmappedArrayDesc, numMipmapLevels);
    } while (sluice_charge_again(&asking, result));
    return sluice_charge_settle(&asking, result, *(uint64_t *)pHandle);
}

CUresult sluice_hook_cuArrayDestroy(void *hArray) {
    struct sluice_allocation freed;
    sluice_pointer_map_take((uint64_t)(uintptr_t)hArray, &freed);
    return sluice_charge_freed(&freed, sluice_real_cuArrayDestroy(hArray));
}

CUresult sluice_hook_cuMipmappedArrayDestroy(void *hMipmappedArray) {
    struct sluice_allocation freed;
    sluice_pointer_map_take((uint64_t)(uintptr_t)hMipmappedArray, &freed);
    return sluice_charge_freed(&freed, sluice_real_cuMipmappedArrayDestroy(hMipmappedArray));
}

// An array whose memory is mapped into it later is refused: which memory that holds cannot be told yet.
static CUresult create(unsigned function, const struct description_3d *array, unsigned levels, struct sluice_asking *asking) {
    if (array->flags & (FLAG_SPARSE | FLAG_DEFERRED_MAPPING) && sluice_refuses(function)) {
        return CUDA_ERROR_NOT_SUPPORTED;
    }
    return sluice_charge_begin(asking, sluice_functions[function].name, bytes_of(*array, levels), SLUICE_KIND_ARRAY);
}

static inline size_t half(size_t extent) {
    return extent > 1 ? extent / 2 : extent;
}

// Each level has half the extent of the one before, but no fewer layers. UINT64_MAX where that overflows.
static uint64_t bytes_of(struct description_3d array, unsigned levels) {
    enum { MOST_LEVELS = 64 }; // more than any extent can be halved
    uint64_t sum = 0;
    for (unsigned level = 0; level < levels && level < MOST_LEVELS; level++) {
        if (__builtin_add_overflow(sum, level_bytes(&array), &sum)) {
            return UINT64_MAX;
        }
        array.width = half(array.width);
        array.height = half(array.height);
        array.depth = array.flags & (FLAG_LAYERED | FLAG_CUBEMAP) ? array.depth : half(array.depth);
    }
    return sum ? sluice_charge_rounded(sum) : SLUICE_LINEAR_GRANULARITY;
}

// Of 4 x 4 elements for the block-compressed formats, twice that of one for the planar ones, which have 1.5 or 3 bytes: CUarray_format
// (CUDA driver API, "Data types"). An unknown format counts as the widest.
static uint64_t element_half_bytes(int format, unsigned channels) {
    switch (format) {
    case 0x01: case 0x08: return 2ull * channels;             // 8 bits a channel
    case 0x02: case 0x09: case 0x10: return 4ull * channels;  // 16 bits, half
    case 0x03: case 0x0a: case 0x20: return 8ull * channels;  // 32 bits, float
    case 0xb0: return 3;                                      // NV12
    case 0xc0: case 0xc6: return 2;                           // normalized, 8 bits x 1, 2, 4
    case 0xc1: case 0xc7: return 4;
    case 0xc2: case 0xc8: return 8;
    case 0xc3: case 0xc9: return 4; // normalized, 16 bits x 1, 2, 4
    case 0xc4: case 0xca: return 8;
    case 0xc5: case 0xcb: return 16;
    default: return 32;
    }
}

// Half bytes of a block of 4 x 4 elements, 0 for a format without blocks: BC1 and BC4 have 8 bytes, BC2, BC3, BC5 to BC7 16.
static uint64_t block_half_bytes(int format) {
    int first = 0x91, last = 0x9e; // BC1 to BC7_SRGB
    int small = format == 0x91 || format == 0x92 || format == 0x97 || format == 0x98;
    return format < first || format > last ? 0 : small ? 16 : 32;
}

static uint64_t level_bytes(const struct description_3d *array) {
    uint64_t width = array->width ? array->width : 1, height = array->height ? array->height : 1, depth = array->depth ? array->depth : 1;
    uint64_t unit = block_half_bytes(array->format), bytes;
    if (unit) {
        width = (width - 1) / 4 + 1;
        height = (height - 1) / 4 + 1;
    } else {
        unit = element_half_bytes(array->format, array->channels);
    }
    if (__builtin_mul_overflow(width, height, &bytes) || __builtin_mul_overflow(bytes, depth, &bytes) || __builtin_mul_overflow(bytes, unit, &bytes)) {
        return UINT64_MAX;
    }
    return bytes / 2 + bytes % 2;
}
