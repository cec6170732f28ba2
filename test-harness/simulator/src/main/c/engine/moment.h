// moment.h: a point in a stream that others may wait for. An event record makes one; who waits for the event holds it, so
// that recording the event again, or destroying it, changes nothing for them.
#ifndef SLUICE_SIM_MOMENT_H
#define SLUICE_SIM_MOMENT_H

#include <stdatomic.h>
#include <stdint.h>

struct queue;

struct moment {
    _Atomic uint32_t holders;
    _Atomic int executed;   // the stream has come this far
    uint64_t at_ns;         // device time of it; written before `executed`
    struct queue *queue;    // whose worker will execute it
};

struct moment *moment_new(struct queue *queue); // held once by the caller; NULL without memory
struct moment *moment_hold(struct moment *moment);
// For a moment that no operation signals: it is reached now. Its queue must have an operation that waits for it.
void moment_reach(struct moment *moment);
void moment_drop(struct moment *moment);

#endif
