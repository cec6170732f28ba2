// bench_client.c: makes one kind of CUDA call over and over and says how many it made. It knows nothing of Sluice: the
// same binary runs bare and governed.
//
//   bench-client measure CALL THREADS LIVE   CALL is current, launch, alloc or names; LIVE allocations are held meanwhile.
//                                            Prints "ready"; answers each line "START_NS DURATION_NS" (CLOCK_MONOTONIC)
//                                            with the calls that all threads made in that time and the processor
//                                            time they took, until stdin ends.
//   bench-client startup ROUNDS VAR=VALUE…   Starts itself ROUNDS times bare and as often with VAR=VALUE… in the
//                                            environment, in turn; prints "BARE_NS GOVERNED_NS" a round, from the spawn
//                                            to the return of cuInit.
#include <pthread.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "asked_names.h"

extern int cuInit(unsigned flags);
extern int cuCtxCreate_v2(void **context, unsigned flags, int device);
extern int cuCtxGetCurrent(void **context);
extern int cuMemAlloc_v2(uint64_t *address, size_t bytes);
extern int cuMemFree_v2(uint64_t address);
extern int cuLaunchKernel(void *function, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void *,
                          void **, void **);
extern int cuGetProcAddress_v2(const char *name, void **function, int version, uint64_t flags, int *status);
extern char **environ;

enum { BATCH = 256, WARM_UP = 64, MAX_THREADS = 64 };

static uint64_t clock_ns(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t now_ns(void) {
    return clock_ns(CLOCK_MONOTONIC);
}

static void require(int result, const char *what) {
    if (result != 0) {
        fprintf(stderr, "bench-client: %s answered %d\n", what, result);
        exit(1);
    }
}

static void call_current(unsigned count) {
    void *context;
    for (unsigned i = 0; i < count; i++) {
        cuCtxGetCurrent(&context);
    }
}

static void call_launch(unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        cuLaunchKernel(NULL, 1, 1, 1, 64, 1, 1, 0, NULL, NULL, NULL);
    }
}

static void call_alloc(unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        uint64_t address;
        require(cuMemAlloc_v2(&address, 4096), "cuMemAlloc");
        require(cuMemFree_v2(address), "cuMemFree");
    }
}

static void call_names(unsigned count) {
    static __thread unsigned next;
    for (unsigned i = 0; i < count; i++) {
        void *function;
        int status;
        unsigned name = next++ % (sizeof asked_names / sizeof asked_names[0]);
        cuGetProcAddress_v2(asked_names[name].name, &function, 12020, asked_names[name].flags, &status);
    }
}

typedef void (*call_fn)(unsigned count);

static call_fn call_named(const char *name) {
    return strcmp(name, "current") == 0  ? call_current
           : strcmp(name, "launch") == 0 ? call_launch
           : strcmp(name, "alloc") == 0  ? call_alloc
           : strcmp(name, "names") == 0  ? call_names
                                         : NULL;
}

struct worker {
    call_fn call;
    uint64_t start_ns, end_ns, calls, cpu_ns;
};

static void *work(void *argument) {
    struct worker *worker = argument;
    worker->call(WARM_UP);
    while (now_ns() < worker->start_ns) {
    }
    uint64_t before_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    while (now_ns() < worker->end_ns) {
        worker->call(BATCH);
        worker->calls += BATCH;
    }
    worker->cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - before_ns;
    return NULL;
}

static void run(call_fn call, int threads, uint64_t start_ns, uint64_t duration_ns) {
    pthread_t ids[MAX_THREADS];
    struct worker workers[MAX_THREADS];
    for (int i = 0; i < threads; i++) {
        workers[i] = (struct worker){.call = call, .start_ns = start_ns, .end_ns = start_ns + duration_ns};
        require(pthread_create(&ids[i], NULL, work, &workers[i]), "pthread_create");
    }
    uint64_t calls = 0, cpu_ns = 0;
    for (int i = 0; i < threads; i++) {
        pthread_join(ids[i], NULL);
        calls += workers[i].calls;
        cpu_ns += workers[i].cpu_ns;
    }
    printf("%llu %llu\n", (unsigned long long)calls, (unsigned long long)cpu_ns);
    fflush(stdout);
}

static int measure(const char *name, int threads, int live) {
    call_fn call = call_named(name);
    if (!call || threads < 1 || threads > MAX_THREADS) {
        return 2;
    }
    void *context;
    require(cuInit(0), "cuInit");
    require(cuCtxCreate_v2(&context, 0, 0), "cuCtxCreate");
    for (int i = 0; i < live; i++) {
        uint64_t address;
        require(cuMemAlloc_v2(&address, 4096), "cuMemAlloc");
    }
    puts("ready");
    fflush(stdout);
    unsigned long long start_ns, duration_ns;
    while (scanf("%llu %llu", &start_ns, &duration_ns) == 2) {
        run(call, threads, start_ns, duration_ns);
    }
    return 0;
}

// The child writes the time at which cuInit returned to its stdout.
static int started(void) {
    require(cuInit(0), "cuInit");
    uint64_t now = now_ns();
    return write(1, &now, sizeof now) == sizeof now ? 0 : 1;
}

static uint64_t start_one(char *const environment[]) {
    int ends[2];
    require(pipe(ends), "pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    char *const arguments[] = {"bench-client", "started", NULL};
    pid_t pid;
    uint64_t before = now_ns(), after = 0;
    require(posix_spawn(&pid, "/proc/self/exe", &actions, NULL, arguments, environment), "posix_spawn");
    close(ends[1]);
    require(read(ends[0], &after, sizeof after) != sizeof after, "reading from the child");
    close(ends[0]);
    waitpid(pid, NULL, 0);
    posix_spawn_file_actions_destroy(&actions);
    return after - before;
}

static int startup(int rounds, char *const additions[], int addition_count) {
    int own = 0;
    while (environ[own]) {
        own++;
    }
    char **governed = calloc((size_t)(own + addition_count) + 1, sizeof *governed);
    require(governed == NULL, "calloc");
    memcpy(governed, additions, (size_t)addition_count * sizeof *governed);
    memcpy(governed + addition_count, environ, (size_t)own * sizeof *governed);
    for (int i = 0; i < rounds; i++) {
        uint64_t bare_ns = start_one(environ), governed_ns = start_one(governed);
        printf("%llu %llu\n", (unsigned long long)bare_ns, (unsigned long long)governed_ns);
    }
    free(governed);
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 5 && strcmp(argv[1], "measure") == 0) {
        return measure(argv[2], atoi(argv[3]), atoi(argv[4]));
    }
    if (argc == 2 && strcmp(argv[1], "started") == 0) {
        return started();
    }
    if (argc > 3 && strcmp(argv[1], "startup") == 0) {
        return startup(atoi(argv[2]), argv + 3, argc - 3);
    }
    fprintf(stderr, "usage: bench-client measure CALL THREADS LIVE | startup ROUNDS VAR=VALUE...\n");
    return 2;
}
