// address.c: see address.h. A kernel reaches the memory of its own context, and page-locked host memory; a copy any.
#include "driver/address.h"

#include "memory/host_memory.h"

static int holds(struct allocation *allocation, uint64_t address, uint64_t bytes) {
    uint64_t offset = address - atomic_load(&allocation->base), size = atomic_load(&allocation->bytes);
    return offset <= size && bytes <= size - offset;
}

// Mappings that lie in a row are one memory. One that no GPU has access to is none.
static int continues(struct allocation *mapping, uint64_t address, uint64_t bytes) {
    uint64_t end;
    if (mapping->arena->kind != MEMORY_MAPPED || __builtin_add_overflow(address, bytes, &end)) return 0;
    while (mapping && atomic_load(&mapping->devices)) {
        uint64_t next = atomic_load(&mapping->base) + atomic_load(&mapping->bytes);
        if (end <= next) return 1;
        mapping = arena_find(next);
    }
    return 0;
}

void *address_host(uint64_t address, uint64_t bytes) {
    struct allocation *allocation = arena_find(address);
    if (!allocation) return host_memory_find(address, bytes, NULL) ? (void *)(uintptr_t)address : NULL;
    int whole = allocation->arena->kind == MEMORY_MAPPED ? continues(allocation, address, bytes) : holds(allocation, address, bytes);
    return whole ? allocation_host(allocation, address) : NULL;
}

static uint64_t allocate(void *context, uint64_t bytes, uint64_t align) {
    CUcontext owner = context;
    uint64_t size = bytes ? bytes : 1;
    return align > UNIT_BYTES ? 0 : device_memory_take(&owner->device->memory, &owner->memory, owner, MEMORY_DEVICE, size);
}

static void release(void *context, uint64_t address) {
    CUcontext owner = context;
    struct allocation *allocation = arena_find(address);
    if (allocation) device_memory_give(&owner->device->memory, &owner->memory, allocation);
}

// Managed memory is every context's.
int address_reaches(CUcontext context, struct allocation *allocation) {
    CUcontext owner = atomic_load(&allocation->owner);
    if (owner == context || allocation->arena->kind == MEMORY_MANAGED) return 1;
    if (atomic_load(&allocation->devices) >> device_ordinal(context->device) & 1) return 1;
    return owner && context_has_peer(context, owner);
}

static void *translate(void *context, uint64_t address, uint64_t bytes) {
    struct allocation *allocation = arena_find(address);
    if (!allocation) return host_memory_find(address, bytes, NULL) ? (void *)(uintptr_t)address : NULL;
    return address_reaches(context, allocation) && holds(allocation, address, bytes) ? allocation_host(allocation, address) : NULL;
}

static int range(void *context, uint64_t address, uint64_t *base, uint64_t *end, void **host) {
    struct allocation *allocation = arena_find(address);
    struct host_range pinned;
    if (allocation && address_reaches(context, allocation)) {
        *base = atomic_load(&allocation->base);
        *end = *base + atomic_load(&allocation->bytes);
        *host = allocation_host(allocation, *base);
        return 1;
    }
    if (allocation || !host_memory_find(address, 1, &pinned)) return 0;
    *base = pinned.base;
    *end = pinned.base + pinned.bytes;
    *host = (void *)(uintptr_t)pinned.base;
    return 1;
}

struct ptx_memory address_memory(CUcontext context) {
    return (struct ptx_memory){context, allocate, release, translate, range};
}
