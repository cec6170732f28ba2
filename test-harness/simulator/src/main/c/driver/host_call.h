// host_call.h: host functions and callbacks. A thread of each context calls them one after another, so that one that blocks holds
// up its own stream and other host functions, and no kernel or copy of another stream.
#ifndef SLUICE_SIM_HOST_CALL_H
#define SLUICE_SIM_HOST_CALL_H

#include "driver/context.h"

struct operations;

struct host_call {
    CUhostFn function;
    CUstreamCallback callback; // called also where the context is broken, and told so
    CUstream handle;           // as the application named it
    void *user_data;
};

// The first operation hands the call to that thread, the second waits until it has returned.
CUresult host_call_operations(const struct host_call *call, struct queue *queue, struct operations *operations);

#endif
