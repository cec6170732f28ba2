// pool_share.c: pools of other processes. Such a pool lies in a file of its own; who imports it maps all of it, and opens single
// pointers of it, which lie as far into his mapping as into the exporter's.
#include <string.h>
#include <unistd.h>

#include "driver/address.h"
#include "driver/api.h"
#include "driver/physical.h"
#include "driver/pool.h"

enum { ADDRESSES_PER_BYTE = 4 }; // as device memory has

static const uint64_t MAGIC = UINT64_C(0x6c6f6f70726f6653);

// In a CUmemPoolPtrExportData.
struct ticket {
    uint64_t magic, generation, offset, bytes;
    uint32_t entry, unused;
};
_Static_assert(sizeof(struct ticket) <= sizeof(CUmemPoolPtrExportData), "it holds it");

static int map_pool(struct memory_pool *pool) {
    int fd = shared_map_fd(pool->shared);
    pool->memory.arena = fd < 0 ? NULL : arena_create_on(fd, pool->shared->page.file_bytes);
    return pool->memory.arena ? 0 : -1;
}

int pool_make_shareable(struct memory_pool *pool) {
    struct card *card = &pool->device->card;
    pool->shared = shared_create(card, SHARED_POOL, card->description->memory_bytes * ADDRESSES_PER_BYTE, 0, "", 0);
    return pool->shared ? map_pool(pool) : -1;
}

CUresult cuMemPoolExportToShareableHandle(void *handle_out, CUmemoryPool pool, CUmemAllocationHandleType handleType,
                                          unsigned long long flags) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    if (!handle_out || !pool_is(pool) || flags || pool->imported) return CUDA_ERROR_INVALID_VALUE;
    if (handleType != HANDLE_POSIX_FD) return CUDA_ERROR_NOT_SUPPORTED;
    if (!pool->shared) return CUDA_ERROR_INVALID_VALUE;
    int fd = shared_export(pool->shared);
    if (fd < 0) return CUDA_ERROR_OPERATING_SYSTEM;
    *(int *)handle_out = fd;
    return CUDA_SUCCESS;
}

CUresult cuMemPoolImportFromShareableHandle(CUmemoryPool *pool_out, void *handle, CUmemAllocationHandleType handleType,
                                            unsigned long long flags) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    struct shared_page page;
    if (!pool_out || flags) return CUDA_ERROR_INVALID_VALUE;
    if (handleType != HANDLE_POSIX_FD) return CUDA_ERROR_NOT_SUPPORTED;
    if (shared_read((int)(intptr_t)handle, SHARED_POOL, &page) != 0) return CUDA_ERROR_INVALID_VALUE;
    struct device *device = device_of_page(&page);
    if (!device) return CUDA_ERROR_INVALID_DEVICE;
    struct memory_pool *pool = pool_open(device, HANDLE_POSIX_FD, 0);
    if (!pool) return CUDA_ERROR_OUT_OF_MEMORY;
    pool->imported = 1;
    pool->memory.borrowed = 1;
    pool->shared = shared_join(&device->card, &page);
    if (pool->shared && map_pool(pool) == 0) {
        *pool_out = pool;
        return CUDA_SUCCESS;
    }
    CUresult result = pool->shared ? CUDA_ERROR_OUT_OF_MEMORY : CUDA_ERROR_INVALID_VALUE;
    pool_close(pool);
    return result;
}

CUresult cuMemPoolExportPointer(CUmemPoolPtrExportData *shareData_out, CUdeviceptr ptr) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    struct allocation *allocation = arena_find(ptr);
    if (!shareData_out || !allocation || !allocation->pool || !allocation->pool->shared || allocation->pool->imported)
        return CUDA_ERROR_INVALID_VALUE;
    const struct shared_page *page = &allocation->pool->shared->page;
    struct ticket ticket = {MAGIC, page->generation, atomic_load(&allocation->base) - allocation->arena->device_base,
                            atomic_load(&allocation->bytes), page->entry, 0};
    memset(shareData_out, 0, sizeof *shareData_out);
    memcpy(shareData_out, &ticket, sizeof ticket);
    return CUDA_SUCCESS;
}

CUresult cuMemPoolImportPointer(CUdeviceptr *ptr_out, CUmemoryPool pool, CUmemPoolPtrExportData *shareData) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    struct ticket ticket;
    if (!ptr_out || !shareData || !pool_is(pool) || !pool->imported) return CUDA_ERROR_INVALID_VALUE;
    memcpy(&ticket, shareData, sizeof ticket);
    const struct shared_page *page = &pool->shared->page;
    if (ticket.magic != MAGIC || ticket.entry != page->entry || ticket.generation != page->generation)
        return CUDA_ERROR_INVALID_VALUE;
    uint64_t address = device_memory_adopt(&pool->device->memory, &pool->memory, ticket.offset, ticket.bytes);
    if (!address) return CUDA_ERROR_INVALID_VALUE;
    *ptr_out = address;
    return CUDA_SUCCESS;
}
