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
};

int event_is(const void *handle);
// The latest record, held for the caller, or NULL.
struct moment *event_recorded(CUevent event);
void events_release(CUcontext context);

#endif
