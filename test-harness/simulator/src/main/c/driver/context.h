// context.h: contexts, and which one a thread uses.
#ifndef SLUICE_SIM_CONTEXT_H
#define SLUICE_SIM_CONTEXT_H

#include "driver/cuda_types.h"
#include "driver/device.h"
#include "engine/queue.h"

enum { CONTEXT_LIMITS = 8, PEERS_MAX = 64 };

struct context {
    struct pooled pooled;
    struct device *device;
    _Atomic int open; // a primary context's handle outlives what it held
    int primary;
    uint64_t id;
    _Atomic unsigned flags;
    unsigned api_version;
    uint64_t context_bytes; // what it took of the card
    size_t limits[CONTEXT_LIMITS];
    size_t thread_bytes; // of local memory that there is for each thread the card can hold
    int cache_config, shared_config;
    struct context_memory memory;
    _Atomic uint64_t peers[PEERS_MAX]; // ids of the contexts whose memory it may use
    struct queue queue;
    pthread_mutex_t modules_lock; // guards the list
    struct module *modules;
    struct printed *_Atomic printed; // see printed.h
};

// The calling thread's context, if it can be used: else 3, 201, 709, 800 in a host function, or the error that broke it.
CUresult context_current(CUcontext *context);
// The same, without that error: for destroying things.
CUresult context_current_even_broken(CUcontext *context);
int context_is(const void *handle);
int context_flags_are_valid(unsigned flags);

CUresult context_open(struct device *device, unsigned flags, int primary, CUcontext *context);
CUresult context_reopen(CUcontext context, unsigned flags);
void context_close(CUcontext context);
// More for what kernels use besides their blocks; it stays the context's.
CUresult context_take(CUcontext context, uint64_t bytes);
// As much local memory for each thread that the card can hold at once, which is what a kernel's first launch takes.
CUresult context_take_local(CUcontext context, size_t thread_bytes);
void contexts_stop_at_exit(void);
// Waits until nothing is queued on this GPU (NULL: on any), whatever its outcome.
void contexts_wait(const struct device *device);

// Whether kernels of this context may use what the other one owns.
int context_has_peer(const struct context *context, const struct context *other);

// The thread's stack, see current.c.
CUcontext current_top(int *stale);
CUresult current_push(CUcontext context);
CUresult current_pop(CUcontext *context);
void current_replace(CUcontext context);
void current_forget(CUcontext context);

// A stream argument: the legacy (0, 1) or this thread's (2) default stream, or a handle. `current` is the thread's context.
CUresult stream_find(CUcontext current, CUstream handle, struct stream **stream);
// Around a function whose name ends in _ptds or _ptsz: argument 0 means this thread's default stream.
void per_thread_begin(void);
void per_thread_end(void);

#endif
