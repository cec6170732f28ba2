// pool_api.c: creating, setting and asking pools.
#include "driver/api.h"
#include "driver/pool.h"
#include "graph/capture.h"

// CUmemPool_attribute
enum {
    REUSE_FOLLOW_EVENTS = 1, REUSE_OPPORTUNISTIC, REUSE_INTERNAL, RELEASE_THRESHOLD, RESERVED_NOW, RESERVED_HIGH, USED_NOW, USED_HIGH
};

static CUresult find(CUmemoryPool pool) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    return pool_is(pool) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

static CUresult find_device(CUdevice dev, const void *out, struct device **device) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    if (!out) return CUDA_ERROR_INVALID_VALUE;
    *device = device_at(dev);
    return *device ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}

CUresult cuDeviceGetDefaultMemPool(CUmemoryPool *pool_out, CUdevice dev) {
    struct device *device;
    CUresult result = find_device(dev, pool_out, &device);
    if (result != CUDA_SUCCESS) return result;
    *pool_out = pool_default(device);
    return *pool_out ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

CUresult cuDeviceGetMemPool(CUmemoryPool *pool, CUdevice dev) {
    struct device *device;
    CUresult result = find_device(dev, pool, &device);
    if (result != CUDA_SUCCESS) return result;
    *pool = pool_current(device);
    return *pool ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

CUresult cuDeviceSetMemPool(CUdevice dev, CUmemoryPool pool) {
    struct device *device;
    CUresult result = find_device(dev, pool, &device);
    if (result != CUDA_SUCCESS) return result;
    if (!pool_is(pool) || pool->device != device || pool->imported) return CUDA_ERROR_INVALID_VALUE;
    pool_make_current(device, pool);
    return CUDA_SUCCESS;
}

CUresult cuMemPoolCreate(CUmemoryPool *pool, const CUmemPoolProps *poolProps) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    if (!pool || !poolProps || poolProps->allocType != ALLOCATION_PINNED || poolProps->location.type != LOCATION_DEVICE)
        return CUDA_ERROR_INVALID_VALUE;
    if (poolProps->handleTypes & ~HANDLE_POSIX_FD) return CUDA_ERROR_NOT_SUPPORTED;
    for (size_t i = 0; i < sizeof poolProps->reserved; i++)
        if (poolProps->reserved[i]) return CUDA_ERROR_INVALID_VALUE;
    struct device *device = device_at(poolProps->location.id);
    if (!device) return CUDA_ERROR_INVALID_DEVICE;
    struct memory_pool *opened = pool_open(device, poolProps->handleTypes, poolProps->maxSize);
    if (!opened) return CUDA_ERROR_OUT_OF_MEMORY;
    if (poolProps->handleTypes && pool_make_shareable(opened) != 0) {
        pool_close(opened);
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
    *pool = opened;
    return CUDA_SUCCESS;
}

CUresult cuMemPoolDestroy(CUmemoryPool pool) {
    CUresult result = find(pool);
    if (result != CUDA_SUCCESS) return result;
    if (pool == pool_default(pool->device)) return CUDA_ERROR_INVALID_VALUE;
    pool_close(pool);
    return CUDA_SUCCESS;
}

CUresult cuMemPoolTrimTo(CUmemoryPool pool, size_t minBytesToKeep) {
    CUresult result = find(pool);
    if (result == CUDA_SUCCESS) pool_trim(pool, minBytesToKeep);
    return result;
}

// A high mark can only be reset; from then on it starts at what there is.
static CUresult reset(struct pool_level *level, uint64_t value) {
    if (value != 0) return CUDA_ERROR_INVALID_VALUE;
    level->high = level->now;
    return CUDA_SUCCESS;
}

static CUresult set(CUmemoryPool pool, CUmemPool_attribute attribute, const void *value) {
    switch (attribute) {
    case REUSE_FOLLOW_EVENTS: case REUSE_OPPORTUNISTIC: case REUSE_INTERNAL:
        pool->reuse[attribute - REUSE_FOLLOW_EVENTS] = *(const int *)value != 0;
        return CUDA_SUCCESS;
    case RELEASE_THRESHOLD: pool->threshold = *(const uint64_t *)value; return CUDA_SUCCESS;
    case RESERVED_HIGH: return reset(&pool->reserved, *(const uint64_t *)value);
    case USED_HIGH: return reset(&pool->used, *(const uint64_t *)value);
    default: return CUDA_ERROR_INVALID_VALUE;
    }
}

CUresult cuMemPoolSetAttribute(CUmemoryPool pool, CUmemPool_attribute attr, void *value) {
    CUresult result = find(pool);
    if (result == CUDA_SUCCESS) result = capture_forbids();
    if (result != CUDA_SUCCESS) return result;
    if (!value) return CUDA_ERROR_INVALID_VALUE;
    pthread_mutex_lock(&pool->lock);
    result = set(pool, attr, value);
    pthread_mutex_unlock(&pool->lock);
    return result;
}

static CUresult get(const struct memory_pool *pool, CUmemPool_attribute attribute, void *value) {
    switch (attribute) {
    case REUSE_FOLLOW_EVENTS: case REUSE_OPPORTUNISTIC: case REUSE_INTERNAL:
        *(int *)value = pool->reuse[attribute - REUSE_FOLLOW_EVENTS];
        return CUDA_SUCCESS;
    case RELEASE_THRESHOLD: *(uint64_t *)value = pool->threshold; return CUDA_SUCCESS;
    case RESERVED_NOW: *(uint64_t *)value = pool->reserved.now; return CUDA_SUCCESS;
    case RESERVED_HIGH: *(uint64_t *)value = pool->reserved.high; return CUDA_SUCCESS;
    case USED_NOW: *(uint64_t *)value = pool->used.now; return CUDA_SUCCESS;
    case USED_HIGH: *(uint64_t *)value = pool->used.high; return CUDA_SUCCESS;
    default: return CUDA_ERROR_INVALID_VALUE;
    }
}

CUresult cuMemPoolGetAttribute(CUmemoryPool pool, CUmemPool_attribute attr, void *value) {
    CUresult result = find(pool);
    if (result == CUDA_SUCCESS) result = capture_forbids();
    if (result != CUDA_SUCCESS) return result;
    if (!value) return CUDA_ERROR_INVALID_VALUE;
    pthread_mutex_lock(&pool->lock);
    result = get(pool, attr, value);
    pthread_mutex_unlock(&pool->lock);
    return result;
}

// A pool's own GPU always has access.
static CUresult check_access(const struct memory_pool *pool, const CUmemAccessDesc *access, uint32_t *devices) {
    if (access->location.type != LOCATION_DEVICE) return CUDA_ERROR_INVALID_VALUE;
    const struct device *device = device_at(access->location.id);
    if (!device) return CUDA_ERROR_INVALID_DEVICE;
    uint32_t bit = 1u << access->location.id;
    switch (access->flags) {
    case ACCESS_NONE: *devices &= ~bit; return device == pool->device ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
    case ACCESS_READ: return CUDA_ERROR_NOT_SUPPORTED;
    case ACCESS_READ_WRITE: *devices |= bit; return CUDA_SUCCESS;
    default: return CUDA_ERROR_INVALID_VALUE;
    }
}

CUresult cuMemPoolSetAccess(CUmemoryPool pool, const CUmemAccessDesc *map, size_t count) {
    CUresult result = find(pool);
    if (result != CUDA_SUCCESS) return result;
    if (count && !map) return CUDA_ERROR_INVALID_VALUE;
    pthread_mutex_lock(&pool->lock);
    uint32_t devices = pool->memory.devices;
    for (size_t i = 0; i < count && result == CUDA_SUCCESS; i++) result = check_access(pool, &map[i], &devices);
    if (result == CUDA_SUCCESS) device_memory_open_to(&pool->device->memory, &pool->memory, devices);
    pthread_mutex_unlock(&pool->lock);
    return result;
}

CUresult cuMemPoolGetAccess(CUmemAccess_flags *flags, CUmemoryPool memPool, CUmemLocation *location) {
    CUresult result = find(memPool);
    if (result != CUDA_SUCCESS) return result;
    if (!flags || !location || location->type != LOCATION_DEVICE) return CUDA_ERROR_INVALID_VALUE;
    if (!device_at(location->id)) return CUDA_ERROR_INVALID_DEVICE;
    pthread_mutex_lock(&memPool->lock);
    *flags = memPool->memory.devices >> location->id & 1 ? ACCESS_READ_WRITE : ACCESS_NONE;
    pthread_mutex_unlock(&memPool->lock);
    return CUDA_SUCCESS;
}
