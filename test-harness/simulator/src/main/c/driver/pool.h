// pool.h: stream-ordered memory. A pool books capacity of its card ahead, in steps of POOL_STEP_BYTES, and hands it out.
//
// A pool is an account: addresses are not used again soon, as everywhere here, but what they took is. What was freed in a stream
// may be taken again in that stream at once, elsewhere once the stream has come to the free. What a pool has booked beyond its
// release threshold goes back to the card when the application next waits for a stream, an event or a context.
//
//   reserved = used (taken) + pending (freed in a stream that has not come there) + idle
//
// Lock order: a pool's lock, then its card's memory, then the card's capacity.
#ifndef SLUICE_SIM_POOL_OF_MEMORY_H
#define SLUICE_SIM_POOL_OF_MEMORY_H

#include "driver/context.h"

static const uint64_t POOL_STEP_BYTES = 32u << 20;

struct pending_free;
struct shared_memory;

struct pool_level {
    uint64_t now, high;
};

struct memory_pool {
    struct pooled pooled;
    struct device *device;
    struct context_memory memory;
    pthread_mutex_t lock; // guards what follows
    struct pool_level reserved, used;
    uint64_t pending, threshold, most; // `most`: what it may reserve
    int reuse[3];                      // the three reuse attributes, kept as the application set them
    int handle_types;
    int destroyed;                     // gone once it is empty
    _Atomic int keeps;                 // what it has reserved, until it is trimmed
    struct pending_free *frees;
    struct shared_memory *shared; // a pool that other processes may open
    int imported;                 // another process' pool: it only opens pointers of that
};

int pool_is(const void *handle);
// NULL without memory. `most` 0: the card's size.
struct memory_pool *pool_open(struct device *device, int handle_types, uint64_t most);
// Its memory lies where other processes may map it. 0, or -1 when there is no room for that.
int pool_make_shareable(struct memory_pool *pool);
void pool_close(struct memory_pool *pool);

struct memory_pool *pool_default(struct device *device);
struct memory_pool *pool_current(struct device *device);
void pool_make_current(struct device *device, struct memory_pool *pool);

// CUDA_ERROR_OUT_OF_MEMORY when card or pool are full, even after waiting for all that is queued on the GPU.
CUresult pool_allocate(struct memory_pool *pool, uint64_t bytes, const struct stream *stream, uint64_t *address);
// Free in stream order. The allocation is of `pool`, and is claimed by the caller (see allocation_claim).
CUresult pool_free(struct allocation *allocation, struct stream *stream);
// Free at once; nothing queued uses it any more.
void pool_free_now(struct allocation *allocation);
// Gives back what is idle, down to `keep_bytes`.
void pool_trim(struct memory_pool *pool, uint64_t keep_bytes);
// Takes from the account alone: 0, or -1 when card or pool are full. Under the pool's lock.
int pool_charge(struct memory_pool *pool, uint64_t bytes);
// After a wait of the application that ended with `waited`.
void pools_settle(CUresult waited);

// Memory of graphs. Its address is fixed when a graph gets its allocation node; what is behind it comes when the node runs, and
// goes when its free node runs. A GPU's graphs share one pool, which keeps what it has reserved until it is trimmed.
struct graph_memory;
struct memory_pool *pool_of_graphs(struct device *device);
// `devices`: a bit for each GPU that may reach it, beside `device`. NULL when no address is left.
struct graph_memory *graph_memory_new(struct device *device, uint64_t bytes, uint32_t devices);
uint64_t graph_memory_address(const struct graph_memory *memory);
// From begin to end it can be reached. 0, or -1 when the card is full.
int graph_memory_begin(struct graph_memory *memory);
void graph_memory_end(struct graph_memory *memory);
void graph_memory_drop(struct graph_memory *memory);

#endif
