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
};

int event_is(const void *handle);
// The latest record, held for the caller, or NULL.
struct moment *event_recorded(CUevent event);
// What records the event, in a stream of `queue`. From now on the event means this record. NULL without memory.
struct operation *event_record_operation(CUevent event, struct queue *queue);
void events_release(CUcontext context);

#endif
