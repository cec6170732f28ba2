// lane.h: where a thread counts its launches. A counter that several threads share costs tens of ns a launch, so each
// thread has a lane of its own in the account; when more threads launch than there are lanes, the rest share the last one.
#ifndef SLUICE_LANE_H
#define SLUICE_LANE_H

#include "ledger_layout.h"

// The lane that generated entries count in; NULL sends them to sluice_lane_bind's caller. Of the thread that reads it.
// After it, where the tenant's share of the GPU's time stands there.
struct sluice_bound_lane {
    struct sluice_lane *lane;
    const uint32_t *share_ppm;
};
extern __thread struct sluice_bound_lane sluice_lane __attribute__((tls_model("initial-exec"), visibility("hidden")));

// Binds the calling thread to its lane in `account`. Returns the lane to count in once, now; sluice_lane stays NULL where
// that lane is shared.
struct sluice_lane *sluice_lane_bind(struct sluice_account *account, const uint32_t *share_ppm, int *shared);

// The calling thread's context has changed, or the process' slot has: the lane is looked up anew.
static inline void sluice_lane_forget(void) {
    sluice_lane.lane = NULL;
}

// One launch, in the thread's own lane; where it has none, it was counted on the way here.
static inline void sluice_lane_count_launch(void) {
    struct sluice_lane *lane = sluice_lane.lane;
    if (lane) {
        __atomic_store_n(&lane->launches, lane->launches + 1, __ATOMIC_RELAXED);
    }
}

// The calling thread's number: from 1 to SLUICE_LANE_COUNT - 1 where it has a lane of its own, SLUICE_LANE_COUNT where it shares the
// last one, 0 before it was bound.
extern __thread unsigned sluice_lane_number __attribute__((tls_model("initial-exec"), visibility("hidden")));
unsigned sluice_lane_take_number(void);

void sluice_lane_reset_after_fork(void);

#endif
