// managed.c: hints about managed memory. It is in one place here, so they are checked, remembered for the whole allocation, and
// otherwise change nothing.
#include "driver/address.h"
#include "driver/api.h"
#include "graph/capture.h"

// CUmem_advise, CUmem_range_attribute
enum { SET_READ_MOSTLY = 1, UNSET_READ_MOSTLY, SET_PREFERRED, UNSET_PREFERRED, SET_ACCESSED_BY, UNSET_ACCESSED_BY };
enum { READ_MOSTLY = 1, PREFERRED, ACCESSED_BY, PREFETCHED, PREFERRED_TYPE, PREFERRED_ID, PREFETCHED_TYPE, PREFETCHED_ID };

static const uint32_t HOST_BIT = 1u << 31;

static CUresult find(CUdeviceptr address, size_t bytes, struct allocation **allocation) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    *allocation = arena_find(address);
    if (!*allocation || (*allocation)->arena->kind != MEMORY_MANAGED) return CUDA_ERROR_INVALID_VALUE;
    return bytes && address_host(address, bytes) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

static CUresult place_of(CUdevice device, int *place) {
    *place = device;
    return device == PLACE_HOST || device_at(device) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}

// There is one NUMA node of the host here, and it is the host.
static CUresult place_of_location(CUmemLocation location, int *place) {
    enum { LOCATION_HOST = 2, LOCATION_HOST_NUMA, LOCATION_HOST_NUMA_CURRENT };
    switch (location.type) {
    case LOCATION_DEVICE: return location.id < 0 ? CUDA_ERROR_INVALID_DEVICE : place_of(location.id, place);
    case LOCATION_HOST: case LOCATION_HOST_NUMA: case LOCATION_HOST_NUMA_CURRENT: return place_of(PLACE_HOST, place);
    default: return CUDA_ERROR_INVALID_VALUE;
    }
}

static CUresult advise(struct managed_advice *advice, CUmem_advise what, int place) {
    uint32_t bit = place == PLACE_HOST ? HOST_BIT : 1u << place;
    switch (what) {
    case SET_READ_MOSTLY: atomic_store(&advice->read_mostly, 1); break;
    case UNSET_READ_MOSTLY: atomic_store(&advice->read_mostly, 0); break;
    case SET_PREFERRED: atomic_store(&advice->preferred, place); break;
    case UNSET_PREFERRED: atomic_store(&advice->preferred, PLACE_NONE); break;
    case SET_ACCESSED_BY: atomic_fetch_or(&advice->accessed_by, bit); break;
    case UNSET_ACCESSED_BY: atomic_fetch_and(&advice->accessed_by, ~bit); break;
    default: return CUDA_ERROR_INVALID_VALUE;
    }
    return CUDA_SUCCESS;
}

// Three of them say nothing of a place, and take any.
static int has_place(CUmem_advise advice) {
    return advice == SET_PREFERRED || advice == SET_ACCESSED_BY || advice == UNSET_ACCESSED_BY;
}

CUresult cuMemAdvise(CUdeviceptr devPtr, size_t count, CUmem_advise advice, CUdevice device) {
    struct allocation *allocation;
    int place = PLACE_HOST;
    CUresult result = find(devPtr, count, &allocation);
    if (result == CUDA_SUCCESS && has_place(advice)) result = place_of(device, &place);
    return result != CUDA_SUCCESS ? result : advise(&allocation->advice, advice, place);
}

CUresult cuMemAdvise_v2(CUdeviceptr devPtr, size_t count, CUmem_advise advice, CUmemLocation location) {
    struct allocation *allocation;
    int place = PLACE_HOST;
    CUresult result = find(devPtr, count, &allocation);
    if (result == CUDA_SUCCESS && has_place(advice)) result = place_of_location(location, &place);
    return result != CUDA_SUCCESS ? result : advise(&allocation->advice, advice, place);
}

static CUresult prefetch(struct allocation *allocation, int place, CUstream handle) {
    CUcontext context;
    struct stream *stream;
    CUresult result = context_current(&context);
    if (result == CUDA_SUCCESS) result = stream_find(context, handle, &stream);
    if (result == CUDA_SUCCESS) result = capture_refuses(stream);
    if (result == CUDA_SUCCESS) atomic_store(&allocation->advice.prefetched, place);
    return result;
}

CUresult cuMemPrefetchAsync(CUdeviceptr devPtr, size_t count, CUdevice dstDevice, CUstream hStream) {
    struct allocation *allocation;
    int place;
    CUresult result = find(devPtr, count, &allocation);
    if (result == CUDA_SUCCESS) result = place_of(dstDevice, &place);
    return result != CUDA_SUCCESS ? result : prefetch(allocation, place, hStream);
}

CUresult cuMemPrefetchAsync_v2(CUdeviceptr devPtr, size_t count, CUmemLocation location, unsigned int flags,
                               CUstream hStream) {
    struct allocation *allocation;
    int place;
    CUresult result = find(devPtr, count, &allocation);
    if (result == CUDA_SUCCESS && flags) result = CUDA_ERROR_INVALID_VALUE;
    if (result == CUDA_SUCCESS) result = place_of_location(location, &place);
    return result != CUDA_SUCCESS ? result : prefetch(allocation, place, hStream);
}

// The GPUs and the host that will access it; PLACE_NONE in what is left of the room for them.
static void tell_accessed_by(int32_t *places, size_t room, uint32_t accessed_by) {
    size_t count = 0;
    for (int i = 0; i < CARDS_MAX && count < room; i++)
        if (accessed_by >> i & 1) places[count++] = i;
    if (accessed_by & HOST_BIT && count < room) places[count++] = PLACE_HOST;
    while (count < room) places[count++] = PLACE_NONE;
}

static int type_of(int place) {
    enum { TYPE_NONE = 0, TYPE_DEVICE = 1, TYPE_HOST = 2 };
    return place == PLACE_NONE ? TYPE_NONE : place == PLACE_HOST ? TYPE_HOST : TYPE_DEVICE;
}

static CUresult tell(void *data, size_t bytes, CUmem_range_attribute attribute, struct managed_advice *advice) {
    int32_t value;
    if (!data || bytes == 0 || bytes % sizeof value) return CUDA_ERROR_INVALID_VALUE;
    if (attribute == ACCESSED_BY) {
        tell_accessed_by(data, bytes / sizeof value, atomic_load(&advice->accessed_by));
        return CUDA_SUCCESS;
    }
    switch (attribute) {
    case READ_MOSTLY: value = atomic_load(&advice->read_mostly); break;
    case PREFERRED: case PREFERRED_ID: value = atomic_load(&advice->preferred); break;
    case PREFETCHED: case PREFETCHED_ID: value = atomic_load(&advice->prefetched); break;
    case PREFERRED_TYPE: value = type_of(atomic_load(&advice->preferred)); break;
    case PREFETCHED_TYPE: value = type_of(atomic_load(&advice->prefetched)); break;
    default: return CUDA_ERROR_INVALID_VALUE;
    }
    if (bytes != sizeof value) return CUDA_ERROR_INVALID_VALUE;
    *(int32_t *)data = value;
    return CUDA_SUCCESS;
}

CUresult cuMemRangeGetAttribute(void *data, size_t dataSize, CUmem_range_attribute attribute, CUdeviceptr devPtr, size_t count) {
    struct allocation *allocation;
    CUresult result = find(devPtr, count, &allocation);
    return result != CUDA_SUCCESS ? result : tell(data, dataSize, attribute, &allocation->advice);
}

CUresult cuMemRangeGetAttributes(void **data, size_t *dataSizes, CUmem_range_attribute *attributes, size_t numAttributes,
                                 CUdeviceptr devPtr, size_t count) {
    struct allocation *allocation;
    CUresult result = find(devPtr, count, &allocation);
    if (result == CUDA_SUCCESS && (!data || !dataSizes || !attributes || !numAttributes)) result = CUDA_ERROR_INVALID_VALUE;
    for (size_t i = 0; i < numAttributes && result == CUDA_SUCCESS; i++)
        result = tell(data[i], dataSizes[i], attributes[i], &allocation->advice);
    return result;
}

CUresult cuStreamAttachMemAsync(CUstream hStream, CUdeviceptr dptr, size_t length, unsigned int flags) {
    struct stream *stream;
    CUcontext context;
    struct allocation *allocation;
    CUresult result = find(dptr, length ? length : 1, &allocation);
    if (result == CUDA_SUCCESS) result = context_current(&context);
    if (result == CUDA_SUCCESS) result = stream_find(context, hStream, &stream);
    if (result == CUDA_SUCCESS) result = capture_refuses(stream);
    if (result != CUDA_SUCCESS) return result;
    if (length && (dptr != atomic_load(&allocation->base) || length != atomic_load(&allocation->bytes)))
        return CUDA_ERROR_INVALID_VALUE; // all of it or nothing
    enum { ATTACH_GLOBAL = 1, ATTACH_HOST = 2, ATTACH_SINGLE = 4 };
    if (flags == ATTACH_SINGLE) return hStream ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
    return flags == ATTACH_GLOBAL || flags == ATTACH_HOST ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}
