// array.h: CUDA arrays. Their layout is ours: rows from pitch to pitch, slices (or layers) behind each other.
#ifndef SLUICE_SIM_ARRAY_H
#define SLUICE_SIM_ARRAY_H

#include "driver/context.h"
#include "driver/copy.h"

// CUDA_ARRAY3D_*
enum {
    ARRAY_LAYERED = 1, ARRAY_SURFACE = 2, ARRAY_CUBEMAP = 4, ARRAY_GATHER = 8, ARRAY_DEPTH = 0x10, ARRAY_COLOR = 0x20,
    ARRAY_SPARSE = 0x40, ARRAY_DEFERRED = 0x80, ARRAY_FLAGS_KNOWN = 0xff
};

struct array {
    struct pooled pooled;
    CUcontext context;
    CUDA_ARRAY3D_DESCRIPTOR description;
    uint64_t address, element_bytes, width_bytes, rows, slices, pitch, slice;
    CUmipmappedArray mipmap; // whose level it is
};

int array_is(const void *handle);
int mipmapped_is(const void *handle);
CUresult array_create(CUcontext context, const CUDA_ARRAY3D_DESCRIPTOR *description, CUarray *array);
void array_destroy(CUarray array);
// Bytes of an element of this format with so many channels; 0 for none that is known.
uint64_t array_element_bytes(CUarray_format format, unsigned channels);
// Where a copy of width x height x depth begins in it. CUDA_ERROR_INVALID_VALUE if it does not lie in the array.
CUresult array_side(CUarray array, uint64_t x_bytes, uint64_t y, uint64_t z, const struct copy *copy, struct copy_side *side);
void arrays_release(CUcontext context);
void mipmaps_release(CUcontext context);
void textures_release(CUcontext context);

#endif
