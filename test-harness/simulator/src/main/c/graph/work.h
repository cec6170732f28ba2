// work.h: one piece of work as the application describes it: a call on a stream, or a node of a graph. A stream gets operations
// made from it; a graph keeps it and makes operations at each launch.
#ifndef SLUICE_SIM_WORK_H
#define SLUICE_SIM_WORK_H

#include "driver/copy.h"
#include "driver/launch.h"
#include "driver/set.h"

// By number in CUgraphNodeType.
enum work_type {
    WORK_KERNEL, WORK_COPY, WORK_FILL, WORK_HOST, WORK_GRAPH, WORK_EMPTY, WORK_WAIT, WORK_RECORD,
    WORK_SEMAPHORE_SIGNAL, WORK_SEMAPHORE_WAIT, WORK_ALLOC, WORK_FREE, WORK_BATCH
};

struct work {
    enum work_type type;
    CUcontext context;   // NULL: the one in which the graph is instantiated
    uint32_t generation; // the life of the context that is meant
    void *owned;         // what the parameters or the batch lie in, once kept
    union {
        struct kernel_call kernel;
        struct copy copy;
        struct fill fill;
        CUDA_HOST_NODE_PARAMS host;
        CUgraph child; // owned, once kept
        CUevent event;
        CUDA_MEM_ALLOC_NODE_PARAMS alloc;
        CUdeviceptr free;
        struct { unsigned count, flags; CUstreamBatchMemOpParams *items; } batch;
    };
};

// A copy of its own: what `work` points to may go away. 2 without memory.
CUresult work_keep(struct work *kept, const struct work *work);
void work_drop(struct work *work);
// Whether the context and the handles that it names still mean what they did: 0, 400, 709, or what broke the context.
CUresult work_check(const struct work *work);

// One or two operations in a row. The second, where there is one, waits for something that the first sets going elsewhere.
struct operations {
    struct operation *first, *second;
};

// Not of a child graph, which consists of others. `queue` is where they will be submitted. 2 without memory.
CUresult work_operations(const struct work *work, struct queue *queue, struct operations *operations);
void operations_drop(struct operations *operations);
void operations_submit(struct stream *stream, const struct operations *operations);

#endif
