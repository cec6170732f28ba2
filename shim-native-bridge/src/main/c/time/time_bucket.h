// time_bucket.h: a tenant's share of a GPU's time, as one shared word that all its processes change without a lock.
//
// The word is a theoretical arrival time (ITU-T I.371, the generic cell rate algorithm): a launch is admitted once that time has come,
// and puts it off by the device time that the launch is expected to take, divided by the share. It stands at most the burst behind the
// clock, so that this much may be used at once after a pause. All times are nanoseconds of CLOCK_MONOTONIC.
#ifndef SLUICE_TIME_BUCKET_H
#define SLUICE_TIME_BUCKET_H

#include "ledger_layout.h"

enum {
    SLUICE_BURST_NS = 2000000, // of device time
};

struct sluice_bucket {
    struct sluice_row *row;
    const struct sluice_limits_row *limits;
};

// The most of the GPU's time that the tenant may use, in millionths; 0: no limit, and none of the functions below does anything.
static inline uint32_t sluice_bucket_ppm(const struct sluice_bucket *bucket) {
    return __atomic_load_n(&bucket->limits->max_ppm, __ATOMIC_RELAXED);
}

// Takes so much device time where it may be had at now_ns; returns 0. Else takes nothing, and returns in how many ns it may be had.
// since_ns: what the share granted since then, and the burst before, is not lost, in 2 s at most. ahead_ns: device time that may be taken
// before it is granted: who takes turns with others uses in one turn what its share grants between two. The model of this and what follows
// is io.sluice.policy.time.TimeBucket.
uint64_t sluice_bucket_try(const struct sluice_bucket *bucket, uint64_t device_ns, uint64_t since_ns, uint64_t ahead_ns, uint64_t now_ns);

// The same, but waits, and returns for how many ns; at most some 2 s after the books said that it may be had: then the time is taken as a
// debt.
uint64_t sluice_bucket_take(const struct sluice_bucket *bucket, uint64_t device_ns, uint64_t since_ns, uint64_t ahead_ns);

// since_ns for the next launch: not before the given one, at most now_ns, and nothing that was used since counts as saved any more.
uint64_t sluice_bucket_saved_since(const struct sluice_bucket *bucket, uint64_t since_ns, uint64_t now_ns);

// What was taken turned out to be another time.
void sluice_bucket_settle(const struct sluice_bucket *bucket, uint64_t taken_ns, uint64_t actual_ns, uint64_t now_ns);

// CLOCK_MONOTONIC.
uint64_t sluice_bucket_clock_ns(void);

#endif
