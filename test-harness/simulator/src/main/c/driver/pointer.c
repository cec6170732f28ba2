// pointer.c: what an address is.
#include <string.h>

#include "driver/address.h"
#include "driver/api.h"
#include "driver/physical.h"
#include "driver/pool.h"
#include "memory/host_memory.h"

// CUpointer_attribute
enum {
    CONTEXT = 1, MEMORY_TYPE, DEVICE_POINTER, HOST_POINTER, P2P_TOKENS, SYNC_MEMOPS, BUFFER_ID, IS_MANAGED, DEVICE_ORDINAL,
    IPC_CAPABLE, RANGE_START, RANGE_SIZE, MAPPED, HANDLE_TYPES, RDMA_CAPABLE, ACCESS_FLAGS, MEMPOOL_HANDLE, MAPPING_SIZE,
    MAPPING_BASE, BLOCK_ID
};

struct facts {
    CUcontext context;
    CUmemoryPool pool;
    int type, managed, mapped, ordinal, ipc, sync_memops;
    unsigned access; // of the current context's GPU
    uint64_t device, host, base, bytes, id, handle_types;
};

// What cuMemMap has mapped there; NULL for other memory.
static const struct physical *physical_at(const struct allocation *allocation) {
    int is_mapping = allocation->arena->kind == MEMORY_MAPPED && !atomic_load(&((struct allocation *)allocation)->owner);
    return is_mapping ? allocation->source : NULL;
}

static int ordinal_of(const struct allocation *allocation, CUcontext owner) {
    const struct physical *physical = physical_at(allocation);
    if (owner) return device_ordinal(owner->device);
    if (allocation->pool) return device_ordinal(allocation->pool->device);
    return physical ? device_ordinal(physical->device) : -2; // what the driver tells where it knows none
}

static uint64_t handle_types_of(const struct allocation *allocation) {
    if (allocation->pool) return (uint64_t)allocation->pool->handle_types;
    const struct physical *physical = physical_at(allocation);
    return physical ? (uint64_t)physical->properties.requestedHandleTypes : 0;
}

static int learn(CUcontext current, uint64_t address, struct facts *facts) {
    struct host_range range;
    struct allocation *allocation = arena_find(address);
    *facts = (struct facts){.ordinal = -2};
    if (allocation) {
        const struct arena *arena = allocation->arena;
        int managed = arena->kind == MEMORY_MANAGED;
        CUcontext owner = atomic_load(&allocation->owner);
        *facts = (struct facts){
            .context = owner, .pool = allocation->pool, .type = 2, .managed = managed, .mapped = 1, .device = address,
            .host = managed ? address : 0, .base = atomic_load(&allocation->base), .bytes = atomic_load(&allocation->bytes),
            .id = allocation->id, .ordinal = ordinal_of(allocation, owner),
            .ipc = owner && arena->kind == MEMORY_DEVICE && arena->fd >= 0,
            .access = address_reaches(current, allocation) ? ACCESS_READ_WRITE : ACCESS_NONE,
            .handle_types = handle_types_of(allocation), .sync_memops = atomic_load(&allocation->sync_memops),
        };
        return 1;
    }
    if (!host_memory_find(address, 1, &range)) return 0;
    *facts = (struct facts){
        .context = range.owner, .type = 1, .mapped = 1, .device = address, .host = address, .base = range.base,
        .bytes = range.bytes, .id = range.base, .ordinal = device_ordinal(range.owner->device), .access = ACCESS_READ_WRITE,
    };
    return 1;
}

static void put(void *data, const void *value, size_t bytes) {
    memcpy(data, value, bytes);
}

static CUresult tell(void *data, CUpointer_attribute attribute, const struct facts *facts) {
    unsigned zero = 0;
    switch (attribute) {
    case CONTEXT: put(data, &facts->context, sizeof facts->context); break;
    case MEMORY_TYPE: put(data, &facts->type, sizeof(unsigned)); break;
    case DEVICE_POINTER: put(data, &facts->device, sizeof facts->device); break;
    case HOST_POINTER: put(data, &facts->host, sizeof facts->host); break;
    case SYNC_MEMOPS: put(data, &facts->sync_memops, sizeof(unsigned)); break;
    case BUFFER_ID: case BLOCK_ID: put(data, &facts->id, sizeof facts->id); break;
    case IS_MANAGED: put(data, &facts->managed, sizeof(unsigned)); break;
    case DEVICE_ORDINAL: put(data, &facts->ordinal, sizeof facts->ordinal); break;
    case RANGE_START: case MAPPING_BASE: put(data, &facts->base, sizeof facts->base); break;
    case RANGE_SIZE: case MAPPING_SIZE: put(data, &facts->bytes, sizeof facts->bytes); break;
    case MAPPED: put(data, &facts->mapped, sizeof facts->mapped); break;
    case IPC_CAPABLE: put(data, &facts->ipc, sizeof facts->ipc); break;
    case RDMA_CAPABLE: put(data, &zero, sizeof zero); break;
    case HANDLE_TYPES: put(data, &facts->handle_types, sizeof facts->handle_types); break;
    case ACCESS_FLAGS: put(data, &facts->access, sizeof facts->access); break;
    case MEMPOOL_HANDLE: put(data, &facts->pool, sizeof facts->pool); break;
    default: return CUDA_ERROR_INVALID_VALUE;
    }
    return CUDA_SUCCESS;
}

CUresult cuPointerGetAttribute(void *data, CUpointer_attribute attribute, CUdeviceptr ptr) {
    CUcontext context;
    struct facts facts;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    if (!data || !learn(context, ptr, &facts)) return CUDA_ERROR_INVALID_VALUE;
    if (attribute == HOST_POINTER && !facts.host) return CUDA_ERROR_INVALID_VALUE;
    return tell(data, attribute, &facts);
}

// Of an address that CUDA does not know it tells zeros.
CUresult cuPointerGetAttributes(unsigned int numAttributes, CUpointer_attribute *attributes, void **data, CUdeviceptr ptr) {
    CUcontext context;
    struct facts facts;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    if (!attributes || !data) return CUDA_ERROR_INVALID_VALUE;
    learn(context, ptr, &facts);
    for (unsigned i = 0; i < numAttributes && result == CUDA_SUCCESS; i++)
        result = data[i] ? tell(data[i], attributes[i], &facts) : CUDA_ERROR_INVALID_VALUE;
    return result;
}

CUresult cuPointerSetAttribute(const void *value, CUpointer_attribute attribute, CUdeviceptr ptr) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    struct allocation *allocation = arena_find(ptr);
    if (!value || attribute != SYNC_MEMOPS || !allocation) return CUDA_ERROR_INVALID_VALUE;
    unsigned set;
    memcpy(&set, value, sizeof set);
    atomic_store(&allocation->sync_memops, set != 0);
    return CUDA_SUCCESS;
}
