// share_client.c: keeps a GPU busy in one way, and says what came of it. It knows nothing of Sluice: the same binary runs bare and
// governed, on the simulated GPU and on a real one.
//
//   share-client KEY=VALUE…
//     lengths=NS[,NS…] | lognormal:NS:SIGMA   how long its kernels are; with several, each is as likely
//     kernel=work | spin     work: the simulated GPU is told that its parameter is its length. spin: computes for that long, by what
//                            was measured on the idle GPU at the start
//     streams=N              kernels go to them in turn (1)
//     graph=N                launched as graphs of N kernels of the first length (0: alone)
//     gap_ns=NS              what the host computes between two launches (0)
//     between=none|copy|host|wait   what else is put into the stream after every eighth launch
//     ahead_ns=NS            work that is queued at most; 0: each launch is waited for, and its time taken (20 ms)
//     blocks=N               of one thread with 48 KiB of shared memory each (16)
//     seed=N
//   Prints "ready", reads "START_NS END_NS" (CLOCK_MONOTONIC), works from the one to the other, and prints
//   "LAUNCHES WORK_NS P50_NS P99_NS": kernels launched, the sum of their lengths, and how long one took that was waited for.
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

extern int cuInit(unsigned flags);
extern int cuCtxCreate_v2(void **context, unsigned flags, int device);
extern int cuModuleLoadData(void **module, const void *image);
extern int cuModuleGetFunction(void **function, void *module, const char *name);
extern int cuStreamCreate(void **stream, unsigned flags);
extern int cuStreamSynchronize(void *stream);
extern int cuStreamWaitEvent(void *stream, void *event, unsigned flags);
extern int cuStreamBeginCapture_v2(void *stream, int mode);
extern int cuStreamEndCapture(void *stream, void **graph);
extern int cuGraphInstantiateWithFlags(void **executable, void *graph, unsigned long long flags);
extern int cuGraphLaunch(void *executable, void *stream);
extern int cuEventCreate(void **event, unsigned flags);
extern int cuEventRecord(void *event, void *stream);
extern int cuEventSynchronize(void *event);
extern int cuEventElapsedTime(float *milliseconds, void *from, void *to);
extern int cuLaunchHostFunc(void *stream, void (*function)(void *), void *data);
extern int cuMemAlloc_v2(uint64_t *address, size_t bytes);
extern int cuMemcpyHtoDAsync_v2(uint64_t to, const void *from, size_t bytes, void *stream);
extern int cuLaunchKernel(void *function, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned shared_bytes, void *stream,
                          void **parameters, void **extra);

enum { MOST_STREAMS = 64, MOST_LENGTHS = 16, THREADS = 1, SHARED_BYTES = 48 << 10, EVERY = 8, COPY_BYTES = 64 << 10, MOST_TIMES = 1 << 20 };
enum between { NONE, COPY, HOST, WAIT };

// `work` ends at once: the simulated GPU is told how long it lasts. `spin` does its parameter's number of dependent steps.
static const char image[] =
    ".version 6.0\n.target sm_50\n.address_size 64\n"
    ".visible .entry work(.param .u64 ns)\n{\n\tret;\n}\n"
    ".visible .entry spin(.param .u64 steps)\n{\n\t.reg .pred %p;\n\t.reg .u64 %n, %x;\n"
    "\tld.param.u64 %n, [steps];\n\tmov.u64 %x, 1;\n"
    "next:\n\tmul.lo.u64 %x, %x, 6364136223846793005;\n\tadd.u64 %x, %x, 1442695040888963407;\n"
    "\tsub.u64 %n, %n, 1;\n\tsetp.ne.u64 %p, %n, 0;\n\t@%p bra next;\n\tret;\n}\n";

static struct {
    uint64_t lengths_ns[MOST_LENGTHS], gap_ns, ahead_ns, random;
    double lognormal_ns, sigma, steps_per_ns;
    unsigned length_count, streams, graph, blocks;
    enum between between;
    int spins;
} load = {.lengths_ns = {1000000}, .length_count = 1, .ahead_ns = 20000000, .random = 1, .steps_per_ns = 1, .streams = 1, .blocks = 16};

static void *function, *stream[MOST_STREAMS], *executable, *other_stream, *other_event;
static uint64_t target;
static char source[COPY_BYTES];

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void require(int result, const char *what) {
    if (result != 0) {
        fprintf(stderr, "share-client: %s answered %d\n", what, result);
        exit(1);
    }
}

static double random_unit(void) { // (0, 1]
    load.random ^= load.random << 13;
    load.random ^= load.random >> 7;
    load.random ^= load.random << 17;
    return (double)((load.random >> 11) + 1) / 9007199254740992.0;
}

static uint64_t next_length_ns(void) {
    if (load.lognormal_ns > 0) {
        double normal = sqrt(-2 * log(random_unit())) * cos(6.283185307179586 * random_unit());
        return (uint64_t)(load.lognormal_ns * exp(load.sigma * normal - load.sigma * load.sigma / 2));
    }
    return load.lengths_ns[(unsigned)(random_unit() * load.length_count) % load.length_count];
}

static void launch(uint64_t length_ns, void *on) {
    uint64_t parameter = load.spins ? (uint64_t)((double)length_ns * load.steps_per_ns) + 1 : length_ns;
    void *parameters[] = {&parameter};
    require(cuLaunchKernel(function, load.blocks, 1, 1, THREADS, 1, 1, SHARED_BYTES, on, parameters, NULL), "cuLaunchKernel");
}

static void nothing(void *data) {
    (void)data;
}

static void put_between(void *on) {
    switch (load.between) {
    case NONE: break;
    case COPY: require(cuMemcpyHtoDAsync_v2(target, source, sizeof source, on), "cuMemcpyHtoDAsync"); break;
    case HOST: require(cuLaunchHostFunc(on, nothing, NULL), "cuLaunchHostFunc"); break;
    case WAIT:
        require(cuEventRecord(other_event, other_stream), "cuEventRecord");
        require(cuStreamWaitEvent(on, other_event, 0), "cuStreamWaitEvent");
    }
}

// Events of what was queued, so that no more than so much is queued ahead: half of it is waited for at a time.
static void wait_for_half(uint64_t *queued_ns, void *on) {
    static void *before[MOST_STREAMS], *after[MOST_STREAMS];
    unsigned i = 0;
    while (stream[i] != on) {
        i++;
    }
    if (!before[i]) {
        require(cuEventCreate(&before[i], 2), "cuEventCreate"); // CU_EVENT_DISABLE_TIMING
        require(cuEventCreate(&after[i], 2), "cuEventCreate");
        require(cuEventRecord(before[i], on), "cuEventRecord");
    }
    require(cuEventRecord(after[i], on), "cuEventRecord");
    require(cuEventSynchronize(before[i]), "cuEventSynchronize");
    void *swap = before[i];
    before[i] = after[i];
    after[i] = swap;
    *queued_ns = 0;
}

static int by_size(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void work(uint64_t start_ns, uint64_t end_ns) {
    static uint64_t times_ns[MOST_TIMES];
    uint64_t launches = 0, work_ns = 0, queued_ns[MOST_STREAMS] = {0}, times = 0;
    while (now_ns() < start_ns) {
    }
    for (uint64_t now = now_ns(); now < end_ns; now = now_ns(), launches++) {
        unsigned at = (unsigned)(launches % load.streams);
        uint64_t length_ns = load.graph ? load.graph * load.lengths_ns[0] : next_length_ns();
        if (load.graph) {
            require(cuGraphLaunch(executable, stream[at]), "cuGraphLaunch");
        } else {
            launch(length_ns, stream[at]);
        }
        work_ns += length_ns;
        queued_ns[at] += length_ns;
        if (launches % EVERY == EVERY - 1) {
            put_between(stream[at]);
        }
        if (load.ahead_ns == 0) {
            require(cuStreamSynchronize(stream[at]), "cuStreamSynchronize");
            times_ns[times++ % MOST_TIMES] = now_ns() - now;
        } else if (queued_ns[at] >= load.ahead_ns / 2) {
            wait_for_half(&queued_ns[at], stream[at]);
        }
        for (uint64_t until = now_ns() + load.gap_ns; load.gap_ns && now_ns() < until;) {
        }
    }
    for (unsigned i = 0; i < load.streams; i++) {
        require(cuStreamSynchronize(stream[i]), "cuStreamSynchronize");
    }
    times = times < MOST_TIMES ? times : MOST_TIMES;
    qsort(times_ns, times, sizeof *times_ns, by_size);
    printf("%llu %llu %llu %llu\n", (unsigned long long)launches * (load.graph ? load.graph : 1), (unsigned long long)work_ns,
        (unsigned long long)(times ? times_ns[times / 2] : 0), (unsigned long long)(times ? times_ns[times * 99 / 100] : 0));
    fflush(stdout);
}

// How many steps the GPU makes in a nanosecond, of the slope between two lengths.
static void measure_steps(void) {
    enum { FEW = 200000, MANY = 2000000 };
    void *from, *to;
    float ms[2];
    require(cuEventCreate(&from, 0), "cuEventCreate");
    require(cuEventCreate(&to, 0), "cuEventCreate");
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 2; i++) {
            require(cuEventRecord(from, stream[0]), "cuEventRecord");
            launch(i ? MANY : FEW, stream[0]);
            require(cuEventRecord(to, stream[0]), "cuEventRecord");
            require(cuEventSynchronize(to), "cuEventSynchronize");
            require(cuEventElapsedTime(&ms[i], from, to), "cuEventElapsedTime");
        }
    }
    load.steps_per_ns = (MANY - FEW) / ((double)(ms[1] - ms[0]) * 1e6);
}

static void set_up(void) {
    void *context, *module, *graph;
    require(cuInit(0), "cuInit");
    require(cuCtxCreate_v2(&context, 0, 0), "cuCtxCreate");
    require(cuModuleLoadData(&module, image), "cuModuleLoadData");
    require(cuModuleGetFunction(&function, module, load.spins ? "spin" : "work"), "cuModuleGetFunction");
    require(cuMemAlloc_v2(&target, COPY_BYTES), "cuMemAlloc");
    for (unsigned i = 0; i < load.streams; i++) {
        require(cuStreamCreate(&stream[i], 1), "cuStreamCreate"); // CU_STREAM_NON_BLOCKING
    }
    require(cuStreamCreate(&other_stream, 1), "cuStreamCreate");
    require(cuEventCreate(&other_event, 2), "cuEventCreate");
    if (load.spins) {
        measure_steps();
    }
    if (load.graph) {
        require(cuStreamBeginCapture_v2(stream[0], 0), "cuStreamBeginCapture");
        for (unsigned i = 0; i < load.graph; i++) {
            launch(load.lengths_ns[0], stream[0]);
        }
        require(cuStreamEndCapture(stream[0], &graph), "cuStreamEndCapture");
        require(cuGraphInstantiateWithFlags(&executable, graph, 0), "cuGraphInstantiateWithFlags");
    }
}

static int parse_lengths(char *value) {
    char *rest = NULL;
    if (strncmp(value, "lognormal:", 10) == 0) {
        return sscanf(value + 10, "%lf:%lf", &load.lognormal_ns, &load.sigma) == 2;
    }
    load.length_count = 0;
    for (char *one = strtok_r(value, ",", &rest); one && load.length_count < MOST_LENGTHS; one = strtok_r(NULL, ",", &rest)) {
        load.lengths_ns[load.length_count++] = strtoull(one, NULL, 10);
    }
    return load.length_count > 0;
}

static int parse_between(const char *value) {
    static const char *const names[] = {[NONE] = "none", [COPY] = "copy", [HOST] = "host", [WAIT] = "wait"};
    for (load.between = NONE; load.between <= WAIT; load.between++) {
        if (strcmp(value, names[load.between]) == 0) {
            return 1;
        }
    }
    return 0;
}

static int parse(char *argument) {
    char *value = strchr(argument, '=');
    if (!value) {
        return 0;
    }
    *value++ = 0;
    uint64_t number = strtoull(value, NULL, 10);
    if (strcmp(argument, "lengths") == 0) {
        return parse_lengths(value);
    } else if (strcmp(argument, "between") == 0) {
        return parse_between(value);
    } else if (strcmp(argument, "kernel") == 0) {
        load.spins = strcmp(value, "spin") == 0;
    } else if (strcmp(argument, "streams") == 0 && number >= 1 && number <= MOST_STREAMS) {
        load.streams = (unsigned)number;
    } else if (strcmp(argument, "graph") == 0) {
        load.graph = (unsigned)number;
    } else if (strcmp(argument, "gap_ns") == 0) {
        load.gap_ns = number;
    } else if (strcmp(argument, "ahead_ns") == 0) {
        load.ahead_ns = number;
    } else if (strcmp(argument, "blocks") == 0 && number >= 1) {
        load.blocks = (unsigned)number;
    } else if (strcmp(argument, "seed") == 0) {
        load.random = number * 0x9e3779b97f4a7c15ull | 1;
    } else {
        return 0;
    }
    return 1;
}

int main(int count, char **arguments) {
    for (int i = 1; i < count; i++) {
        if (!parse(arguments[i])) {
            fprintf(stderr, "share-client: '%s' is not understood; the head of share_client.c says what is\n", arguments[i]);
            return 2;
        }
    }
    set_up();
    puts("ready");
    fflush(stdout);
    unsigned long long start_ns, end_ns;
    while (scanf("%llu %llu", &start_ns, &end_ns) == 2) {
        work(start_ns, end_ns);
    }
    return 0;
}
