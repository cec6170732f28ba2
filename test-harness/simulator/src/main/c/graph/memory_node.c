// memory_node.c: see memory_node.h.
#include "graph/memory_node.h"

#include <stdlib.h>
#include <string.h>

#include "driver/api.h"
#include "driver/pool.h"
#include "graph/capture.h"

struct node_memory {
    struct node_memory *next;
    struct graph_memory *memory;
    uint64_t address, bytes;
    uint32_t nodes;    // that refer to it
    uint32_t launches; // that have it and have not come to its free
    int live;          // the latest launch leaves it allocated
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; // guards the list and all in it; before a pool's lock
static struct node_memory *memories;
static _Atomic int memory_count; // lets everybody pass by who has no such memory

static struct node_memory *find(uint64_t address) {
    struct node_memory *memory = memories;
    while (memory && memory->address != address) memory = memory->next;
    return memory;
}

static void drop_if_unused(struct node_memory *memory) {
    if (memory->nodes || memory->launches) return;
    struct node_memory **link = &memories;
    while (*link != memory) link = &(*link)->next;
    *link = memory->next;
    atomic_fetch_sub(&memory_count, 1);
    graph_memory_drop(memory->memory);
    free(memory);
}

// As CUmemAllocationType, CUmemLocationType and CUmemAccessDesc have it.
enum { TYPE_PINNED = 1, ON_DEVICE = 1 };
struct access { int location_type, location_id, flags; };

static CUresult devices_of(const CUDA_MEM_ALLOC_NODE_PARAMS *params, uint32_t *devices) {
    const struct access *access = params->accessDescs;
    *devices = 0;
    if (params->accessDescCount && !access) return CUDA_ERROR_INVALID_VALUE;
    for (size_t i = 0; i < params->accessDescCount; i++) {
        if (access[i].location_type != ON_DEVICE || !device_at(access[i].location_id)) return CUDA_ERROR_INVALID_VALUE;
        *devices |= 1u << access[i].location_id;
    }
    return CUDA_SUCCESS;
}

CUresult memory_node_reserve(CUcontext context, CUDA_MEM_ALLOC_NODE_PARAMS *params) {
    (void)context;
    uint32_t devices;
    if (!params->bytesize || params->poolProps.allocType != TYPE_PINNED || params->poolProps.locationType != ON_DEVICE)
        return CUDA_ERROR_INVALID_VALUE;
    if (params->poolProps.handleTypes) return CUDA_ERROR_NOT_SUPPORTED; // memory of a graph stays in its process
    struct device *device = device_at(params->poolProps.locationId);
    CUresult result = device ? devices_of(params, &devices) : CUDA_ERROR_INVALID_VALUE;
    if (result != CUDA_SUCCESS) return result;
    struct node_memory *made = calloc(1, sizeof *made);
    if (made) made->memory = graph_memory_new(device, params->bytesize, devices);
    if (!made || !made->memory) {
        free(made);
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
    params->dptr = made->address = graph_memory_address(made->memory);
    made->bytes = params->bytesize;
    pthread_mutex_lock(&lock);
    made->next = memories;
    memories = made;
    atomic_fetch_add(&memory_count, 1);
    pthread_mutex_unlock(&lock);
    return CUDA_SUCCESS;
}

void memory_node_hold(CUdeviceptr address) {
    pthread_mutex_lock(&lock);
    struct node_memory *memory = find(address);
    if (memory) memory->nodes++;
    pthread_mutex_unlock(&lock);
}

void memory_node_forget(CUdeviceptr address) {
    pthread_mutex_lock(&lock);
    struct node_memory *memory = find(address);
    if (memory) {
        memory->nodes--;
        drop_if_unused(memory);
    }
    pthread_mutex_unlock(&lock);
}

int memory_node_is(CUdeviceptr address) {
    return memory_node_holds(address, 0);
}

int memory_node_holds(uint64_t address, uint64_t bytes) {
    int holds = 0;
    if (!atomic_load_explicit(&memory_count, memory_order_relaxed)) return 0;
    pthread_mutex_lock(&lock);
    for (struct node_memory *memory = memories; memory && !holds; memory = memory->next) {
        uint64_t offset = address - memory->address;
        holds = bytes ? offset < memory->bytes && bytes <= memory->bytes - offset : offset == 0;
    }
    pthread_mutex_unlock(&lock);
    return holds;
}

static int frees(const struct graph *graph, CUdeviceptr address) {
    for (size_t i = 0; i < graph->nodes.count; i++) {
        const struct work *work = &graph->nodes.node[i]->work;
        if (work->type == WORK_FREE && work->free == address) return 1;
    }
    return 0;
}

// Whether a launch can have this node's memory.
static CUresult check_node(const struct work *work, const struct graph *graph, int auto_free) {
    const struct node_memory *memory = find(work->type == WORK_ALLOC ? work->alloc.dptr : work->free);
    if (!memory) return CUDA_ERROR_INVALID_VALUE;
    if (work->type == WORK_ALLOC) return memory->live && !auto_free ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
    for (size_t i = 0; i < graph->nodes.count; i++) {
        const struct work *other = &graph->nodes.node[i]->work;
        if (other->type == WORK_ALLOC && other->alloc.dptr == work->free) return CUDA_SUCCESS;
    }
    return memory->live ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

static int is_memory_node(const struct work *work) {
    return work->type == WORK_ALLOC || work->type == WORK_FREE;
}

static CUresult begin(const struct work *work) {
    struct node_memory *memory = find(work->alloc.dptr);
    if (memory->live) return CUDA_SUCCESS; // freed and allocated again at once
    if (memory->launches == 0 && graph_memory_begin(memory->memory) != 0) return CUDA_ERROR_OUT_OF_MEMORY;
    memory->launches++;
    return CUDA_SUCCESS;
}

static void end(struct node_memory *memory) {
    if (--memory->launches == 0) graph_memory_end(memory->memory);
    drop_if_unused(memory);
}

static CUresult begin_all(CUgraph graph) {
    for (size_t i = 0; i < graph->nodes.count; i++) {
        const struct work *work = &graph->nodes.node[i]->work;
        CUresult result = work->type == WORK_ALLOC ? begin(work) : CUDA_SUCCESS;
        if (result == CUDA_SUCCESS) continue;
        while (i-- > 0) {
            const struct work *begun = &graph->nodes.node[i]->work;
            struct node_memory *memory = begun->type == WORK_ALLOC ? find(begun->alloc.dptr) : NULL;
            if (memory && !memory->live) end(memory);
        }
        return result;
    }
    return CUDA_SUCCESS;
}

static CUresult launch(CUgraph graph, int auto_free) {
    CUresult result = CUDA_SUCCESS;
    for (size_t i = 0; result == CUDA_SUCCESS && i < graph->nodes.count; i++)
        if (is_memory_node(&graph->nodes.node[i]->work)) result = check_node(&graph->nodes.node[i]->work, graph, auto_free);
    if (result == CUDA_SUCCESS) result = begin_all(graph);
    for (size_t i = 0; result == CUDA_SUCCESS && i < graph->nodes.count; i++) {
        const struct work *work = &graph->nodes.node[i]->work;
        if (work->type == WORK_ALLOC) find(work->alloc.dptr)->live = !frees(graph, work->alloc.dptr);
        if (work->type == WORK_FREE) find(work->free)->live = 0;
    }
    return result;
}

CUresult memory_node_launch(CUgraph graph, int auto_free) {
    pthread_mutex_lock(&lock);
    CUresult result = launch(graph, auto_free);
    pthread_mutex_unlock(&lock);
    return result;
}

void memory_node_give(CUdeviceptr address) {
    pthread_mutex_lock(&lock);
    struct node_memory *memory = find(address);
    if (memory && memory->launches) end(memory);
    pthread_mutex_unlock(&lock);
}

static void give(struct operation *operation) {
    memory_node_give(*(CUdeviceptr *)operation->payload);
}

static int run_give(struct operation *operation) {
    give(operation);
    return CUDA_SUCCESS;
}

struct operation *memory_node_give_operation(CUdeviceptr address) {
    struct operation *operation = operation_new(run_give, ENGINE_NONE, sizeof address);
    if (!operation) return NULL;
    operation->skip = give;
    *(CUdeviceptr *)operation->payload = address;
    return operation;
}

int memory_node_claim(CUdeviceptr address) {
    if (!atomic_load_explicit(&memory_count, memory_order_relaxed)) return 0;
    pthread_mutex_lock(&lock);
    struct node_memory *memory = find(address);
    int claimed = memory && memory->live;
    if (claimed) memory->live = 0;
    pthread_mutex_unlock(&lock);
    return claimed;
}

int memory_node_captures(struct stream *stream, uint64_t bytes, CUdeviceptr *address, CUresult *result) {
    if (!capture_active(stream)) return 0;
    struct work work = {.type = WORK_ALLOC, .alloc = {.bytesize = bytes}};
    work.alloc.poolProps.allocType = TYPE_PINNED;
    work.alloc.poolProps.locationType = ON_DEVICE;
    work.alloc.poolProps.locationId = device_ordinal(device_of_card(stream->queue->card));
    *result = memory_node_reserve(NULL, &work.alloc);
    if (*result != CUDA_SUCCESS) return 1;
    memory_node_hold(work.alloc.dptr); // in case the node is not added
    capture_takes(stream, &work, 1, result);
    memory_node_forget(work.alloc.dptr);
    if (*result == CUDA_SUCCESS) *address = work.alloc.dptr;
    return 1;
}
