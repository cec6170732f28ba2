// memory_device.c: what the graphs of a GPU hold, and giving back what they do not use.
#include "driver/api.h"
#include "driver/pool.h"
#include "graph/graph.h"

// By number in CUgraphMem_attribute.
enum { USED_CURRENT, USED_HIGH, RESERVED_CURRENT, RESERVED_HIGH };

static CUresult find(CUdevice ordinal, struct memory_pool **pool) {
    CUresult result = graph_ready();
    if (result != CUDA_SUCCESS) return result;
    struct device *device = device_at(ordinal);
    if (!device) return CUDA_ERROR_INVALID_DEVICE;
    *pool = pool_of_graphs(device);
    return *pool ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

CUresult cuDeviceGetGraphMemAttribute(CUdevice device, CUgraphMem_attribute attr, void *value) {
    struct memory_pool *pool;
    CUresult result = find(device, &pool);
    if (result != CUDA_SUCCESS) return result;
    if (!value || attr < USED_CURRENT || attr > RESERVED_HIGH) return CUDA_ERROR_INVALID_VALUE;
    pthread_mutex_lock(&pool->lock);
    const struct pool_level *level = attr < RESERVED_CURRENT ? &pool->used : &pool->reserved;
    *(cuuint64_t *)value = attr == USED_CURRENT || attr == RESERVED_CURRENT ? level->now : level->high;
    pthread_mutex_unlock(&pool->lock);
    return CUDA_SUCCESS;
}

// The marks can be set to 0 only, which means to what holds now.
CUresult cuDeviceSetGraphMemAttribute(CUdevice device, CUgraphMem_attribute attr, void *value) {
    struct memory_pool *pool;
    CUresult result = find(device, &pool);
    if (result != CUDA_SUCCESS) return result;
    if (!value || (attr != USED_HIGH && attr != RESERVED_HIGH) || *(cuuint64_t *)value) return CUDA_ERROR_INVALID_VALUE;
    pthread_mutex_lock(&pool->lock);
    struct pool_level *level = attr == USED_HIGH ? &pool->used : &pool->reserved;
    level->high = level->now;
    pthread_mutex_unlock(&pool->lock);
    return CUDA_SUCCESS;
}

CUresult cuDeviceGraphMemTrim(CUdevice device) {
    struct memory_pool *pool;
    CUresult result = find(device, &pool);
    if (result == CUDA_SUCCESS) pool_trim(pool, 0);
    return result;
}
