// pool_graph.c: memory of graphs, see pool.h. An allocation that is not begun has a length of 0, so that no address lies in it.
#include <stdlib.h>

#include "driver/pool.h"

struct graph_memory {
    struct memory_pool *pool;
    struct allocation *allocation;
    uint64_t address, bytes;
    int begun;
};

static uint64_t booked(const struct graph_memory *memory) {
    return (memory->bytes + UNIT_BYTES - 1) / UNIT_BYTES * UNIT_BYTES;
}

struct graph_memory *graph_memory_new(struct device *device, uint64_t bytes, uint32_t devices) {
    struct graph_memory *memory = calloc(1, sizeof *memory);
    struct memory_pool *pool = pool_of_graphs(device);
    if (!memory || !pool) {
        free(memory);
        return NULL;
    }
    pthread_mutex_lock(&pool->lock);
    uint64_t address = device_memory_take(&device->memory, &pool->memory, NULL, MEMORY_DEVICE, bytes);
    struct allocation *allocation = address ? arena_find(address) : NULL;
    if (allocation) {
        atomic_fetch_or(&allocation->devices, devices);
        atomic_store(&allocation->leaving, 1); // only its graph gives it back
        atomic_store(&allocation->bytes, 0);
    }
    pthread_mutex_unlock(&pool->lock);
    *memory = (struct graph_memory){.pool = pool, .allocation = allocation, .address = address, .bytes = bytes};
    if (allocation) return memory;
    free(memory);
    return NULL;
}

uint64_t graph_memory_address(const struct graph_memory *memory) {
    return memory->address;
}

int graph_memory_begin(struct graph_memory *memory) {
    struct memory_pool *pool = memory->pool;
    pthread_mutex_lock(&pool->lock);
    int result = memory->begun ? 0 : pool_charge(pool, booked(memory));
    if (result == 0) {
        memory->begun = 1;
        atomic_store(&memory->allocation->bytes, memory->bytes);
    }
    pthread_mutex_unlock(&pool->lock);
    return result;
}

static void end(struct graph_memory *memory) {
    if (!memory->begun) return;
    memory->begun = 0;
    atomic_store(&memory->allocation->bytes, 0);
    memory->pool->used.now -= booked(memory);
}

void graph_memory_end(struct graph_memory *memory) {
    pthread_mutex_lock(&memory->pool->lock);
    end(memory);
    pthread_mutex_unlock(&memory->pool->lock);
}

void graph_memory_drop(struct graph_memory *memory) {
    struct memory_pool *pool = memory->pool;
    pthread_mutex_lock(&pool->lock);
    end(memory);
    device_memory_give(&pool->device->memory, &pool->memory, memory->allocation);
    pthread_mutex_unlock(&pool->lock);
    free(memory);
}
