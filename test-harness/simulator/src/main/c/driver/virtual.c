// virtual.c: addresses that the application reserves, and memory that it maps there. A GPU reaches a mapping only once it was
// given access.
#include "driver/address.h"
#include "driver/api.h"
#include "driver/physical.h"
#include "memory/mapped.h"

// Reserving and mapping need no context, but are not for host functions of a stream.
static CUresult check(uint64_t bytes, unsigned long long flags) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    if (queue_inside()) return CUDA_ERROR_NOT_PERMITTED;
    return bytes == 0 || bytes % BLOCK_BYTES || flags ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
}

static CUresult result_of(enum mapped_result result) {
    switch (result) {
    case MAPPED_DONE: return CUDA_SUCCESS;
    case MAPPED_NO_MEMORY: return CUDA_ERROR_OUT_OF_MEMORY;
    default: return CUDA_ERROR_INVALID_VALUE;
    }
}

CUresult cuMemAddressReserve(CUdeviceptr *ptr, size_t size, size_t alignment, CUdeviceptr addr, unsigned long long flags) {
    CUresult result = check(size, flags);
    if (result != CUDA_SUCCESS) return result;
    if (!ptr || (alignment & (alignment - 1))) return CUDA_ERROR_INVALID_VALUE;
    uint64_t address = mapped_reserve(size, alignment > BLOCK_BYTES ? alignment : BLOCK_BYTES, addr);
    if (!address) return CUDA_ERROR_OUT_OF_MEMORY;
    *ptr = address;
    return CUDA_SUCCESS;
}

CUresult cuMemAddressFree(CUdeviceptr ptr, size_t size) {
    CUresult result = check(size, 0);
    return result != CUDA_SUCCESS ? result : result_of(mapped_release(ptr, size));
}

CUresult cuMemMap(CUdeviceptr ptr, size_t size, size_t offset, CUmemGenericAllocationHandle handle, unsigned long long flags) {
    CUresult result = check(size, flags);
    if (result != CUDA_SUCCESS) return result;
    struct physical *physical = physical_of(handle);
    if (!physical || offset || size > physical->bytes || ptr % BLOCK_BYTES) return CUDA_ERROR_INVALID_VALUE;
    physical_retain(physical, 0, 1);
    result = result_of(mapped_map(ptr, size, physical->fd, physical->offset, physical));
    if (result != CUDA_SUCCESS) physical_release(physical, 0, 1);
    return result;
}

// What is queued may use it: it is waited for.
CUresult cuMemUnmap(CUdeviceptr ptr, size_t size) {
    CUresult result = check(size, 0);
    if (result != CUDA_SUCCESS) return result;
    if (!mapped_is_whole(ptr, size)) return CUDA_ERROR_INVALID_VALUE;
    contexts_wait(NULL);
    for (uint64_t at = ptr, bytes; at < ptr + size; at += bytes) {
        struct allocation *mapping = arena_find(at);
        // What has an owner is memory of another process, which is closed by other means.
        if (!mapping || atomic_load(&mapping->owner) || !allocation_claim(mapping)) return CUDA_ERROR_INVALID_VALUE;
        struct physical *physical = mapping->source;
        bytes = atomic_load(&mapping->bytes);
        mapped_unmap(mapping);
        physical_release(physical, 0, 1);
    }
    return CUDA_SUCCESS;
}

static CUresult check_access(const CUmemAccessDesc *access, uint32_t *give, uint32_t *take) {
    if (access->location.type != LOCATION_DEVICE) return CUDA_ERROR_INVALID_VALUE;
    if (!device_at(access->location.id)) return CUDA_ERROR_INVALID_DEVICE;
    uint32_t bit = 1u << access->location.id;
    switch (access->flags) {
    case ACCESS_NONE: *take |= bit; return CUDA_SUCCESS;
    case ACCESS_READ: return CUDA_ERROR_NOT_SUPPORTED;
    case ACCESS_READ_WRITE: *give |= bit; return CUDA_SUCCESS;
    default: return CUDA_ERROR_INVALID_VALUE;
    }
}

CUresult cuMemSetAccess(CUdeviceptr ptr, size_t size, const CUmemAccessDesc *desc, size_t count) {
    CUresult result = check(size, 0);
    if (result != CUDA_SUCCESS) return result;
    uint32_t give = 0, take = 0;
    if (!desc || !count || !mapped_is_whole(ptr, size)) return CUDA_ERROR_INVALID_VALUE;
    for (size_t i = 0; i < count && result == CUDA_SUCCESS; i++) result = check_access(&desc[i], &give, &take);
    if (result != CUDA_SUCCESS) return result;
    if (take) contexts_wait(NULL);
    for (uint64_t at = ptr; at < ptr + size;) {
        struct allocation *mapping = arena_find(at);
        if (!mapping || atomic_load(&mapping->owner)) return CUDA_ERROR_INVALID_VALUE;
        atomic_fetch_or(&mapping->devices, give);
        atomic_fetch_and(&mapping->devices, ~take);
        at += atomic_load(&mapping->bytes);
    }
    return CUDA_SUCCESS;
}

static struct allocation *find(CUdeviceptr address) {
    struct allocation *mapping = arena_find(address);
    return mapping && mapping->arena->kind == MEMORY_MAPPED && !atomic_load(&mapping->owner) ? mapping : NULL;
}

CUresult cuMemGetAccess(unsigned long long *flags, const CUmemLocation *location, CUdeviceptr ptr) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    const struct allocation *mapping = find(ptr);
    if (!flags || !location || location->type != LOCATION_DEVICE || !mapping) return CUDA_ERROR_INVALID_VALUE;
    if (!device_at(location->id)) return CUDA_ERROR_INVALID_DEVICE;
    *flags = atomic_load(&mapping->devices) >> location->id & 1 ? ACCESS_READ_WRITE : ACCESS_NONE;
    return CUDA_SUCCESS;
}

CUresult cuMemRetainAllocationHandle(CUmemGenericAllocationHandle *handle, void *addr) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    const struct allocation *mapping = find((uint64_t)(uintptr_t)addr);
    if (!handle || !mapping) return CUDA_ERROR_INVALID_VALUE;
    physical_retain(mapping->source, 1, 0);
    *handle = (uintptr_t)mapping->source;
    return CUDA_SUCCESS;
}
