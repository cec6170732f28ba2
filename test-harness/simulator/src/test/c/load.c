// load.c: a scripted load for the simulated GPU.
//
//   simulator-load DRIVER STREAM...     STREAM is priority,kernels,least_ns,most_ns,blocks,sync
//
// Needs a card with length_ns.spin=parameter:0. Prints "ready" and waits for a line; then launches the kernels of each stream
// in turn, their lengths random but the same in each run. With sync=1 it waits for each kernel and prints when that returned.
// Prints "done" when all are over, and stays until its input ends.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// Of a block: three blocks fill an SM without many threads to interpret.
enum { SHARED_BYTES = 49152 };

static const char kernel_text[] =
    ".version 7.0\n.target sm_80\n.address_size 64\n.visible .entry spin(.param .u64 ns)\n{\n ret;\n}\n";

static void expect(int line, int found) {
    if (found == 0) return;
    fprintf(stderr, "load.c:%d: CUDA error %d\n", line, found);
    exit(1);
}
#define EXPECT(call) expect(__LINE__, (call))

static void *driver;

static void *function(const char *name) {
    void *found = dlsym(driver, name);
    if (found) return found;
    fprintf(stderr, "load.c: no %s\n", name);
    exit(1);
}

static int (*launch)(void *, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void *, void **, void **);
static int (*stream_create)(void **, unsigned, int);
static int (*stream_synchronize)(void *);

// Lengths are spread evenly over orders of magnitude.
static uint64_t length_between(uint64_t least, uint64_t most, uint64_t *seed) {
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    if (most <= least) return least;
    int doublings = 0;
    while (least << (doublings + 1) <= most) doublings++;
    uint64_t base = least << (doublings ? (*seed >> 33) % (unsigned)(doublings + 1) : 0);
    uint64_t length = base + (*seed >> 20) % base;
    return length < most ? length : most;
}

static void run_stream(const char *script, void *kernel, uint64_t seed) {
    int priority;
    unsigned count, blocks, sync;
    unsigned long long least, most;
    void *stream;
    if (sscanf(script, "%d,%u,%llu,%llu,%u,%u", &priority, &count, &least, &most, &blocks, &sync) != 6) exit(64);
    EXPECT(stream_create(&stream, 1, priority));
    for (unsigned i = 0; i < count; i++) {
        uint64_t ns = length_between(least, most, &seed);
        void *parameters[] = {&ns};
        EXPECT(launch(kernel, blocks, 1, 1, 1, 1, 1, SHARED_BYTES, stream, parameters, NULL));
        if (!sync) continue;
        EXPECT(stream_synchronize(stream));
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        printf("%lld\n", (long long)now.tv_sec * 1000000000 + now.tv_nsec);
    }
}

int main(int count, char **arguments) {
    void *context, *module, *kernel;
    char line[64];
    if (count < 3) return 64;
    driver = dlopen(arguments[1], RTLD_NOW);
    if (!driver) return fprintf(stderr, "%s\n", dlerror()), 1;
    launch = function("cuLaunchKernel");
    stream_create = function("cuStreamCreateWithPriority");
    stream_synchronize = function("cuStreamSynchronize");
    EXPECT(((int (*)(unsigned))function("cuInit"))(0));
    EXPECT(((int (*)(void **, unsigned, int))function("cuCtxCreate_v2"))(&context, 0, 0));
    EXPECT(((int (*)(void **, const void *))function("cuModuleLoadData"))(&module, kernel_text));
    EXPECT(((int (*)(void **, void *, const char *))function("cuModuleGetFunction"))(&kernel, module, "spin"));
    puts("ready");
    fflush(stdout);
    if (!fgets(line, sizeof line, stdin)) return 0;
    for (int i = 2; i < count; i++) run_stream(arguments[i], kernel, (uint64_t)i);
    EXPECT(((int (*)(void))function("cuCtxSynchronize"))());
    puts("done");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
    }
    return 0;
}
