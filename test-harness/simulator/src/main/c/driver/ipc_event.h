// ipc_event.h: events that several processes record and wait for.
#ifndef SLUICE_SIM_IPC_EVENT_H
#define SLUICE_SIM_IPC_EVENT_H

#include "driver/context.h"

// What an event's processes share. Both counts only grow; `at_ns` is written before `reached`.
struct ipc_state {
    _Atomic uint64_t recorded; // how often it was recorded
    _Atomic uint64_t reached;  // the latest of these records that its stream has come to
    _Atomic uint64_t at_ns;    // device time of that
    _Atomic int32_t pid;       // who recorded last: his death ends the wait
};

struct ipc_event;

// Counts a record, whose stream comes to `moment`.
void ipc_event_recorded(struct ipc_event *event, struct moment *moment);
// The latest record of any process, held for the caller; NULL before the first. `own` is this process' latest.
struct moment *ipc_event_latest(struct ipc_event *event, struct moment *own);
void ipc_event_drop(struct ipc_event *event);

#endif
