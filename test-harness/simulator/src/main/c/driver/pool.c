// pool.c: see pool.h. The account of one pool.
#include "driver/pool.h"

#include <stdlib.h>

#include "cards/shared.h"
#include "driver/address.h"

// What was freed in one stream that has not come to all of these frees yet.
struct pending_free {
    struct pending_free *next;
    uint64_t stream;      // its id
    uint64_t outstanding; // bytes of frees that it has not come to
    uint64_t reusable;    // of these, what the stream has not taken again
};

static struct pool pools = POOL(struct memory_pool, 65536);

int pool_is(const void *handle) {
    return pool_has(&pools, handle);
}

struct memory_pool *pool_open(struct device *device, int handle_types, uint64_t most) {
    struct memory_pool *pool = pool_take(&pools);
    if (!pool) return NULL;
    pool->device = device;
    pool->handle_types = handle_types;
    pool->most = most ? most : device->card.description->memory_bytes;
    for (int i = 0; i < 3; i++) pool->reuse[i] = 1;
    pool->memory = (struct context_memory){.prepaid = 1, .pool = pool, .devices = 1u << device_ordinal(device)};
    pthread_mutex_init(&pool->lock, NULL);
    return pool;
}

static uint64_t round_up(uint64_t bytes, uint64_t unit) {
    return (bytes + unit - 1) / unit * unit;
}

static void raise_to(struct pool_level *level, uint64_t now) {
    level->now = now;
    if (now > level->high) level->high = now;
}

static int reserve(struct memory_pool *pool, uint64_t bytes) {
    if (bytes > pool->most || pool->reserved.now > pool->most - bytes) return -1;
    if (pool->shared && !shared_has_room(&pool->device->card, bytes)) return -1;
    if (card_take(&pool->device->card, bytes) != 0) return -1;
    if (pool->shared) shared_grow(pool->shared, bytes);
    raise_to(&pool->reserved, pool->reserved.now + bytes);
    return 0;
}

static void release(struct memory_pool *pool, uint64_t bytes) {
    if (pool->shared) shared_shrink(pool->shared, bytes);
    else card_give(&pool->device->card, bytes);
    pool->reserved.now -= bytes;
}

static void trim(struct memory_pool *pool, uint64_t keep_bytes) {
    uint64_t busy = pool->used.now + pool->pending;
    uint64_t wanted = busy > keep_bytes ? busy : keep_bytes;
    if (wanted >= pool->reserved.now) return; // also keeps what follows from overflowing
    uint64_t keep = round_up(wanted, POOL_STEP_BYTES);
    if (pool->reserved.now > keep) release(pool, pool->reserved.now - keep);
}

// In full steps, or where the card has less left, in blocks.
static int grow(struct memory_pool *pool, uint64_t missing) {
    if (missing > pool->most) return -1;
    if (reserve(pool, round_up(missing, POOL_STEP_BYTES)) == 0) return 0;
    return reserve(pool, round_up(missing, BLOCK_BYTES));
}

static struct pending_free *frees_of(struct memory_pool *pool, uint64_t stream) {
    struct pending_free *frees = pool->frees;
    while (frees && frees->stream != stream) frees = frees->next;
    return frees;
}

static int charge(struct memory_pool *pool, uint64_t bytes, uint64_t stream) {
    struct pending_free *own = frees_of(pool, stream);
    uint64_t idle = pool->reserved.now - pool->used.now - pool->pending, again = 0;
    if (own && bytes > idle) again = bytes - idle < own->reusable ? bytes - idle : own->reusable;
    if (bytes - again > idle && grow(pool, bytes - again - idle) != 0) return -1;
    if (own) own->reusable -= again;
    pool->pending -= again;
    raise_to(&pool->used, pool->used.now + bytes);
    return 0;
}

int pool_charge(struct memory_pool *pool, uint64_t bytes) {
    return charge(pool, bytes, 0);
}

static int try_allocate(struct memory_pool *pool, uint64_t bytes, uint64_t stream, uint64_t *address) {
    pthread_mutex_lock(&pool->lock);
    int result = charge(pool, round_up(bytes, UNIT_BYTES), stream);
    if (result == 0) {
        *address = device_memory_take(&pool->device->memory, &pool->memory, NULL, MEMORY_DEVICE, bytes);
        if (!*address) {
            pool->used.now -= round_up(bytes, UNIT_BYTES);
            result = -1;
        }
    }
    pthread_mutex_unlock(&pool->lock);
    return result;
}

CUresult pool_allocate(struct memory_pool *pool, uint64_t bytes, const struct stream *stream, uint64_t *address) {
    if (bytes > pool->most) return CUDA_ERROR_OUT_OF_MEMORY;
    if (try_allocate(pool, bytes, stream->id, address) == 0) return CUDA_SUCCESS;
    contexts_wait(pool->device); // frees that are on their way
    return try_allocate(pool, bytes, stream->id, address) == 0 ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

static int forget_if_empty(struct memory_pool *pool) {
    if (!pool->destroyed || pool->memory.first) return 0;
    if (!pool->imported) trim(pool, 0);
    if (pool->memory.arena) arena_detach(pool->memory.arena);
    if (pool->shared) shared_leave(pool->shared);
    return 1;
}

static void unlock_and_put(struct memory_pool *pool, int over) {
    pthread_mutex_unlock(&pool->lock);
    if (over) pool_put(&pools, pool); // with its lock, which somebody who walks all pools may be waiting for
}

struct free_work {
    struct memory_pool *pool;
    uint64_t address, id, bytes, stream;
};

// The stream has come to the free.
static void settle_free(struct memory_pool *pool, const struct free_work *work) {
    struct pending_free **link = &pool->frees;
    while (*link && (*link)->stream != work->stream) link = &(*link)->next;
    struct pending_free *frees = *link;
    if (!frees) return;
    frees->outstanding -= work->bytes;
    if (frees->reusable > frees->outstanding) {
        pool->pending -= frees->reusable - frees->outstanding;
        frees->reusable = frees->outstanding;
    }
    if (frees->outstanding) return;
    *link = frees->next;
    free(frees);
}

static void finish_free(struct operation *operation) {
    const struct free_work *work = (const struct free_work *)operation->payload;
    struct memory_pool *pool = work->pool;
    pthread_mutex_lock(&pool->lock);
    struct allocation *allocation = arena_find(work->address);
    if (allocation && allocation->id == work->id) device_memory_give(&pool->device->memory, &pool->memory, allocation);
    settle_free(pool, work);
    unlock_and_put(pool, forget_if_empty(pool));
}

static int run_free(struct operation *operation) {
    finish_free(operation);
    return 0;
}

CUresult pool_free(struct allocation *allocation, struct stream *stream) {
    struct memory_pool *pool = allocation->pool;
    struct operation *operation = operation_new(run_free, ENGINE_NONE, sizeof(struct free_work));
    struct pending_free *fresh = calloc(1, sizeof *fresh);
    if (!operation || !fresh) {
        free(fresh);
        if (operation) operation_free(operation);
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
    uint64_t bytes = round_up(atomic_load(&allocation->bytes), UNIT_BYTES);
    operation->skip = finish_free;
    *(struct free_work *)operation->payload =
        (struct free_work){pool, atomic_load(&allocation->base), allocation->id, bytes, stream->id};
    pthread_mutex_lock(&pool->lock);
    struct pending_free *frees = frees_of(pool, stream->id);
    if (frees) {
        free(fresh);
    } else {
        *fresh = (struct pending_free){.next = pool->frees, .stream = stream->id};
        pool->frees = frees = fresh;
    }
    frees->outstanding += bytes;
    if (!pool->imported) { // an imported pool's account is its exporter's
        frees->reusable += bytes;
        pool->pending += bytes;
        pool->used.now -= bytes;
    }
    pthread_mutex_unlock(&pool->lock);
    queue_submit(stream, operation);
    return CUDA_SUCCESS;
}

void pool_free_now(struct allocation *allocation) {
    struct memory_pool *pool = allocation->pool;
    pthread_mutex_lock(&pool->lock);
    if (!pool->imported) pool->used.now -= round_up(atomic_load(&allocation->bytes), UNIT_BYTES);
    device_memory_give(&pool->device->memory, &pool->memory, allocation);
    unlock_and_put(pool, forget_if_empty(pool));
}

void pool_trim(struct memory_pool *pool, uint64_t keep_bytes) {
    pthread_mutex_lock(&pool->lock);
    if (!pool->imported) trim(pool, keep_bytes);
    pthread_mutex_unlock(&pool->lock);
}

void pool_close(struct memory_pool *pool) {
    pthread_mutex_lock(&pool->lock);
    pool->destroyed = 1;
    atomic_store(&pool->pooled.alive, 0);
    if (!pool->imported) trim(pool, 0);
    unlock_and_put(pool, forget_if_empty(pool));
}

void pools_settle(CUresult waited) {
    struct memory_pool *pool;
    if (waited != CUDA_SUCCESS) return;
    for (uint32_t i = 0; (pool = pool_at(&pools, i)); i++) {
        if (!pool_is(pool) || pool->keeps) continue;
        pthread_mutex_lock(&pool->lock);
        if (!pool->destroyed && !pool->imported) trim(pool, pool->threshold);
        pthread_mutex_unlock(&pool->lock);
    }
}
