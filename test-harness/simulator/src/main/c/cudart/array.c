// array.c: arrays and their element formats. Whether there are any is the driver's to say.
#include "cudart/runtime.h"

enum { CHANNEL_SIGNED, CHANNEL_UNSIGNED, CHANNEL_FLOAT };

static cudaError_t format_of(const cudaChannelFormatDesc *desc, int *format, unsigned *channels) {
    int bits = desc->x;
    *channels = 1u + (desc->y != 0) + (desc->z != 0) + (desc->w != 0);
    bool alike = (!desc->y || desc->y == bits) && (!desc->z || desc->z == bits) && (!desc->w || desc->w == bits);
    if (!alike || *channels == 3 || (bits != 8 && bits != 16 && bits != 32)) return cudaErrorInvalidValue;
    int size = bits == 8 ? 0 : bits == 16 ? 1 : 2;
    if (desc->f == CHANNEL_UNSIGNED) *format = 1 + size;
    else if (desc->f == CHANNEL_SIGNED) *format = 8 + size;
    else if (desc->f == CHANNEL_FLOAT && bits >= 16) *format = bits == 16 ? 0x10 : 0x20;
    else return cudaErrorInvalidValue;
    return cudaSuccess;
}

static cudaError_t describe(const cudaChannelFormatDesc *desc, cudaExtent extent, unsigned flags,
                            CUDA_ARRAY3D_DESCRIPTOR *descriptor) {
    if (!desc) return cudaErrorInvalidValue;
    *descriptor = (CUDA_ARRAY3D_DESCRIPTOR){.width = extent.width, .height = extent.height, .depth = extent.depth,
                                            .flags = flags};
    return format_of(desc, &descriptor->format, &descriptor->channels);
}

EXPORT cudaError_t cudaMalloc3DArray(cudaArray_t *array, const cudaChannelFormatDesc *desc, cudaExtent extent,
                                     unsigned flags) {
    CUDA_ARRAY3D_DESCRIPTOR descriptor;
    if (!ready()) return last_error();
    cudaError_t result = describe(desc, extent, flags, &descriptor);
    return done(result != cudaSuccess ? result : driver.cuArray3DCreate_v2(array, &descriptor));
}

EXPORT cudaError_t cudaMallocArray(cudaArray_t *array, const cudaChannelFormatDesc *desc, size_t width, size_t height,
                                   unsigned flags) {
    return cudaMalloc3DArray(array, desc, (cudaExtent){width, height, 0}, flags);
}

EXPORT cudaError_t cudaMallocMipmappedArray(cudaMipmappedArray_t *array, const cudaChannelFormatDesc *desc,
                                            cudaExtent extent, unsigned levels, unsigned flags) {
    CUDA_ARRAY3D_DESCRIPTOR descriptor;
    if (!ready()) return last_error();
    cudaError_t result = describe(desc, extent, flags, &descriptor);
    return done(result != cudaSuccess ? result : driver.cuMipmappedArrayCreate(array, &descriptor, levels));
}

EXPORT cudaError_t cudaFreeArray(cudaArray_t array) {
    if (!ready()) return last_error();
    return array ? done(driver.cuArrayDestroy(array)) : cudaSuccess;
}

EXPORT cudaError_t cudaFreeMipmappedArray(cudaMipmappedArray_t array) {
    if (!ready()) return last_error();
    return array ? done(driver.cuMipmappedArrayDestroy(array)) : cudaSuccess;
}

static cudaChannelFormatDesc channels_of(const CUDA_ARRAY3D_DESCRIPTOR *descriptor) {
    int format = descriptor->format;
    int bits = format == 0x20 ? 32 : format == 0x10 ? 16 : 8 << ((format & 3) - (format < 8 ? 1 : 0));
    int kind = format >= 0x10 ? CHANNEL_FLOAT : format >= 8 ? CHANNEL_SIGNED : CHANNEL_UNSIGNED;
    unsigned count = descriptor->channels;
    return (cudaChannelFormatDesc){bits, count > 1 ? bits : 0, count > 2 ? bits : 0, count > 3 ? bits : 0, kind};
}

EXPORT cudaError_t cudaArrayGetInfo(cudaChannelFormatDesc *desc, cudaExtent *extent, unsigned *flags, cudaArray_t array) {
    CUDA_ARRAY3D_DESCRIPTOR descriptor;
    if (!ready()) return last_error();
    cudaError_t result = driver.cuArray3DGetDescriptor_v2(&descriptor, array);
    if (result != cudaSuccess) return done(result);
    if (desc) *desc = channels_of(&descriptor);
    if (extent) *extent = (cudaExtent){descriptor.width, descriptor.height, descriptor.depth};
    if (flags) *flags = descriptor.flags;
    return cudaSuccess;
}

EXPORT cudaError_t cudaGetChannelDesc(cudaChannelFormatDesc *desc, cudaArray_t array) {
    return desc ? cudaArrayGetInfo(desc, NULL, NULL, array) : done(cudaErrorInvalidValue);
}

EXPORT cudaChannelFormatDesc cudaCreateChannelDesc(int x, int y, int z, int w, int f) {
    return (cudaChannelFormatDesc){x, y, z, w, f};
}

EXPORT cudaError_t cudaDeviceGetTexture1DLinearMaxWidth(size_t *width, const cudaChannelFormatDesc *desc, int device) {
    int format;
    unsigned channels;
    if (!driver_ready()) return last_error();
    if (!width || !desc) return done(cudaErrorInvalidValue);
    cudaError_t result = format_of(desc, &format, &channels);
    if (result != cudaSuccess) return done(result);
    return done(driver.cuDeviceGetTexture1DLinearMaxWidth(width, format, channels, device));
}
