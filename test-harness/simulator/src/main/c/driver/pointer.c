// pointer.c: what an address is.
#include <string.h>

#include "driver/address.h"
#include "driver/api.h"
#include "memory/host_memory.h"

// CUpointer_attribute
enum {
    CONTEXT = 1, MEMORY_TYPE, DEVICE_POINTER, HOST_POINTER, P2P_TOKENS, SYNC_MEMOPS, BUFFER_ID, IS_MANAGED, DEVICE_ORDINAL,
    IPC_CAPABLE, RANGE_START, RANGE_SIZE, MAPPED, HANDLE_TYPES, RDMA_CAPABLE, ACCESS_FLAGS, MEMPOOL_HANDLE
};

struct facts {
    CUcontext context;
    int type, managed, mapped;
    uint64_t device, host, base, bytes, id;
};

static int learn(uint64_t address, struct facts *facts) {
    struct host_range range;
    struct allocation *allocation = arena_find(address);
    *facts = (struct facts){0};
    if (allocation) {
        int managed = allocation->arena->kind == MEMORY_MANAGED;
        *facts = (struct facts){
            .context = atomic_load(&allocation->owner), .type = 2, .managed = managed, .mapped = 1, .device = address,
            .host = managed ? address : 0, .base = atomic_load(&allocation->base),
            .bytes = atomic_load(&allocation->bytes), .id = allocation->id,
        };
        return 1;
    }
    if (!host_memory_find(address, 1, &range)) return 0;
    *facts = (struct facts){
        .context = range.owner, .type = 1, .mapped = 1, .device = address, .host = address, .base = range.base,
        .bytes = range.bytes, .id = range.base,
    };
    return 1;
}

static void put(void *data, const void *value, size_t bytes) {
    memcpy(data, value, bytes);
}

static CUresult tell(void *data, CUpointer_attribute attribute, const struct facts *facts) {
    int ordinal = facts->context ? device_ordinal(facts->context->device) : -2;
    unsigned zero = 0;
    switch (attribute) {
    case CONTEXT: put(data, &facts->context, sizeof facts->context); break;
    case MEMORY_TYPE: put(data, &facts->type, sizeof(unsigned)); break;
    case DEVICE_POINTER: put(data, &facts->device, sizeof facts->device); break;
    case HOST_POINTER: put(data, &facts->host, sizeof facts->host); break;
    case SYNC_MEMOPS: put(data, &zero, sizeof zero); break;
    case BUFFER_ID: put(data, &facts->id, sizeof facts->id); break;
    case IS_MANAGED: put(data, &facts->managed, sizeof(unsigned)); break;
    case DEVICE_ORDINAL: put(data, &ordinal, sizeof ordinal); break;
    case RANGE_START: put(data, &facts->base, sizeof facts->base); break;
    case RANGE_SIZE: put(data, &facts->bytes, sizeof facts->bytes); break;
    case MAPPED: put(data, &facts->mapped, sizeof facts->mapped); break;
    case IPC_CAPABLE: case RDMA_CAPABLE: put(data, &zero, sizeof zero); break;
    case HANDLE_TYPES: case ACCESS_FLAGS: case MEMPOOL_HANDLE: put(data, &(uint64_t){0}, sizeof(uint64_t)); break;
    default: return CUDA_ERROR_INVALID_VALUE;
    }
    return CUDA_SUCCESS;
}

CUresult cuPointerGetAttribute(void *data, CUpointer_attribute attribute, CUdeviceptr ptr) {
    CUcontext context;
    struct facts facts;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    if (!data || !learn(ptr, &facts)) return CUDA_ERROR_INVALID_VALUE;
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
    learn(ptr, &facts);
    for (unsigned i = 0; i < numAttributes && result == CUDA_SUCCESS; i++)
        result = data[i] ? tell(data[i], attributes[i], &facts) : CUDA_ERROR_INVALID_VALUE;
    return result;
}

CUresult cuPointerSetAttribute(const void *value, CUpointer_attribute attribute, CUdeviceptr ptr) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    return !value || attribute != SYNC_MEMOPS || !arena_find(ptr) ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
}
