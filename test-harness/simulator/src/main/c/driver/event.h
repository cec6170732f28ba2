// event.h: events.
#ifndef SLUICE_SIM_EVENT_H
#define SLUICE_SIM_EVENT_H

#include "driver/context.h"

struct event {
    struct pooled pooled;
    CUcontext context;
    unsigned flags;
    pthread_mutex_t lock;   // guards `recorded`
    struct moment *recorded; // the latest record; NULL before the first
    struct captured_event *_Atomic captured; // where that record was in a captured stream; see graph/capture.h
    struct ipc_event *ipc;   // an event that other processes may have, see ipc_event.h
};

int event_is(const void *handle);
// The latest record, held for the caller, or NULL.
struct moment *event_recorded(CUevent event);
// What records the event, in a stream of `queue`. From now on the event means this record. NULL without memory.
struct operation *event_record_operation(CUevent event, struct queue *queue);
int event_is_interprocess(const struct event *event);
// An event of another process, which it drops in the end.
CUresult event_create_interprocess(CUcontext context, struct ipc_event *ipc, CUevent *event);
void events_release(CUcontext context);

#endif
