// launch.c: launches of a tenant that has a share of the GPU's time. Each takes its time from the bucket before it goes to the driver;
// one that is recorded into a graph takes nothing.
#include "cuda_result.h"
#include "current_gpu.h"
#include "driver.h"
#include "lane.h"
#include "launch.h"
#include "meter.h"
#include "settings.h"
#include "tenant.h"
#include "time_bucket.h"

#include <pthread.h>
#include <string.h>

// Time that a thread takes ahead, so that short kernels do not each go to the shared word, and come in runs that can be measured.
enum { GRANT_NS = 1000000 };

// What a launch is, as far as admission is concerned.
struct launch {
    const void *function; // or executable graph
    uint64_t blocks;
    void *stream;
    int per_thread;
    int last; // of what the thread has taken time for
    uint64_t charged_ns;
};

// CUlaunchConfig and CUDA_LAUNCH_PARAMS (CUDA driver API, "Execution Control"), as far as they are looked at.
struct launch_config {
    unsigned grid[3], block[3], shared_bytes;
    void *stream;
};
struct device_launch {
    void *function;
    unsigned grid[3], block[3], shared_bytes;
    void *stream, **parameters;
};

static __thread struct {
    struct sluice_row *row; // that it was taken from
    uint64_t ns;
    uint64_t turn;       // in which it was taken
    uint64_t since_ns;   // when it began to wait for that
} grant __attribute__((tls_model("initial-exec")));

static __thread struct {
    const void *function;
    uint64_t blocks;
    struct sluice_estimate *estimate;
} last __attribute__((tls_model("initial-exec")));

// At each GPU of the ledger, once the first launch was made there.
static struct {
    pthread_mutex_t lock;
    int is_open[SLUICE_ROW_COUNT];
    struct sluice_turns of[SLUICE_ROW_COUNT];
} gpus = {.lock = PTHREAD_MUTEX_INITIALIZER};

static unsigned captures; // begun through us and not ended yet

// Answers 906 for the legacy stream while another stream is captured: the launch will be refused, or is part of a capture.
static int is_captured(const struct launch *launch) {
    int status = 0;
    if (__atomic_load_n(&captures, __ATOMIC_RELAXED) == 0) {
        return 0;
    }
    CUresult result = launch->per_thread ? sluice_real_cuStreamIsCapturing_ptsz(launch->stream, (void *)&status)
                                         : sluice_real_cuStreamIsCapturing(launch->stream, (void *)&status);
    return result != CUDA_SUCCESS || status != 0;
}

// Never into a graph that is being recorded.
static int record(void *event, void *stream) {
    struct launch own = {.stream = stream};
    return is_captured(&own) ? CUDA_ERROR_NOT_PERMITTED : sluice_real_cuEventRecord(event, stream);
}

static int record_per_thread(void *event, void *stream) {
    struct launch own = {.stream = stream, .per_thread = 1};
    return is_captured(&own) ? CUDA_ERROR_NOT_PERMITTED : sluice_real_cuEventRecord_ptsz(event, stream);
}

static struct sluice_estimate *estimate_of(const struct launch *launch) {
    if (last.function != launch->function || last.blocks != launch->blocks || !last.estimate) {
        last.function = launch->function;
        last.blocks = launch->blocks;
        last.estimate = sluice_estimate_of(launch->function, launch->blocks);
    }
    return last.estimate;
}

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
    grant.ns = 0;
    captures = 0;
}

// By priority: how long one turn is, device time.
static uint64_t quantum_of(const struct sluice_bucket *bucket) {
    static const uint64_t quanta_ns[] = {5000000, 2000000, 10000000}; // normal, latency, batch
    uint32_t priority = __atomic_load_n(&bucket->limits->priority, __ATOMIC_RELAXED);
    return quanta_ns[priority < 3 ? priority : 0];
}

// Takes the launch's time: off the bucket, then in a turn. Returns whether it had to wait for it.
static int admit(const struct sluice_bucket *bucket, struct sluice_turns *turns, uint64_t device_ns) {
    uint64_t turn = sluice_turns_word(turns);
    if (grant.row == bucket->row && grant.ns >= device_ns && grant.turn == turn) {
        grant.ns -= device_ns;
        return 0;
    }
    sluice_meter_pause();
    uint64_t begun_ns = sluice_bucket_clock_ns(), kept_ns = grant.row == bucket->row ? grant.ns : 0, taken_ns = 0, throttled_ns = 0;
    int contended = sluice_turns_contended(turns);
    if (grant.row != bucket->row || !contended) {
        grant.since_ns = begun_ns;
    }
    int same_turn = grant.row == bucket->row && grant.turn == turn;
    if (kept_ns < device_ns) {
        // Beside others two turns ahead: with one a tenant whose share is large is late for its next.
        taken_ns = device_ns < GRANT_NS ? GRANT_NS : device_ns;
        throttled_ns = sluice_bucket_take(bucket, taken_ns, grant.since_ns, contended ? 2 * quantum_of(bucket) : 0);
    }
    uint64_t refused_ns = 0;
    if (turns->arbiter) {
        uint64_t booked_ns = same_turn ? 0 : kept_ns;
        refused_ns = sluice_turns_take(turns, taken_ns + booked_ns, booked_ns, sluice_bucket_share_ppm(bucket), quantum_of(bucket));
    }
    if (sluice_lane.lane) {
        sluice_lane.lane->throttled_ns += throttled_ns;
        sluice_lane.lane->turn_wait_ns += refused_ns;
    }
    grant.row = bucket->row;
    grant.ns = kept_ns + taken_ns - device_ns;
    grant.since_ns = refused_ns ? begun_ns + throttled_ns : grant.since_ns;
    grant.turn = sluice_turns_word(turns);
    return throttled_ns + refused_ns > 0;
}

// The bucket of a row; without limits where there is no share.
static struct sluice_bucket bucket_of(int row) {
    struct sluice_ledger *ledger = sluice_tenant_ledger();
    const struct sluice_limits_row *limits = row >= 0 ? sluice_ledger_limits(ledger, (unsigned)row) : NULL;
    struct sluice_bucket bucket = {.row = row >= 0 ? &ledger->rows[row] : NULL, .limits = limits};
    return limits && sluice_bucket_share_ppm(&bucket) ? bucket : (struct sluice_bucket){NULL, NULL};
}

static void admit_unmeasured(int row, const void *function, uint64_t blocks) {
    struct sluice_bucket bucket = bucket_of(row);
    if (bucket.limits) {
        admit(&bucket, turns_of((unsigned)row), sluice_estimate_ns(sluice_estimate_of(function, blocks)));
    }
}

static struct launch of_config(const void *config, const void *function, int per_thread) {
    struct launch launch = {.function = function, .per_thread = per_thread};
    const struct launch_config *given = config;
    if (given) {
        launch.blocks = (uint64_t)given->grid[0] * given->grid[1] * given->grid[2];
        launch.stream = given->stream;
    }
    return launch;
}

// In the thread's own lane; where it has none, it was counted on the way here.
static void count(void) {
    struct sluice_lane *lane = sluice_lane.lane;
    if (lane) {
        __atomic_store_n(&lane->launches, lane->launches + 1, __ATOMIC_RELAXED);
    }
}

static void begin(struct launch *launch) {
    count();
    struct sluice_launch measured = {.stream = launch->stream, .record = launch->per_thread ? record_per_thread : record};
    int row = is_captured(launch) ? SLUICE_ROW_UNKNOWN : sluice_current_row(&measured.context);
    measured.bucket = bucket_of(row);
    if (!measured.bucket.limits) {
        return;
    }
    measured.estimate = estimate_of(launch);
    measured.charged_ns = sluice_estimate_ns(measured.estimate);
    measured.turns = turns_of((unsigned)row);
    measured.busy_ns = &sluice_tenant_account((unsigned)row)->lanes[SLUICE_LANE_COUNT - 1].busy_ns;
    measured.waited = admit(&measured.bucket, measured.turns, measured.charged_ns);
    launch->charged_ns = measured.charged_ns;
    launch->last = grant.ns < measured.charged_ns;
    sluice_meter_launch(&measured);
}

static CUresult end(struct launch *launch, CUresult result) {
    sluice_meter_launched(result == CUDA_SUCCESS, launch->last);
    if (result != CUDA_SUCCESS) {
        grant.ns += launch->charged_ns; // for the next launch
    }
    return result;
}

CUresult sluice_hook_cuLaunchKernel(void *f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ, unsigned int blockDimX,
    unsigned int blockDimY, unsigned int blockDimZ, unsigned int sharedMemBytes, void *hStream, void *kernelParams, void *extra) {
    struct launch launch = {.function = f, .blocks = (uint64_t)gridDimX * gridDimY * gridDimZ, .stream = hStream};
    begin(&launch);
    return end(&launch, sluice_real_cuLaunchKernel(f, gridDimX, gridDimY, gridDimZ, blockDimX, blockDimY, blockDimZ, sharedMemBytes, hStream, kernelParams, extra));
}

CUresult sluice_hook_cuLaunchKernel_ptsz(void *f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ, unsigned int blockDimX,
    unsigned int blockDimY, unsigned int blockDimZ, unsigned int sharedMemBytes, void *hStream, void *kernelParams, void *extra) {
    struct launch launch = {.function = f, .blocks = (uint64_t)gridDimX * gridDimY * gridDimZ, .stream = hStream, .per_thread = 1};
    begin(&launch);
    return end(&launch, sluice_real_cuLaunchKernel_ptsz(f, gridDimX, gridDimY, gridDimZ, blockDimX, blockDimY, blockDimZ, sharedMemBytes, hStream, kernelParams, extra));
}

CUresult sluice_hook_cuLaunchCooperativeKernel(void *f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ, unsigned int blockDimX,
    unsigned int blockDimY, unsigned int blockDimZ, unsigned int sharedMemBytes, void *hStream, void *kernelParams) {
    struct launch launch = {.function = f, .blocks = (uint64_t)gridDimX * gridDimY * gridDimZ, .stream = hStream};
    begin(&launch);
    return end(&launch, sluice_real_cuLaunchCooperativeKernel(f, gridDimX, gridDimY, gridDimZ, blockDimX, blockDimY, blockDimZ, sharedMemBytes, hStream, kernelParams));
}

CUresult sluice_hook_cuLaunchCooperativeKernel_ptsz(void *f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ, unsigned int blockDimX,
    unsigned int blockDimY, unsigned int blockDimZ, unsigned int sharedMemBytes, void *hStream, void *kernelParams) {
    struct launch launch = {.function = f, .blocks = (uint64_t)gridDimX * gridDimY * gridDimZ, .stream = hStream, .per_thread = 1};
    begin(&launch);
    return end(&launch, sluice_real_cuLaunchCooperativeKernel_ptsz(f, gridDimX, gridDimY, gridDimZ, blockDimX, blockDimY, blockDimZ, sharedMemBytes, hStream, kernelParams));
}

CUresult sluice_hook_cuLaunchKernelEx(const void *config, void *f, void *kernelParams, void *extra) {
    struct launch launch = of_config(config, f, 0);
    begin(&launch);
    return end(&launch, sluice_real_cuLaunchKernelEx(config, f, kernelParams, extra));
}

CUresult sluice_hook_cuLaunchKernelEx_ptsz(const void *config, void *f, void *kernelParams, void *extra) {
    struct launch launch = of_config(config, f, 1);
    begin(&launch);
    return end(&launch, sluice_real_cuLaunchKernelEx_ptsz(config, f, kernelParams, extra));
}

CUresult sluice_hook_cuGraphLaunch(void *hGraph, void *hStream) {
    struct launch launch = {.function = hGraph, .stream = hStream};
    begin(&launch);
    return end(&launch, sluice_real_cuGraphLaunch(hGraph, hStream));
}

CUresult sluice_hook_cuGraphLaunch_ptsz(void *hGraphExec, void *hStream) {
    struct launch launch = {.function = hGraphExec, .stream = hStream, .per_thread = 1};
    begin(&launch);
    return end(&launch, sluice_real_cuGraphLaunch_ptsz(hGraphExec, hStream));
}

CUresult sluice_hook_cuLaunch(void *f) {
    struct launch launch = {.function = f, .blocks = 1};
    begin(&launch);
    return end(&launch, sluice_real_cuLaunch(f));
}

CUresult sluice_hook_cuLaunchGrid(void *f, int grid_width, int grid_height) {
    struct launch launch = {.function = f, .blocks = (uint64_t)grid_width * (uint64_t)grid_height};
    begin(&launch);
    return end(&launch, sluice_real_cuLaunchGrid(f, grid_width, grid_height));
}

CUresult sluice_hook_cuLaunchGridAsync(void *f, int grid_width, int grid_height, void *hStream) {
    struct launch launch = {.function = f, .blocks = (uint64_t)grid_width * (uint64_t)grid_height, .stream = hStream};
    begin(&launch);
    return end(&launch, sluice_real_cuLaunchGridAsync(f, grid_width, grid_height, hStream));
}

// Each part takes its time of the GPU that its stream is on; none is measured, since several devices' parts begin together.
CUresult sluice_hook_cuLaunchCooperativeKernelMultiDevice(void *launchParamsList, unsigned int numDevices, unsigned int flags) {
    const struct device_launch *parts = launchParamsList;
    count();
    for (unsigned i = 0; parts && i < numDevices; i++) {
        int device;
        if (sluice_device_of_stream(parts[i].stream, 0, &device) == 0) {
            admit_unmeasured(sluice_row_of_device(device), parts[i].function, (uint64_t)parts[i].grid[0] * parts[i].grid[1] * parts[i].grid[2]);
        }
    }
    return sluice_real_cuLaunchCooperativeKernelMultiDevice(launchParamsList, numDevices, flags);
}

// Ended also where it was invalid: the stream is as before then (CUDA driver API, cuStreamEndCapture).
static CUresult capture_ended(CUresult result) {
    unsigned begun = __atomic_load_n(&captures, __ATOMIC_RELAXED);
    while (begun && !__atomic_compare_exchange_n(&captures, &begun, begun - 1, 1, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
    return result;
}

static CUresult capture_begun(CUresult result) {
    if (result == CUDA_SUCCESS) {
        __atomic_add_fetch(&captures, 1, __ATOMIC_RELAXED);
    }
    return result;
}

CUresult sluice_hook_cuStreamBeginCapture(void *hStream) {
    sluice_meter_pause();
    return capture_begun(sluice_real_cuStreamBeginCapture(hStream));
}

CUresult sluice_hook_cuStreamBeginCaptureToGraph(void *hStream, void *hGraph, const void *dependencies, const void *dependencyData, size_t numDependencies, int mode) {
    sluice_meter_pause();
    return capture_begun(sluice_real_cuStreamBeginCaptureToGraph(hStream, hGraph, dependencies, dependencyData, numDependencies, mode));
}

CUresult sluice_hook_cuStreamBeginCaptureToGraph_ptsz(void *hStream, void *hGraph, const void *dependencies, const void *dependencyData, size_t numDependencies, int mode) {
    sluice_meter_pause();
    return capture_begun(sluice_real_cuStreamBeginCaptureToGraph_ptsz(hStream, hGraph, dependencies, dependencyData, numDependencies, mode));
}

CUresult sluice_hook_cuStreamBeginCapture_ptsz(void *hStream) {
    sluice_meter_pause();
    return capture_begun(sluice_real_cuStreamBeginCapture_ptsz(hStream));
}

CUresult sluice_hook_cuStreamBeginCapture_v2(void *hStream, int mode) {
    sluice_meter_pause();
    return capture_begun(sluice_real_cuStreamBeginCapture_v2(hStream, mode));
}

CUresult sluice_hook_cuStreamBeginCapture_v2_ptsz(void *hStream, int mode) {
    sluice_meter_pause();
    return capture_begun(sluice_real_cuStreamBeginCapture_v2_ptsz(hStream, mode));
}

CUresult sluice_hook_cuStreamEndCapture(void *hStream, void *phGraph) {
    return capture_ended(sluice_real_cuStreamEndCapture(hStream, phGraph));
}

CUresult sluice_hook_cuStreamEndCapture_ptsz(void *hStream, void *phGraph) {
    return capture_ended(sluice_real_cuStreamEndCapture_ptsz(hStream, phGraph));
}

void *sluice_launch_hook(unsigned function) {
    switch (function) {
    case SLUICE_FN_cuGraphLaunch: return (void *)sluice_hook_cuGraphLaunch;
    case SLUICE_FN_cuGraphLaunch_ptsz: return (void *)sluice_hook_cuGraphLaunch_ptsz;
    case SLUICE_FN_cuLaunch: return (void *)sluice_hook_cuLaunch;
    case SLUICE_FN_cuLaunchCooperativeKernel: return (void *)sluice_hook_cuLaunchCooperativeKernel;
    case SLUICE_FN_cuLaunchCooperativeKernelMultiDevice: return (void *)sluice_hook_cuLaunchCooperativeKernelMultiDevice;
    case SLUICE_FN_cuLaunchCooperativeKernel_ptsz: return (void *)sluice_hook_cuLaunchCooperativeKernel_ptsz;
    case SLUICE_FN_cuLaunchGrid: return (void *)sluice_hook_cuLaunchGrid;
    case SLUICE_FN_cuLaunchGridAsync: return (void *)sluice_hook_cuLaunchGridAsync;
    case SLUICE_FN_cuLaunchKernel: return (void *)sluice_hook_cuLaunchKernel;
    case SLUICE_FN_cuLaunchKernelEx: return (void *)sluice_hook_cuLaunchKernelEx;
    case SLUICE_FN_cuLaunchKernelEx_ptsz: return (void *)sluice_hook_cuLaunchKernelEx_ptsz;
    case SLUICE_FN_cuLaunchKernel_ptsz: return (void *)sluice_hook_cuLaunchKernel_ptsz;
    default: return sluice_real_function(function);
    }
}
