#include "admit.h"

#include "cuda_result.h"
#include "settings.h"
#include "tenant.h"

#include <pthread.h>
#include <string.h>

// Time that a thread takes ahead, so that short kernels do not each go to the shared word, and come in runs that can be measured.
enum { GRANT_NS = 1000000 };
// A kernel is charged so much before it runs, and what is longer as it goes. Where it waits for another launch of its tenant, that one
// must not wait for all of it to be granted: each time it would take longer, by the share.
static const uint64_t LONGEST_ADVANCE_NS = 1000000000;
// What the share granted in so many waits for a turn as the last may be saved.
enum { SAVED_WAITS = 4 };

__thread struct sluice_grant sluice_grant __attribute__((tls_model("initial-exec"), visibility("hidden")));

// At each GPU of the ledger, once the first launch was made there.
static struct {
    pthread_mutex_t lock;
    int is_open[SLUICE_ROW_COUNT];
    struct sluice_turns of[SLUICE_ROW_COUNT];
} gpus = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void start_afresh_after_fork(void);

static void expect_forks(void) {
    pthread_atfork(NULL, NULL, start_afresh_after_fork);
}

static struct sluice_turns *turns_of(unsigned row) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (!__atomic_load_n(&gpus.is_open[row], __ATOMIC_ACQUIRE)) {
        pthread_once(&once, expect_forks);
        pthread_mutex_lock(&gpus.lock);
        if (!gpus.is_open[row]) {
            sluice_turns_open(&gpus.of[row], sluice_setting(SLUICE_SETTING_RUN_DIR), sluice_tenant_name(), sluice_tenant_ledger()->rows[row].uuid);
            __atomic_store_n(&gpus.is_open[row], 1, __ATOMIC_RELEASE);
        }
        pthread_mutex_unlock(&gpus.lock);
    }
    return &gpus.of[row];
}

static void start_afresh_after_fork(void) {
    sluice_meter_reset_after_fork();
    pthread_mutex_init(&gpus.lock, NULL);
    memset(gpus.is_open, 0, sizeof gpus.is_open);
    for (unsigned row = 0; row < SLUICE_ROW_COUNT; row++) {
        sluice_turns_forget(&gpus.of[row]);
    }
    sluice_grant = (struct sluice_grant){.recorder = NULL};
    sluice_captures = 0;
}

// By priority: how long one turn is, device time.
static uint64_t quantum_of(const struct sluice_bucket *bucket) {
    static const uint64_t quanta_ns[] = {
        [SLUICE_PRIORITY_NORMAL] = 5000000, [SLUICE_PRIORITY_LATENCY] = 2000000, [SLUICE_PRIORITY_BATCH] = 10000000,
    };
    uint32_t priority = __atomic_load_n(&bucket->limits->priority, __ATOMIC_RELAXED);
    return quanta_ns[priority <= SLUICE_PRIORITY_BATCH ? priority : SLUICE_PRIORITY_NORMAL];
}

static uint64_t latest(uint64_t a_ns, uint64_t b_ns) {
    return (int64_t)(a_ns - b_ns) > 0 ? a_ns : b_ns;
}

static uint64_t least(uint64_t a_ns, uint64_t b_ns) {
    return a_ns < b_ns ? a_ns : b_ns;
}

static void count_wait(const struct sluice_bucket *bucket, uint64_t waited_ns) {
    struct sluice_account *account = sluice_tenant_account((unsigned)(bucket->row - sluice_tenant_ledger()->rows));
    unsigned bound = 0;
    for (uint64_t bound_ns = 100000; bound < SLUICE_LAUNCH_WAIT_BOUNDS - 1 && waited_ns > bound_ns; bound++) {
        bound_ns = bound % 2 ? bound_ns / 3 * 10 : bound_ns * 3;
    }
    if (account) {
        __atomic_add_fetch(&account->lanes[bound].launch_waits, 1, __ATOMIC_RELAXED);
    }
}

// Takes the launch's time: off the bucket, then in a turn. Returns whether it had to wait for it.
static int take(const struct sluice_bucket *bucket, struct sluice_turns *turns, uint64_t device_ns) {
    uint64_t turn = sluice_turns_word(turns);
    if (sluice_grant.row == bucket->row && sluice_grant.ns >= device_ns && sluice_grant.turn == turn) {
        sluice_grant.ns -= device_ns;
        return 0;
    }
    sluice_meter_pause();
    uint64_t begun_ns = sluice_bucket_clock_ns(), kept_ns = sluice_grant.row == bucket->row ? sluice_grant.ns : 0, taken_ns = 0, throttled_ns = 0;
    int contended = sluice_turns_contended(turns);
    // What was granted while the thread waited is saved; not what was while it had no launch to make.
    uint64_t since_ns = sluice_grant.row == bucket->row ? sluice_grant.since_ns + (begun_ns - sluice_grant.left_ns) : begun_ns;
    sluice_grant.since_ns = sluice_bucket_saved_since(bucket, since_ns, begun_ns);
    int same_turn = sluice_grant.row == bucket->row && sluice_grant.turn == turn;
    if (kept_ns < device_ns) {
        // Beside others two turns ahead: with one a tenant whose share is large is late for its next.
        taken_ns = device_ns < GRANT_NS ? GRANT_NS : device_ns;
        throttled_ns = sluice_bucket_take(bucket, taken_ns, sluice_grant.since_ns, contended ? 2 * quantum_of(bucket) : 0);
    }
    uint64_t refused_ns = 0;
    if (turns->arbiter) {
        uint64_t booked_ns = same_turn ? 0 : kept_ns;
        refused_ns = sluice_turns_take(turns, taken_ns + booked_ns, booked_ns, sluice_weight_ppm(bucket), quantum_of(bucket));
    }
    if (sluice_lane.lane) {
        sluice_lane.lane->throttled_ns += throttled_ns;
        sluice_lane.lane->turn_wait_ns += refused_ns;
    }
    if (throttled_ns + refused_ns > 0) {
        count_wait(bucket, throttled_ns + refused_ns);
    }
    sluice_grant.row = bucket->row;
    sluice_grant.ns = kept_ns + taken_ns - device_ns;
    if (refused_ns) { // not more than some turns: what they cost would add up
        sluice_grant.since_ns = latest(sluice_grant.since_ns, begun_ns + throttled_ns - SAVED_WAITS * refused_ns);
    }
    sluice_grant.left_ns = begun_ns + throttled_ns + refused_ns;
    sluice_grant.turn = sluice_turns_word(turns);
    return throttled_ns + refused_ns > 0;
}

// The bucket of a row; without limits where there is no share.
static struct sluice_bucket bucket_of(int row) {
    struct sluice_ledger *ledger = sluice_tenant_ledger();
    const struct sluice_limits_row *limits = row >= 0 ? sluice_ledger_limits(ledger, (unsigned)row) : NULL;
    struct sluice_bucket bucket = {.row = row >= 0 ? &ledger->rows[row] : NULL, .limits = limits};
    return limits && sluice_weight_ppm(&bucket) ? bucket : (struct sluice_bucket){NULL, NULL};
}

void sluice_admit_unmeasured(int row, const void *function, uint64_t blocks) {
    struct sluice_bucket bucket = bucket_of(row);
    sluice_admit_anew(); // what is left of the grant may be another GPU's from here on
    if (bucket.limits) {
        take(&bucket, turns_of((unsigned)row), sluice_estimate_ns(sluice_estimate_of(function, blocks)));
    }
}

void sluice_admit(struct sluice_admission *launch) {
    sluice_lane_count_launch();
    sluice_admit_anew();
    struct sluice_launch measured = {.stream = launch->stream, .record = launch->recorder};
    unsigned ended_contexts = __atomic_load_n(&sluice_ended_contexts, __ATOMIC_ACQUIRE);
    int row = sluice_is_captured(launch->recorder, launch->stream) ? SLUICE_ROW_UNKNOWN : sluice_current_row(&measured.context);
    measured.bucket = bucket_of(row);
    if (!measured.bucket.limits) {
        return;
    }
    measured.estimate = sluice_estimate_of(launch->function, launch->blocks);
    measured.charged_ns = least(sluice_estimate_ns(measured.estimate), LONGEST_ADVANCE_NS);
    measured.turns = turns_of((unsigned)row);
    measured.lane = &sluice_tenant_account((unsigned)row)->lanes[SLUICE_LANE_COUNT - 1];
    measured.waited = take(&measured.bucket, measured.turns, measured.charged_ns);
    launch->charged_ns = measured.charged_ns;
    launch->last = sluice_grant.ns < measured.charged_ns;
    sluice_meter_launch(&measured);
    if (sluice_lane.lane) {
        sluice_grant.recorder = launch->recorder;
        sluice_grant.stream = launch->stream;
        sluice_grant.turn_word = sluice_turns_at(measured.turns);
        sluice_grant.ended_contexts = ended_contexts;
    }
}

int sluice_admitted(struct sluice_admission *launch, int result) {
    sluice_meter_launched(result == CUDA_SUCCESS, launch->last);
    if (result != CUDA_SUCCESS) {
        sluice_grant.ns += launch->charged_ns; // for the next launch
    }
    return result;
}
