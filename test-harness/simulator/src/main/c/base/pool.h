// pool.h: handles. What an application holds (a CUstream, a CUevent …) is an address inside a pool that is never unmapped, so
// that any value it may pass is judged without being followed: in the pool, at the start of an object, and alive.
#ifndef SLUICE_SIM_POOL_H
#define SLUICE_SIM_POOL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

// The first member of every object that lives in a pool.
struct pooled {
    _Atomic uint32_t alive;
    _Atomic uint32_t generation; // counts the lives of this address: a remembered handle is the same one only if this is too
    struct pooled *next_free;
};

struct pool {
    uint32_t object_bytes, limit;
    pthread_mutex_t lock;     // guards used and the free list
    char *_Atomic base;
    _Atomic uint32_t used;
    struct pooled *first_free, *last_free;
};

#define POOL(type, how_many) {.object_bytes = sizeof(type), .limit = (how_many), .lock = PTHREAD_MUTEX_INITIALIZER}

// An object whose bytes behind the header are zero, alive; NULL where none is left.
void *pool_take(struct pool *pool);
void pool_put(struct pool *pool, void *object);
int pool_has(const struct pool *pool, const void *handle);
// The address of object number `index`, for walking; NULL at the end. It need not be alive.
void *pool_at(const struct pool *pool, uint32_t index);

#endif
