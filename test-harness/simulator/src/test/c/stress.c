// stress.c: what a JVM cannot do for a test: many threads under a sanitizer, fork, and being killed while taking memory.
// It opens the driver by the path in its first argument and needs one card with context_bytes=0.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef unsigned long long address;

static int (*cuInit)(unsigned);
static int (*cuCtxCreate_v2)(void **, unsigned, int);
static int (*cuCtxDestroy_v2)(void *);
static int (*cuCtxSetCurrent)(void *);
static int (*cuCtxSynchronize)(void);
static int (*cuMemAlloc_v2)(address *, size_t);
static int (*cuMemFree_v2)(address);
static int (*cuMemGetInfo_v2)(size_t *, size_t *);
static int (*cuMemcpyHtoDAsync_v2)(address, const void *, size_t, void *);
static int (*cuMemcpyDtoH_v2)(void *, address, size_t);
static int (*cuMemsetD32Async)(address, unsigned, size_t, void *);
static int (*cuStreamCreate)(void **, unsigned);
static int (*cuStreamDestroy_v2)(void *);
static int (*cuStreamSynchronize)(void *);
static int (*cuStreamWaitEvent)(void *, void *, unsigned);
static int (*cuEventCreate)(void **, unsigned);
static int (*cuEventDestroy_v2)(void *);
static int (*cuEventRecord)(void *, void *);
static int (*cuEventSynchronize)(void *);
static int (*cuLaunchHostFunc)(void *, void (*)(void *), void *);
static int (*cuMemAllocAsync)(address *, size_t, void *);
static int (*cuMemFreeAsync)(address, void *);
static int (*cuMemCreate)(address *, size_t, const void *, unsigned long long);
static int (*cuMemRelease)(address);
static int (*cuMemExportToShareableHandle)(int *, address, int, unsigned long long);
static int (*cuMemImportFromShareableHandle)(address *, void *, int);
static int (*cuIpcGetMemHandle)(void *, address);

static void expect(int line, long found, long wanted) {
    if (found == wanted) return;
    fprintf(stderr, "stress.c:%d: found %ld, wanted %ld\n", line, found, wanted);
    exit(1);
}
#define EXPECT(found, wanted) expect(__LINE__, (long)(found), (long)(wanted))

static void open_driver(const char *path) {
    struct { const char *name; void *into; } names[] = {
        {"cuInit", &cuInit}, {"cuCtxCreate_v2", &cuCtxCreate_v2}, {"cuCtxDestroy_v2", &cuCtxDestroy_v2},
        {"cuCtxSetCurrent", &cuCtxSetCurrent}, {"cuCtxSynchronize", &cuCtxSynchronize}, {"cuMemAlloc_v2", &cuMemAlloc_v2},
        {"cuMemFree_v2", &cuMemFree_v2}, {"cuMemGetInfo_v2", &cuMemGetInfo_v2},
        {"cuMemcpyHtoDAsync_v2", &cuMemcpyHtoDAsync_v2}, {"cuMemcpyDtoH_v2", &cuMemcpyDtoH_v2},
        {"cuMemsetD32Async", &cuMemsetD32Async}, {"cuStreamCreate", &cuStreamCreate},
        {"cuStreamDestroy_v2", &cuStreamDestroy_v2}, {"cuStreamSynchronize", &cuStreamSynchronize},
        {"cuStreamWaitEvent", &cuStreamWaitEvent}, {"cuEventCreate", &cuEventCreate},
        {"cuEventDestroy_v2", &cuEventDestroy_v2}, {"cuEventRecord", &cuEventRecord},
        {"cuEventSynchronize", &cuEventSynchronize}, {"cuLaunchHostFunc", &cuLaunchHostFunc},
        {"cuMemAllocAsync", &cuMemAllocAsync}, {"cuMemFreeAsync", &cuMemFreeAsync}, {"cuMemCreate", &cuMemCreate},
        {"cuMemRelease", &cuMemRelease}, {"cuMemExportToShareableHandle", &cuMemExportToShareableHandle},
        {"cuMemImportFromShareableHandle", &cuMemImportFromShareableHandle}, {"cuIpcGetMemHandle", &cuIpcGetMemHandle},
    };
    void *driver = dlopen(path, RTLD_NOW);
    if (!driver) fprintf(stderr, "%s\n", dlerror());
    EXPECT(driver != NULL, 1);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        void *found = dlsym(driver, names[i].name);
        EXPECT(found != NULL, 1);
        memcpy(names[i].into, &found, sizeof found);
    }
}

static size_t free_bytes(void) {
    size_t free, total;
    EXPECT(cuMemGetInfo_v2(&free, &total), 0);
    return free;
}

static void count_up(void *counter) {
    __atomic_fetch_add((int *)counter, 1, __ATOMIC_RELAXED);
}

struct work {
    void *context, *other;
    unsigned seed;
};

// Two streams of one context hand a buffer to each other; a third, of another context, waits for them.
static void one_round(struct work *work) {
    void *streams[2], *foreign, *events[2];
    address memory;
    int called = 0;
    size_t count = 1 + work->seed % 100000;
    EXPECT(cuCtxSetCurrent(work->context), 0);
    EXPECT(cuMemAlloc_v2(&memory, count * 4), 0);
    for (int i = 0; i < 2; i++) {
        EXPECT(cuStreamCreate(&streams[i], i), 0);
        EXPECT(cuEventCreate(&events[i], 0), 0);
    }
    uint32_t *source = malloc(count * 4), *sink = malloc(count * 4);
    for (size_t i = 0; i < count; i++) source[i] = work->seed + (unsigned)i;
    EXPECT(cuMemsetD32Async(memory, 7, count, streams[0]), 0);
    EXPECT(cuEventRecord(events[0], streams[0]), 0);
    EXPECT(cuStreamWaitEvent(streams[1], events[0], 0), 0);
    EXPECT(cuMemcpyHtoDAsync_v2(memory, source, count * 4, streams[1]), 0);
    memset(source, 0, count * 4);
    EXPECT(cuLaunchHostFunc(streams[1], count_up, &called), 0);
    EXPECT(cuEventRecord(events[1], streams[1]), 0);
    EXPECT(cuCtxSetCurrent(work->other), 0);
    EXPECT(cuStreamCreate(&foreign, 1), 0);
    EXPECT(cuStreamWaitEvent(foreign, events[1], 0), 0);
    EXPECT(cuLaunchHostFunc(foreign, count_up, &called), 0);
    EXPECT(cuStreamSynchronize(foreign), 0);
    EXPECT(__atomic_load_n(&called, __ATOMIC_RELAXED), 2);
    EXPECT(cuStreamDestroy_v2(foreign), 0);
    EXPECT(cuCtxSetCurrent(work->context), 0);
    EXPECT(cuMemcpyDtoH_v2(sink, memory, count * 4), 0);
    for (size_t i = 0; i < count; i++) EXPECT(sink[i], work->seed + (unsigned)i);
    for (int i = 0; i < 2; i++) {
        EXPECT(cuEventDestroy_v2(events[i]), 0);
        EXPECT(cuStreamDestroy_v2(streams[i]), 0);
    }
    EXPECT(cuMemFree_v2(memory), 0);
    free(source);
    free(sink);
}

static void *worker(void *argument) {
    struct work *work = argument;
    for (int i = 0; i < 40; i++, work->seed = work->seed * 1103515245 + 12345) one_round(work);
    return NULL;
}

static void threads(void) {
    enum { THREADS = 4 };
    pthread_t thread[THREADS];
    struct work work[THREADS];
    void *one, *two;
    EXPECT(cuInit(0), 0);
    EXPECT(cuCtxCreate_v2(&one, 0, 0), 0);
    EXPECT(cuCtxCreate_v2(&two, 0, 0), 0);
    size_t before = free_bytes();
    for (unsigned i = 0; i < THREADS; i++) {
        work[i] = (struct work){i % 2 ? one : two, i % 2 ? two : one, 17 * i + 1};
        pthread_create(&thread[i], NULL, worker, &work[i]);
    }
    for (int i = 0; i < THREADS; i++) pthread_join(thread[i], NULL);
    EXPECT(free_bytes(), before);
    EXPECT(cuCtxDestroy_v2(one), 0);
    EXPECT(cuCtxDestroy_v2(two), 0);
}

// A child has no CUDA, and neither its life nor its end touches what its parent holds.
static void forked(void) {
    void *context;
    address memory;
    int status;
    EXPECT(cuInit(0), 0);
    EXPECT(cuCtxCreate_v2(&context, 0, 0), 0);
    EXPECT(cuMemAlloc_v2(&memory, 4 << 20), 0);
    size_t before = free_bytes();
    pid_t child = fork();
    if (child == 0) {
        EXPECT(cuInit(0), 3);
        EXPECT(cuMemAlloc_v2(&memory, 1), 3);
        EXPECT(cuCtxSynchronize(), 3);
        _exit(0);
    }
    EXPECT(waitpid(child, &status, 0), child);
    EXPECT(status, 0);
    EXPECT(free_bytes(), before);
    EXPECT(cuMemFree_v2(memory), 0);
    EXPECT(free_bytes(), before + (4 << 20));
}

static void take_and_give_plain(unsigned round) {
    address memory[3];
    for (int k = 0; k < 3; k++) EXPECT(cuMemAlloc_v2(&memory[k], 1000u + (round % 7) * 999999u), 0);
    for (int k = 0; k < 3; k++) EXPECT(cuMemFree_v2(memory[k]), 0);
}

// Memory that can leave the process, and the pool.
static void take_and_give_shared(void) {
    static const struct { int type, handle_types, location, device; void *meta; unsigned char flags[8]; } exportable = {1, 1, 1, 0, 0, {0}};
    char ticket[64];
    address created, imported, pooled, exported;
    int fd;
    EXPECT(cuMemAllocAsync(&pooled, 100000, NULL), 0);
    EXPECT(cuMemCreate(&created, 4 << 20, &exportable, 0), 0);
    EXPECT(cuMemExportToShareableHandle(&fd, created, 1, 0), 0);
    EXPECT(cuMemRelease(created), 0);
    EXPECT(cuMemAlloc_v2(&exported, 1000), 0);
    EXPECT(cuIpcGetMemHandle(ticket, exported), 0);
    EXPECT(cuMemImportFromShareableHandle(&imported, (void *)(intptr_t)fd, 1), 0);
    EXPECT(close(fd), 0);
    EXPECT(cuMemFree_v2(exported), 0);
    EXPECT(cuMemRelease(imported), 0);
    EXPECT(cuMemFreeAsync(pooled, NULL), 0);
    EXPECT(cuCtxSynchronize(), 0);
}

static void take_and_give_for_ever(const char *path) {
    void *context;
    open_driver(path);
    EXPECT(cuInit(0), 0);
    EXPECT(cuCtxCreate_v2(&context, 0, 0), 0);
    for (unsigned i = 0;; i++) {
        take_and_give_plain(i);
        take_and_give_shared();
    }
}

// Processes are killed at random instants; afterwards the card is as empty as before.
static void killed(const char *path, int kills) {
    enum { AT_ONCE = 3 };
    pid_t children[AT_ONCE] = {0};
    unsigned seed = 42;
    for (int i = 0; i < kills; i++) {
        pid_t *child = &children[i % AT_ONCE];
        if (*child) {
            kill(*child, SIGKILL);
            EXPECT(waitpid(*child, NULL, 0), *child);
        }
        if ((*child = fork()) == 0) take_and_give_for_ever(path);
        usleep(1000 + (seed = seed * 1103515245 + 12345) / 65536 % 8000);
    }
    for (int i = 0; i < AT_ONCE; i++) {
        kill(children[i], SIGKILL);
        waitpid(children[i], NULL, 0);
    }
    void *context;
    size_t free, total;
    open_driver(path);
    EXPECT(cuInit(0), 0);
    EXPECT(cuCtxCreate_v2(&context, 0, 0), 0);
    EXPECT(cuMemGetInfo_v2(&free, &total), 0);
    EXPECT(free, total);
    address all;
    EXPECT(cuMemAlloc_v2(&all, total), 0);
}

int main(int count, char **arguments) {
    if (count < 3) return 64;
    if (strcmp(arguments[2], "killed") == 0) {
        killed(arguments[1], count > 3 ? atoi(arguments[3]) : 60);
        return 0;
    }
    open_driver(arguments[1]);
    if (strcmp(arguments[2], "threads") == 0) threads();
    else if (strcmp(arguments[2], "forked") == 0) forked();
    else return 64;
    return 0;
}
