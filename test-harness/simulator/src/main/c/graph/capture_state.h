// capture_state.h: the inside of capture, shared by its files. All under capture_lock.
#ifndef SLUICE_SIM_CAPTURE_STATE_H
#define SLUICE_SIM_CAPTURE_STATE_H

#include "graph/capture.h"
#include "graph/graph.h"

// By number in CUstreamCaptureMode and CUstreamCaptureStatus.
enum { MODE_GLOBAL, MODE_THREAD_LOCAL, MODE_RELAXED };
enum { STATUS_NONE, STATUS_ACTIVE, STATUS_INVALIDATED };

// A stream that takes part.
struct capture_branch {
    struct capture *capture;
    struct stream *stream;
    struct node_set last; // the next work comes after these
    struct capture_branch *next;
};

struct capture {
    uint64_t id;
    int mode, status;
    const void *thread; // that began it
    struct stream *origin;
    CUgraph graph;
    struct capture_branch *branches;
    struct capture *next;
};

struct captured_event {
    uint64_t capture_id;
    struct node_set after;
};

extern pthread_mutex_t capture_lock;
extern struct capture *captures;
extern _Atomic int capture_count;

// The calling thread, as long as it lives.
const void *capture_thread(void);
// NULL if the stream takes no part in a capture.
struct capture_branch *capture_branch_of(const struct stream *stream);
struct capture *capture_by_id(uint64_t id);
CUresult capture_invalidate(struct capture *capture, CUresult result);
// 906, and *capture that which forbids it, when `stream` is the legacy one and a stream that waits for it is captured.
CUresult capture_implicit(const struct stream *stream, struct capture **capture);
struct capture_branch *capture_join(struct capture *capture, struct stream *stream);
// Leaves out nodes that the application has destroyed since.
void capture_prune(struct node_set *set, CUgraph graph);
void capture_end(struct capture *capture); // without its graph

#endif
