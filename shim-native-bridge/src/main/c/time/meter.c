#define _GNU_SOURCE
#include "interval.h"

#include "cuda_result.h"
#include "driver.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

// Where launches are measured one by one: one in so much work of a thread, on average.
enum { UNMEASURED_NS = 200000, CONTEXTS = 16, ALTERNATIONS = 64 };

// `lock` guards all but the events' own calls in a bracket that is open.
static struct {
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct sluice_measured *contexts[CONTEXTS];
    uint64_t serial; // of the interval that was opened last
    int started, ending;
} meter = {.lock = PTHREAD_MUTEX_INITIALIZER, .work = PTHREAD_COND_INITIALIZER};

__thread struct sluice_measuring sluice_measuring __attribute__((tls_model("initial-exec"), visibility("hidden")));
static pthread_key_t thread_key; // closes the interval of a thread that ends

static void *look_after(void *nothing);

static void end_of_process(void) {
    pthread_mutex_lock(&meter.lock);
    meter.ending = 1; // the driver goes, too
    pthread_mutex_unlock(&meter.lock);
}

// With all signals blocked: the application's handlers do not run on a thread that it does not know.
static void start(void) {
    sigset_t all, before;
    pthread_t thread;
    pthread_attr_t attributes;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    meter.started = pthread_create(&thread, &attributes, look_after, NULL) == 0;
    pthread_attr_destroy(&attributes);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    atexit(end_of_process);
}

static struct sluice_measured *find(uint64_t context) {
    for (unsigned i = 0; i < CONTEXTS; i++) {
        if (meter.contexts[i] && meter.contexts[i]->context == context) {
            return meter.contexts[i];
        }
    }
    return NULL;
}

static struct sluice_measured *add(uint64_t context) {
    for (unsigned i = 0; i < CONTEXTS; i++) {
        if (!meter.contexts[i]) {
            meter.contexts[i] = calloc(1, sizeof *meter.contexts[i]);
        }
        if (meter.contexts[i] && meter.contexts[i]->context == 0) {
            meter.contexts[i]->context = context;
            return meter.contexts[i];
        }
    }
    return NULL;
}

// Whether another stream of the context was in use lately: what runs side by side is measured as a whole, so that nothing is left out.
static int is_alone(struct sluice_measured *context, void *stream) {
    if (context->stream != stream) {
        context->stream = stream;
        context->alternations = ALTERNATIONS;
    } else if (context->alternations) {
        context->alternations--;
    }
    return context->alternations == 0;
}

// Whether this launch is to begin an interval: where work is queued all of it is measured, where it comes one by one a part. How much lies
// in between varies, so that where kernels come in a pattern each is measured some time.
static int is_due(const struct sluice_estimate *estimate) {
    static _Atomic uint32_t random = 1;
    uint64_t ns = sluice_estimate_ns(estimate);
    if (!sluice_estimate_is_host_bound(estimate)) {
        return 1;
    }
    if (sluice_measuring.unmeasured_ns > ns) {
        sluice_measuring.unmeasured_ns -= ns;
        return 0;
    }
    random = random * 1664525 + 1013904223;
    sluice_measuring.unmeasured_ns = UNMEASURED_NS / 2 + (random >> 8) % UNMEASURED_NS;
    return 1;
}

static struct sluice_interval *open(const struct sluice_launch *launch) {
    struct sluice_interval *interval = NULL;
    pthread_mutex_lock(&meter.lock);
    struct sluice_measured *context = find(launch->context);
    context = context ? context : add(launch->context);
    if (context && !meter.ending && context->next - context->first < SLUICE_PENDING_INTERVALS) {
        int idle = launch->waited || context->first == context->next;
        interval = &context->intervals[context->next % SLUICE_PENDING_INTERVALS];
        *interval = (struct sluice_interval){
            .state = SLUICE_INTERVAL_OPEN, .serial = ++meter.serial, .alone = is_alone(context, launch->stream), .idle = idle, .context = context,
            .launch = *launch, .turn = sluice_turns_word(launch->turns), .start = sluice_measure_take_event(context), .end = sluice_measure_take_event(context),
        };
        context->next++;
        context->turns = launch->turns;
        if (!meter.started) {
            start();
        }
        pthread_cond_signal(&meter.work);
    }
    pthread_mutex_unlock(&meter.lock);
    return interval;
}

// `state` SLUICE_INTERVAL_FREE: not to be believed.
static void finish(struct sluice_interval *interval, enum sluice_interval_state state) {
    if (!sluice_interval_is_own(interval)) {
        return;
    }
    if (state == SLUICE_INTERVAL_CLOSED && interval->launch.record(interval->end, interval->launch.stream) != CUDA_SUCCESS) {
        state = SLUICE_INTERVAL_FREE;
    }
    pthread_mutex_lock(&meter.lock);
    if (sluice_interval_is_own(interval)) {
        interval->state = state;
        if (state == SLUICE_INTERVAL_FREE) {
            sluice_measure_give_event(interval->context, interval->start);
            sluice_measure_give_event(interval->context, interval->end);
        }
        pthread_cond_signal(&meter.work);
    }
    pthread_mutex_unlock(&meter.lock);
}

static void end_of_thread(void *interval) {
    finish(interval, SLUICE_INTERVAL_FREE);
}

static void create_key(void) {
    pthread_key_create(&thread_key, end_of_thread);
}

static void keep(struct sluice_interval *interval) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, create_key);
    pthread_setspecific(thread_key, interval);
    sluice_measuring.interval = interval;
}

void sluice_meter_launch(const struct sluice_launch *launch) {
    struct sluice_interval *interval = sluice_measuring.interval;
    if (interval && !sluice_interval_is_own(interval)) {
        keep(NULL);
        interval = NULL;
    }
    if (interval && (interval->launch.stream != launch->stream || interval->launch.context != launch->context || interval->launch.record != launch->record)) {
        sluice_meter_close();
        interval = NULL;
    }
    if (interval) {
        interval->mixed |= interval->launch.estimate != launch->estimate;
        __atomic_store_n(&interval->charged_ns, interval->charged_ns + launch->charged_ns, __ATOMIC_RELAXED);
        return;
    }
    if (!is_due(launch->estimate) || (interval = open(launch)) == NULL) {
        return;
    }
    __atomic_store_n(&interval->charged_ns, launch->charged_ns, __ATOMIC_RELAXED);
    sluice_measuring.serial = interval->serial;
    __atomic_store_n(&interval->opened_ns, sluice_bucket_clock_ns(), __ATOMIC_RELAXED);
    if (!interval->start || !interval->end || launch->record(interval->start, launch->stream) != CUDA_SUCCESS) {
        finish(interval, SLUICE_INTERVAL_FREE);
        return;
    }
    keep(interval);
}

void sluice_meter_launched(int launched, int last) {
    struct sluice_interval *interval = sluice_measuring.interval;
    if (!interval || !sluice_interval_is_own(interval)) {
        return;
    }
    if (!launched) {
        keep(NULL);
        finish(interval, SLUICE_INTERVAL_FREE);
        return;
    }
    last |= sluice_estimate_is_host_bound(interval->launch.estimate);
    if (interval->launches++ == 0 || last) {
        interval->launched_ns = sluice_bucket_clock_ns();
        interval->first_ns = interval->first_ns ? interval->first_ns : interval->launched_ns;
    }
    if (last) {
        keep(NULL);
        finish(interval, SLUICE_INTERVAL_CLOSED);
    }
}

void sluice_meter_close(void) {
    struct sluice_interval *interval = sluice_measuring.interval;
    if (interval) {
        if (sluice_interval_is_own(interval)) {
            interval->launched_ns = sluice_bucket_clock_ns();
        }
        keep(NULL);
        finish(interval, interval->launches ? SLUICE_INTERVAL_CLOSED : SLUICE_INTERVAL_FREE);
    }
}

void sluice_meter_forget(uint64_t handle) {
    pthread_mutex_lock(&meter.lock);
    struct sluice_measured *context = handle ? find(handle) : NULL;
    if (context) {
        memset(context, 0, sizeof *context);
    }
    pthread_mutex_unlock(&meter.lock);
}

void sluice_meter_reset_after_fork(void) {
    pthread_mutex_init(&meter.lock, NULL);
    pthread_cond_init(&meter.work, NULL);
    memset(meter.contexts, 0, sizeof meter.contexts); // left to leak: the parent may have been inside malloc
    meter.started = meter.ending = 0;
    sluice_measuring.interval = NULL;
}

// Returns when to look again, in ns from now; 0: when there is something new.
static uint64_t look_at_all(void) {
    uint64_t again_ns = 0;
    for (unsigned i = 0; i < CONTEXTS; i++) {
        struct sluice_measured *context = meter.contexts[i];
        if (!context || !context->turns) { // which are there from an interval's opening until all is over
            continue;
        }
        struct sluice_work work = {0};
        sluice_measure(context, &work);
        uint64_t next_ns = sluice_turns_look(context->turns, &work);
        if (!work.any && next_ns == SLUICE_LONGEST_LOOK_NS && context->next == context->first) {
            context->turns = NULL; // nothing runs, and nobody waits for the turn
            continue;
        }
        again_ns = again_ns && again_ns < next_ns ? again_ns : next_ns;
    }
    return again_ns;
}

static void *look_after(void *nothing) {
    enum { RELAXED = 2 };
    int mode = RELAXED;
    (void)nothing;
    prctl(PR_SET_TIMERSLACK, 1000UL); // of this thread alone
    sluice_real_cuThreadExchangeStreamCaptureMode(&mode); // our questions must not break the application's captures
    pthread_mutex_lock(&meter.lock);
    while (!meter.ending) {
        uint64_t again_ns = look_at_all();
        if (again_ns) {
            pthread_mutex_unlock(&meter.lock);
            nanosleep(&(struct timespec){.tv_nsec = (long)again_ns}, NULL);
            pthread_mutex_lock(&meter.lock);
        } else {
            pthread_cond_wait(&meter.work, &meter.lock);
        }
    }
    pthread_mutex_unlock(&meter.lock);
    return NULL;
}
