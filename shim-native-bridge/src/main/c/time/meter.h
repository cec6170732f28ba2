// meter.h: how long launches really took. An interval is a run of launches of one thread into one stream, between two events of our own.
// Nothing else of that thread lies in between, and little idle time: an interval that took its thread about as long to launch as the GPU
// to run is not believed. One thread of ours looks after the events and settles what was taken from the bucket.
#ifndef SLUICE_METER_H
#define SLUICE_METER_H

#include "arbiter.h"
#include "estimate.h"
#include "time_bucket.h"

// What the calling thread is measuring, between one launch and the next. The generated entries look at the first word.
struct sluice_interval;
struct sluice_measuring {
    struct sluice_interval *interval; // NULL: nothing
    uint64_t serial;                  // of it
    uint64_t unmeasured_ns;           // work that it may still launch without measuring, where launches are measured one by one
};
extern __thread struct sluice_measuring sluice_measuring __attribute__((tls_model("initial-exec"), visibility("hidden")));

// A launch that is about to be made, and was charged.
struct sluice_launch {
    uint64_t context;
    void *stream;
    int (*record)(void *event, void *stream); // into that stream
    struct sluice_bucket bucket;
    struct sluice_turns *turns;
    struct sluice_lane *lane; // counts what was measured
    struct sluice_estimate *estimate;
    uint64_t charged_ns;
    int waited; // until its time had come: the stream is idle, most likely
};

// The weight of the tenant's turns, in millionths; 0: it takes none.
static inline uint32_t sluice_weight_ppm(const struct sluice_bucket *bucket) {
    return __atomic_load_n(&bucket->limits->share_ppm, __ATOMIC_RELAXED);
}

// Before the launch, and after it: `last` where the interval is to end with it.
void sluice_meter_launch(const struct sluice_launch *launch);
void sluice_meter_launched(int launched, int last);

// Ends the calling thread's interval. With something else about to be put into the stream, or waited for.
void sluice_meter_close(void);
static inline void sluice_meter_pause(void) {
    if (sluice_measuring.interval) {
        sluice_meter_close();
    }
}

// Before a context ends: its events end with it.
void sluice_meter_forget(uint64_t context);
void sluice_meter_reset_after_fork(void);

#endif
