// physical.c: see physical.h.
#include "driver/physical.h"

#include <string.h>
#include <unistd.h>

#include "driver/address.h"
#include "driver/api.h"

static struct pool physicals = POOL(struct physical, 1 << 20);
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; // guards the counts
static struct context_memory lists[CARDS_MAX];           // what no context owns, by GPU

struct physical *physical_of(CUmemGenericAllocationHandle handle) {
    struct physical *physical = (struct physical *)(uintptr_t)handle;
    return pool_has(&physicals, physical) ? physical : NULL;
}

static struct context_memory *list_of(const struct device *device) {
    return &lists[device_ordinal(device)];
}

// Blocks of the card that no address leads to: their length is 0 from here on.
static CUresult take_blocks(struct physical *physical) {
    struct device *device = physical->device;
    uint64_t address = device_memory_take(&device->memory, list_of(device), NULL, MEMORY_DEVICE, physical->bytes);
    if (!address) return CUDA_ERROR_OUT_OF_MEMORY;
    physical->blocks = arena_find(address);
    atomic_store(&physical->blocks->leaving, 1);
    atomic_store(&physical->blocks->bytes, 0);
    const struct arena *arena = physical->blocks->arena;
    physical->fd = arena->fd;
    physical->offset = address - arena->device_base;
    if (arena->fd >= 0) return CUDA_SUCCESS;
    device_memory_give(&device->memory, list_of(device), physical->blocks);
    return CUDA_ERROR_NOT_SUPPORTED;
}

static CUresult take_shared(struct physical *physical) {
    struct card *card = &physical->device->card;
    if (!shared_has_room(card, physical->bytes) || card_take(card, physical->bytes) != 0) return CUDA_ERROR_OUT_OF_MEMORY;
    physical->shared = shared_create(card, SHARED_PHYSICAL, physical->bytes, physical->bytes, &physical->properties,
                                     sizeof physical->properties);
    if (!physical->shared) {
        card_give(card, physical->bytes);
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
    physical->fd = shared_map_fd(physical->shared);
    if (physical->fd >= 0) return CUDA_SUCCESS;
    shared_leave(physical->shared);
    return CUDA_ERROR_OPERATING_SYSTEM;
}

static void give(struct physical *physical) {
    if (physical->shared) {
        close(physical->fd);
        shared_leave(physical->shared);
    } else {
        device_memory_give(&physical->device->memory, list_of(physical->device), physical->blocks);
    }
}

void physical_retain(struct physical *physical, uint32_t handles, uint32_t mappings) {
    pthread_mutex_lock(&lock);
    physical->handles += handles;
    physical->mappings += mappings;
    atomic_store(&physical->pooled.alive, physical->handles > 0); // a mapping can bring a handle back
    pthread_mutex_unlock(&lock);
}

void physical_release(struct physical *physical, uint32_t handles, uint32_t mappings) {
    pthread_mutex_lock(&lock);
    physical->handles -= handles;
    physical->mappings -= mappings;
    int over = physical->handles + physical->mappings == 0;
    if (physical->handles == 0) atomic_store(&physical->pooled.alive, 0);
    if (over) give(physical);
    pthread_mutex_unlock(&lock);
    if (over) pool_put(&physicals, physical);
}

static CUresult check(const CUmemAllocationProp *properties, struct device **device) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    if (!properties || properties->type != ALLOCATION_PINNED || properties->location.type != LOCATION_DEVICE)
        return CUDA_ERROR_INVALID_VALUE;
    if (properties->requestedHandleTypes & ~HANDLE_POSIX_FD || properties->allocFlags.usage) return CUDA_ERROR_NOT_SUPPORTED;
    *device = device_at(properties->location.id);
    return *device ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}

CUresult cuMemGetAllocationGranularity(size_t *granularity, const CUmemAllocationProp *prop,
                                       CUmemAllocationGranularity_flags option) {
    struct device *device;
    CUresult result = check(prop, &device);
    if (result != CUDA_SUCCESS) return result;
    if (!granularity || option < 0 || option > 1) return CUDA_ERROR_INVALID_VALUE;
    *granularity = BLOCK_BYTES;
    return CUDA_SUCCESS;
}

static CUresult begin(struct device *device, const CUmemAllocationProp *properties, uint64_t bytes, struct physical **physical) {
    *physical = pool_take(&physicals);
    if (!*physical) return CUDA_ERROR_OUT_OF_MEMORY;
    (*physical)->device = device;
    (*physical)->properties = *properties;
    (*physical)->bytes = bytes;
    (*physical)->handles = 1;
    return CUDA_SUCCESS;
}

CUresult cuMemCreate(CUmemGenericAllocationHandle *handle, size_t size, const CUmemAllocationProp *prop,
                     unsigned long long flags) {
    struct device *device;
    struct physical *physical;
    CUresult result = check(prop, &device);
    if (result != CUDA_SUCCESS) return result;
    if (!handle || size == 0 || size % BLOCK_BYTES || flags) return CUDA_ERROR_INVALID_VALUE;
    if (size > device->card.description->memory_bytes) return CUDA_ERROR_OUT_OF_MEMORY;
    result = begin(device, prop, size, &physical);
    if (result != CUDA_SUCCESS) return result;
    result = prop->requestedHandleTypes ? take_shared(physical) : take_blocks(physical);
    if (result == CUDA_SUCCESS) *handle = (uintptr_t)physical;
    else pool_put(&physicals, physical);
    return result;
}

CUresult cuMemRelease(CUmemGenericAllocationHandle handle) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    struct physical *physical = physical_of(handle);
    if (!physical) return CUDA_ERROR_INVALID_VALUE;
    physical_release(physical, 1, 0);
    return CUDA_SUCCESS;
}

CUresult cuMemGetAllocationPropertiesFromHandle(CUmemAllocationProp *prop, CUmemGenericAllocationHandle handle) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    const struct physical *physical = physical_of(handle);
    if (!prop || !physical) return CUDA_ERROR_INVALID_VALUE;
    *prop = physical->properties;
    return CUDA_SUCCESS;
}

// The descriptor is the application's, and holds the memory wherever it goes.
CUresult cuMemExportToShareableHandle(void *shareableHandle, CUmemGenericAllocationHandle handle,
                                      CUmemAllocationHandleType handleType, unsigned long long flags) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    const struct physical *physical = physical_of(handle);
    if (!shareableHandle || !physical || flags) return CUDA_ERROR_INVALID_VALUE;
    if (handleType != HANDLE_POSIX_FD) return CUDA_ERROR_NOT_SUPPORTED;
    if (!physical->shared) return CUDA_ERROR_INVALID_VALUE;
    int fd = shared_export(physical->shared);
    if (fd < 0) return CUDA_ERROR_OPERATING_SYSTEM;
    *(int *)shareableHandle = fd;
    return CUDA_SUCCESS;
}

struct device *device_of_page(const struct shared_page *page) {
    for (int i = 0; i < device_count(); i++)
        if (strcmp(device_at(i)->card.description->uuid, page->uuid) == 0) return device_at(i);
    return NULL;
}

CUresult cuMemImportFromShareableHandle(CUmemGenericAllocationHandle *handle, void *osHandle,
                                        CUmemAllocationHandleType shHandleType) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    struct shared_page page;
    CUmemAllocationProp properties;
    struct physical *physical;
    if (!handle) return CUDA_ERROR_INVALID_VALUE;
    if (shHandleType != HANDLE_POSIX_FD) return CUDA_ERROR_NOT_SUPPORTED;
    if (shared_read((int)(intptr_t)osHandle, SHARED_PHYSICAL, &page) != 0) return CUDA_ERROR_INVALID_VALUE;
    struct device *device = device_of_page(&page);
    if (!device) return CUDA_ERROR_INVALID_DEVICE;
    memcpy(&properties, page.about, sizeof properties);
    properties.location.id = device_ordinal(device); // GPUs may be numbered otherwise there
    CUresult result = begin(device, &properties, page.file_bytes, &physical);
    if (result != CUDA_SUCCESS) return result;
    physical->shared = shared_join(&device->card, &page);
    physical->fd = physical->shared ? shared_map_fd(physical->shared) : -1;
    if (physical->fd >= 0) {
        *handle = (uintptr_t)physical;
        return CUDA_SUCCESS;
    }
    if (physical->shared) shared_leave(physical->shared);
    pool_put(&physicals, physical);
    return CUDA_ERROR_INVALID_VALUE;
}
