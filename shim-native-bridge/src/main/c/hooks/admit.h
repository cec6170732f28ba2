// admit.h: the time of launches. A thread takes time off its tenant's bucket ahead, in its process' turn, and measures what it launches;
// most launches only count down what it took.
#ifndef SLUICE_ADMIT_H
#define SLUICE_ADMIT_H

#include "capture.h"
#include "current_gpu.h"
#include "interval.h"
#include "lane.h"

// What a launch is, as far as admission is concerned.
struct sluice_admission {
    const void *function; // or executable graph
    uint64_t blocks;
    void *stream;
    sluice_recorder *recorder; // into that stream
    uint64_t charged_ns;       // by sluice_admit
    int last;                  // of what the thread has taken time for
};

// What the calling thread has taken and not used yet, and the stream that it was used for last.
struct sluice_grant {
    sluice_recorder *recorder; // NULL: its context may have changed since
    void *stream;
    const uint64_t *turn_word;
    uint64_t turn; // in which it was taken
    uint64_t ns;
    struct sluice_row *row; // that it was taken from
    uint64_t since_ns;      // what the share granted since then is saved
    uint64_t left_ns;       // when it had last taken time
    unsigned ended_contexts;
};
extern __thread struct sluice_grant sluice_grant __attribute__((tls_model("initial-exec"), visibility("hidden")));

// One more launch as those before it: 1 where it is counted and admitted. Reads what others write rarely, and writes what is the
// thread's own. A launch that then fails is found out with what it was measured with.
static inline __attribute__((always_inline)) int sluice_admit_next(const void *function, uint64_t blocks, void *stream, sluice_recorder *recorder) {
    struct sluice_grant *grant = &sluice_grant;
    struct sluice_interval *interval = sluice_measuring.interval;
    const struct sluice_estimate *estimate = sluice_estimate_find(function, blocks);
    if (!estimate || grant->recorder != recorder || grant->stream != stream || grant->ns < 2 * sluice_estimate_ns(estimate)
        || grant->ended_contexts != __atomic_load_n(&sluice_ended_contexts, __ATOMIC_RELAXED)
        || grant->turn != __atomic_load_n(grant->turn_word, __ATOMIC_RELAXED) || __atomic_load_n(&sluice_captures, __ATOMIC_RELAXED) != 0) {
        return 0;
    }
    uint64_t ns = sluice_estimate_ns(estimate);
    if (interval) {
        if (!sluice_interval_is_own(interval)) {
            return 0;
        }
        interval->mixed |= interval->launch.estimate != estimate;
        interval->launches++;
        __atomic_store_n(&interval->charged_ns, interval->charged_ns + ns, __ATOMIC_RELAXED);
    } else if (sluice_estimate_is_host_bound(estimate) && sluice_measuring.unmeasured_ns > ns) {
        sluice_measuring.unmeasured_ns -= ns;
    } else {
        return 0;
    }
    grant->ns -= ns;
    sluice_lane_count_launch();
    return 1;
}

// Any launch: waits until its time has come, and begins to measure it.
void sluice_admit(struct sluice_admission *launch);
// After it. Returns `result`, of the driver.
int sluice_admitted(struct sluice_admission *launch, int result);

// Waits for the time of a launch on any GPU, which is not measured. `row`: of the GPU.
void sluice_admit_unmeasured(int row, const void *function, uint64_t blocks);

// The calling thread's context may have changed.
static inline void sluice_admit_anew(void) {
    sluice_grant.recorder = NULL;
}

#endif
