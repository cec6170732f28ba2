// ipc_memory.c: memory of cuMemAlloc that another process opens. It is mapped from the exporter's own, so it can be opened while
// that process lives, and stays, and is booked, as long as anybody has it open.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver/address.h"
#include "driver/api.h"
#include "driver/ipc.h"
#include "driver/physical.h"
#include "memory/mapped.h"
#include "base/file_status.h"

static const uint64_t MAGIC = UINT64_C(0x6d656d2d63706953);

// In a CUipcMemHandle.
struct ticket {
    uint64_t magic, generation;
    uint8_t uuid[16];
    uint32_t entry, unused;
    uint64_t into, bytes; // of the allocation, from the begin of its blocks
};
_Static_assert(sizeof(struct ticket) <= sizeof(CUipcMemHandle), "a handle holds it");

struct opened {
    struct opened *next;
    struct ticket ticket;
    CUcontext context;
    uint64_t range, range_bytes, address;
    unsigned times;
    struct shared_memory *shared;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; // guards the list
static struct opened *all;

CUresult cuIpcGetMemHandle(CUipcMemHandle *pHandle, CUdeviceptr dptr) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    struct allocation *allocation = arena_find(dptr);
    CUcontext owner = allocation ? atomic_load(&allocation->owner) : NULL;
    if (!pHandle || !owner || allocation->arena->kind != MEMORY_DEVICE) return CUDA_ERROR_INVALID_VALUE;
    struct shared_memory *shared = device_memory_share(&owner->device->memory, &owner->memory, allocation, SHARED_IPC);
    if (!shared) return CUDA_ERROR_OUT_OF_MEMORY;
    uint64_t base = atomic_load(&allocation->base);
    struct ticket ticket = {
        .magic = MAGIC, .generation = shared->page.generation, .entry = shared->page.entry,
        .into = (base - allocation->arena->device_base) % BLOCK_BYTES, .bytes = atomic_load(&allocation->bytes),
    };
    memcpy(ticket.uuid, owner->device->card.description->uuid_bytes, sizeof ticket.uuid);
    memset(pHandle, 0, sizeof *pHandle);
    memcpy(pHandle, &ticket, sizeof ticket);
    return CUDA_SUCCESS;
}

struct device *ipc_device(const uint8_t uuid[16]) {
    for (int i = 0; i < device_count(); i++)
        if (memcmp(device_at(i)->card.description->uuid_bytes, uuid, 16) == 0) return device_at(i);
    return NULL;
}

// The exporter's file, checked to be the one that was meant: process numbers and descriptors are used again.
static int open_place(const struct block_place *place) {
    char path[64];
    struct stat file;
    snprintf(path, sizeof path, "/proc/%d/fd/%d", place->pid, place->fd);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return -1;
    if (file_status_of(fd, &file) == 0 && file.st_dev == place->device && file.st_ino == place->inode) return fd;
    close(fd);
    return -1;
}

static CUresult map_place(struct opened *opened, const struct block_place *place, const struct device *device) {
    int fd = open_place(place);
    if (fd < 0) return CUDA_ERROR_MAP_FAILED;
    opened->range_bytes = place->bytes;
    opened->range = mapped_reserve(place->bytes, BLOCK_BYTES, 0);
    enum mapped_result mapped = MAPPED_NO_MEMORY;
    if (opened->range) mapped = mapped_map(opened->range, place->bytes, fd, place->offset, opened);
    close(fd);
    if (mapped != MAPPED_DONE) {
        if (opened->range) mapped_release(opened->range, place->bytes);
        return CUDA_ERROR_MAP_FAILED;
    }
    struct allocation *mapping = arena_find(opened->range);
    opened->address = opened->range + opened->ticket.into;
    atomic_store(&mapping->owner, opened->context);
    atomic_store(&mapping->devices, 1u << device_ordinal(device));
    atomic_store(&mapping->bytes, opened->ticket.bytes);
    atomic_store(&mapping->base, opened->address);
    return CUDA_SUCCESS;
}

static CUresult open_new(struct opened *opened) {
    struct shared_page page;
    struct block_place place;
    struct device *device = ipc_device(opened->ticket.uuid);
    if (!device) return CUDA_ERROR_INVALID_DEVICE;
    if (shared_look_up(&device->card, opened->ticket.entry, opened->ticket.generation, SHARED_IPC, &page) != 0)
        return CUDA_ERROR_MAP_FAILED; // its exporter is gone
    memcpy(&place, page.about, sizeof place);
    if (place.pid == (int32_t)getpid()) return CUDA_ERROR_INVALID_CONTEXT; // not in the process that it is of
    if (opened->ticket.into + opened->ticket.bytes > place.bytes) return CUDA_ERROR_INVALID_HANDLE;
    opened->shared = shared_join(&device->card, &page);
    if (!opened->shared) return CUDA_ERROR_MAP_FAILED;
    CUresult result = map_place(opened, &place, device);
    if (result != CUDA_SUCCESS) shared_leave(opened->shared);
    return result;
}

static CUresult open_ticket(CUcontext context, const struct ticket *ticket, uint64_t *address) {
    struct opened *opened = all;
    while (opened && (opened->context != context || memcmp(&opened->ticket, ticket, sizeof *ticket) != 0)) opened = opened->next;
    if (!opened) {
        opened = calloc(1, sizeof *opened);
        if (!opened) return CUDA_ERROR_OUT_OF_MEMORY;
        opened->ticket = *ticket;
        opened->context = context;
        CUresult result = open_new(opened);
        if (result != CUDA_SUCCESS) {
            free(opened);
            return result;
        }
        opened->next = all;
        all = opened;
    }
    opened->times++;
    *address = opened->address;
    return CUDA_SUCCESS;
}

CUresult cuIpcOpenMemHandle_v2(CUdeviceptr *pdptr, CUipcMemHandle handle, unsigned int Flags) {
    enum { LAZY_ENABLE_PEER_ACCESS = 1 };
    CUcontext context;
    struct ticket ticket;
    uint64_t address;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    memcpy(&ticket, &handle, sizeof ticket);
    if (!pdptr || Flags != LAZY_ENABLE_PEER_ACCESS) return CUDA_ERROR_INVALID_VALUE;
    if (ticket.magic != MAGIC || ticket.into >= BLOCK_BYTES || ticket.bytes > INT64_MAX) return CUDA_ERROR_INVALID_HANDLE;
    pthread_mutex_lock(&lock);
    result = open_ticket(context, &ticket, &address);
    pthread_mutex_unlock(&lock);
    if (result == CUDA_SUCCESS) *pdptr = address;
    return result;
}

CUresult cuIpcOpenMemHandle(CUdeviceptr *pdptr, CUipcMemHandle handle, unsigned int Flags) {
    return cuIpcOpenMemHandle_v2(pdptr, handle, Flags);
}

// Under the lock. *link is taken out of the list.
static void close_one(struct opened **link) {
    struct opened *opened = *link;
    *link = opened->next;
    struct allocation *mapping = arena_find(opened->address);
    if (mapping) mapped_unmap(mapping);
    mapped_release(opened->range, opened->range_bytes);
    shared_leave(opened->shared);
    free(opened);
}

CUresult cuIpcCloseMemHandle(CUdeviceptr dptr) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    contexts_wait(NULL); // what is queued may use it
    pthread_mutex_lock(&lock);
    struct opened **link = &all;
    while (*link && (*link)->address != dptr) link = &(*link)->next;
    result = *link ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
    if (*link && --(*link)->times == 0) close_one(link);
    pthread_mutex_unlock(&lock);
    return result;
}

void ipc_release(CUcontext context) {
    pthread_mutex_lock(&lock);
    for (struct opened **link = &all; *link;) {
        if ((*link)->context == context) close_one(link);
        else link = &(*link)->next;
    }
    pthread_mutex_unlock(&lock);
}
