// pool.c: see pool.h. Reuse is first in, first out, so that a stale handle is told from a live one for as long as possible.
#define _GNU_SOURCE
#include "base/pool.h"

#include <string.h>
#include <sys/mman.h>

static char *reserve(struct pool *pool) {
    void *base = mmap(NULL, (size_t)pool->object_bytes * pool->limit, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) return NULL;
    atomic_store(&pool->base, base);
    return base;
}

void *pool_take(struct pool *pool) {
    pthread_mutex_lock(&pool->lock);
    char *base = atomic_load(&pool->base);
    struct pooled *object = NULL;
    uint32_t used = atomic_load(&pool->used);
    // A quarter of the pool is handed out afresh before any address comes back.
    if (pool->first_free && used >= pool->limit / 4) {
        object = pool->first_free;
        pool->first_free = object->next_free;
        if (!pool->first_free) pool->last_free = NULL;
    } else if (used < pool->limit && (base || (base = reserve(pool)))) {
        object = (struct pooled *)(base + (size_t)used * pool->object_bytes);
        atomic_store(&pool->used, used + 1);
    }
    pthread_mutex_unlock(&pool->lock);
    if (!object) return NULL;
    memset((char *)object + sizeof(struct pooled), 0, pool->object_bytes - sizeof(struct pooled));
    atomic_fetch_add(&object->generation, 1);
    atomic_store(&object->alive, 1);
    return object;
}

void pool_put(struct pool *pool, void *handle) {
    struct pooled *object = handle;
    atomic_store(&object->alive, 0);
    pthread_mutex_lock(&pool->lock);
    object->next_free = NULL;
    if (pool->last_free) pool->last_free->next_free = object;
    else pool->first_free = object;
    pool->last_free = object;
    pthread_mutex_unlock(&pool->lock);
}

int pool_has(const struct pool *pool, const void *handle) {
    const char *base = atomic_load(&((struct pool *)pool)->base);
    uint32_t used = atomic_load(&((struct pool *)pool)->used);
    uintptr_t offset = (uintptr_t)handle - (uintptr_t)base;
    if (!base || (uintptr_t)handle < (uintptr_t)base || offset >= (uintptr_t)used * pool->object_bytes) return 0;
    return offset % pool->object_bytes == 0 && atomic_load(&((struct pooled *)handle)->alive);
}

void *pool_at(const struct pool *pool, uint32_t index) {
    const char *base = atomic_load(&((struct pool *)pool)->base);
    if (!base || index >= atomic_load(&((struct pool *)pool)->used)) return NULL;
    return (void *)(base + (size_t)index * pool->object_bytes);
}
