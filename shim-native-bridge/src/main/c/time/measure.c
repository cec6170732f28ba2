// measure.c: how long launches took, of the events around them.
#define _GNU_SOURCE
#include "interval.h"

#include "cuda_result.h"
#include "driver.h"

enum { NOT_READY = 600 }; // CUDA_ERROR_NOT_READY
enum { ONE_BY_ONE = 64 }; // launches that are measured so, after an interval was not believed
static const uint64_t BASE_NS = 10000000000, LEFT_OPEN_NS = 2000000;

void *sluice_measure_take_event(struct sluice_measured *context) {
    void *event = NULL;
    if (context->spares == 0) {
        sluice_real_cuEventCreate((void *)&event, 0);
        return event;
    }
    return context->spare[--context->spares];
}

void sluice_measure_give_event(struct sluice_measured *context, void *event) {
    if (event && context->spares < sizeof context->spare / sizeof *context->spare) {
        context->spare[context->spares++] = event;
    } else if (event) {
        sluice_real_cuEventDestroy_v2(event);
    }
}

// The time between two events, which the driver gives as a float of milliseconds, in whole nanoseconds: this library does without
// floating point. Returns 0 where the driver does not know it.
static int between_ns(void *from, void *to, int64_t *ns) {
    uint32_t bits = 0; // IEEE 754 binary32
    if (sluice_real_cuEventElapsedTime((void *)&bits, from, to) != CUDA_SUCCESS) {
        return 0;
    }
    int exponent = (int)(bits >> 23 & 0xff) - 150;
    unsigned __int128 product = (unsigned __int128)((bits & 0x7fffff) | 0x800000) * 1000000;
    product = exponent >= 0 ? product << (exponent < 40 ? exponent : 40) : exponent > -100 ? product >> -exponent : 0;
    *ns = bits >> 31 ? -(int64_t)product : (int64_t)product;
    return 1;
}

// Where an event lies, counted from the first base; floats of milliseconds are exact enough for some seconds.
static int position_ns(struct sluice_measured *context, void *event, int64_t *ns) {
    if (!context->base || !between_ns(context->base, event, ns)) {
        return 0;
    }
    *ns += context->base_ns;
    return 1;
}

// When an event that is seen to have happened did so, by the host's clock. The smallest lag that was ever seen is taken for none.
static uint64_t happened_ns(struct sluice_measured *context, void *event, uint64_t now_ns) {
    int64_t ns;
    if (!position_ns(context, event, &ns)) {
        return now_ns;
    }
    int64_t offset_ns = (int64_t)now_ns - ns;
    if (context->offset_ns == 0 || offset_ns < context->offset_ns) {
        context->offset_ns = offset_ns;
    } else {
        context->offset_ns += (offset_ns - context->offset_ns) / 1024; // clocks drift
    }
    return (uint64_t)(ns + context->offset_ns);
}

static void rebase(struct sluice_measured *context, struct sluice_interval *interval) {
    uint64_t now_ns = sluice_bucket_clock_ns();
    int64_t ns = 0;
    if (context->base && (now_ns - context->based_ns < BASE_NS || !position_ns(context, interval->start, &ns))) {
        return;
    }
    sluice_measure_give_event(context, context->base);
    context->base = interval->start;
    context->base_ns = ns;
    context->based_ns = now_ns;
    interval->start = NULL;
}

// By how much an idle stream's start happened before the first launch came. When in each of the two calls the GPU is told depends on the
// driver: taken for the middle.
static int64_t late_ns(const struct sluice_interval *interval) {
    return interval->idle ? (int64_t)(interval->first_ns - interval->opened_ns) / 2 : 0;
}

// How long the GPU worked in it. Returns 0 where that is not known:
// the host took so long to make the launches that the GPU may have waited for them.
static int worked_ns(struct sluice_measured *context, const struct sluice_interval *interval, int64_t *ns) {
    int64_t from_ns, to_ns, idle_ns = late_ns(interval);
    int64_t launching_ns = (int64_t)(interval->launched_ns - interval->first_ns);
    if (!between_ns(interval->start, interval->end, ns)) {
        return 0;
    }
    *ns = *ns > idle_ns ? *ns - idle_ns : 1;
    if (interval->launches > 1 && launching_ns > *ns - *ns / 8) {
        __atomic_store_n(&interval->launch.estimate->host_bound, ONE_BY_ONE, __ATOMIC_RELAXED);
        return 0;
    }
    if (position_ns(context, interval->start, &from_ns) && position_ns(context, interval->end, &to_ns)) {
        if (!interval->alone) {
            from_ns = from_ns > context->covered_ns ? from_ns : context->covered_ns;
            *ns = to_ns > from_ns ? to_ns - from_ns : 0;
        }
        context->covered_ns = to_ns > context->covered_ns ? to_ns : context->covered_ns;
    }
    return 1;
}

// What was in the GPU while the turn moved on may have run beside the next one's work: its time is not all its own.
static int64_t own_part(const struct sluice_interval *interval, int64_t ns) {
    int64_t most_ns = (int64_t)(interval->charged_ns + interval->charged_ns / 16);
    int beside = interval->turn != sluice_turns_word(interval->launch.turns);
    return beside && ns > most_ns ? most_ns : ns;
}

static void settle(struct sluice_measured *context, struct sluice_interval *interval) {
    struct sluice_estimate *estimate = interval->launch.estimate;
    int64_t ns;
    if (worked_ns(context, interval, &ns)) {
        ns = own_part(interval, ns);
        if (!interval->mixed) {
            sluice_estimate_learn(estimate, (uint64_t)ns / interval->launches);
        }
        sluice_bucket_settle(&interval->launch.bucket, interval->charged_ns, (uint64_t)ns, sluice_bucket_clock_ns());
        sluice_turns_correct(interval->launch.turns, ns - (int64_t)interval->charged_ns, sluice_weight_ppm(&interval->launch.bucket));
        uint64_t busy_ns = (uint64_t)ns, off_ns = busy_ns > interval->charged_ns ? busy_ns - interval->charged_ns : interval->charged_ns - busy_ns;
        __atomic_add_fetch(&interval->launch.lane->busy_ns, busy_ns, __ATOMIC_RELAXED);
        __atomic_add_fetch(&interval->launch.lane->estimate_error_ns, off_ns, __ATOMIC_RELAXED);
        __atomic_store_n(&estimate->host_bound, estimate->host_bound - (estimate->host_bound > 0), __ATOMIC_RELAXED);
        rebase(context, interval);
    }
    sluice_measure_give_event(context, interval->start);
    sluice_measure_give_event(context, interval->end);
    interval->state = SLUICE_INTERVAL_FREE;
}

// A kernel that runs on past what was taken for it takes more as it goes.
static void charge_on(struct sluice_interval *interval, uint64_t now_ns) {
    uint64_t ran_ns = now_ns - interval->begun_ns;
    if (ran_ns > interval->charged_ns) {
        uint64_t more_ns = ran_ns - interval->charged_ns;
        sluice_bucket_settle(&interval->launch.bucket, interval->charged_ns, ran_ns, now_ns);
        sluice_turns_correct(interval->launch.turns, (int64_t)more_ns, sluice_weight_ppm(&interval->launch.bucket));
        __atomic_add_fetch(&interval->launch.lane->estimate_error_ns, more_ns, __ATOMIC_RELAXED);
        interval->charged_ns = ran_ns;
    }
}

// Its thread may still add to it.
static uint64_t charged(const struct sluice_interval *interval) {
    return __atomic_load_n(&interval->charged_ns, __ATOMIC_RELAXED);
}

// What is not over of an interval, as expected.
static uint64_t left_of(struct sluice_measured *context, struct sluice_interval *interval, uint64_t now_ns) {
    if (!interval->begun_ns && sluice_real_cuEventQuery(interval->start) == CUDA_SUCCESS) {
        interval->begun_ns = happened_ns(context, interval->start, now_ns);
    }
    uint64_t ran_ns = interval->begun_ns ? now_ns - interval->begun_ns : 0;
    return charged(interval) > ran_ns ? charged(interval) - ran_ns : 0;
}

// An interval whose thread has long had nothing to add, and waits for something of its own.
static int is_left_open(const struct sluice_interval *interval, uint64_t now_ns) {
    return interval->state == SLUICE_INTERVAL_OPEN && __atomic_load_n(&interval->opened_ns, __ATOMIC_RELAXED) + 2 * charged(interval) + LEFT_OPEN_NS < now_ns;
}

void sluice_measure(struct sluice_measured *context, struct sluice_work *work) {
    enum { STREAMS = 64 };
    void *busy[STREAMS];
    unsigned busy_count = 0;
    void *before;
    if (sluice_real_cuCtxPushCurrent_v2((CUcontext)(uintptr_t)context->context) != CUDA_SUCCESS) {
        return;
    }
    uint64_t now_ns = sluice_bucket_clock_ns();
    for (uint64_t i = context->first; i != context->next; i++) {
        struct sluice_interval *interval = &context->intervals[i % SLUICE_PENDING_INTERVALS];
        unsigned at = 0;
        while (at < busy_count && busy[at] != interval->launch.stream) {
            at++;
        }
        if (interval->state == SLUICE_INTERVAL_FREE) {
            continue;
        }
        if (at == busy_count && interval->state == SLUICE_INTERVAL_CLOSED) {
            CUresult over = sluice_real_cuEventQuery(interval->end);
            if (over == CUDA_SUCCESS) {
                settle(context, interval);
            } else if (over != NOT_READY) { // the context is broken
                interval->state = SLUICE_INTERVAL_FREE;
            }
            if (over != NOT_READY) {
                continue;
            }
        }
        if (at == busy_count && busy_count < STREAMS) { // the first of its stream
            busy[busy_count++] = interval->launch.stream;
            work->left_ns += left_of(context, interval, now_ns);
            if (busy_count == 1 && interval->begun_ns && interval->state == SLUICE_INTERVAL_CLOSED) {
                charge_on(interval, now_ns);
            }
        } else {
            work->left_ns += charged(interval);
        }
        work->any |= !is_left_open(interval, now_ns);
        uint64_t variance = interval->state == SLUICE_INTERVAL_CLOSED && !interval->mixed ? sluice_estimate_variance(interval->launch.estimate, interval->launches) : UINT64_MAX;
        work->variance = work->variance + variance < variance ? UINT64_MAX : work->variance + variance;
    }
    if (busy_count > 1) {
        work->variance = UINT64_MAX; // they may run side by side
    }
    while (context->first != context->next && context->intervals[context->first % SLUICE_PENDING_INTERVALS].state == SLUICE_INTERVAL_FREE) {
        context->first++;
    }
    sluice_real_cuCtxPopCurrent_v2(&before);
}
