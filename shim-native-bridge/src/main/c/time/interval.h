// interval.h: what the meter keeps of one run of launches, and of a context. For meter.c and measure.c; the meter's lock guards all
// of it but what the thread of an open interval counts, and its events' own calls.
#ifndef SLUICE_INTERVAL_H
#define SLUICE_INTERVAL_H

#include "meter.h"

enum { SLUICE_PENDING_INTERVALS = 1024, SLUICE_SPARE_EVENTS = 32 };

// FREE: settled, or not to be believed. OPEN: its thread still launches.
enum sluice_interval_state { SLUICE_INTERVAL_FREE, SLUICE_INTERVAL_OPEN, SLUICE_INTERVAL_CLOSED };

struct sluice_interval {
    enum sluice_interval_state state;
    uint64_t serial; // no two intervals have the same: its thread finds out by it that the place is another's by now
    int alone; // no other stream of the context was in use
    int idle;  // the stream had nothing to do when it was opened
    struct sluice_measured *context;
    struct sluice_launch launch; // the first
    void *start, *end;
    uint64_t launches, charged_ns;
    int mixed; // launches with several estimates
    uint64_t opened_ns, first_ns, launched_ns; // before the start was recorded, after the first launch, the last; by the host's clock
    uint64_t turn;                             // in which it was opened
    uint64_t begun_ns;                         // when it was first seen to run; 0: not yet
};

// Whether the calling thread's interval is still its own: the context may have ended, and the place be another's.
static inline int sluice_interval_is_own(const struct sluice_interval *interval) {
    return __atomic_load_n(&interval->serial, __ATOMIC_ACQUIRE) == sluice_measuring.serial
        && __atomic_load_n(&interval->state, __ATOMIC_ACQUIRE) == SLUICE_INTERVAL_OPEN;
}

// One context whose launches are measured. Intervals are in the order in which they were opened, from `first` to `next`.
struct sluice_measured {
    uint64_t context; // 0: unused
    struct sluice_interval intervals[SLUICE_PENDING_INTERVALS];
    uint64_t first, next;
    void *spare[SLUICE_SPARE_EVENTS];
    unsigned spares;
    void *stream; // that was launched into last
    unsigned alternations;
    void *base; // an event that has happened: positions are counted from it
    int64_t base_ns, covered_ns;
    uint64_t based_ns;
    int64_t offset_ns; // of the host's clock to positions, at least: what is seen is seen some time after it happened; 0: unknown
    struct sluice_turns *turns; // of its GPU
};

// Timed events of the current context. NULL where the driver makes none.
void *sluice_measure_take_event(struct sluice_measured *context);
void sluice_measure_give_event(struct sluice_measured *context, void *event);

// Settles what is over, with the context made current meanwhile, and adds what is not to `work`.
void sluice_measure(struct sluice_measured *context, struct sluice_work *work);

#endif
