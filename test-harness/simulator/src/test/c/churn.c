// churn.c: a client that does all kinds of work on a simulated GPU at random, from several threads, and checks what comes out.
//
//   simulator-churn DRIVER work SEED ROUNDS THREADS FOLDER     ROUNDS for each thread, 0: until SIGTERM or worse
//   simulator-churn DRIVER empty MILLISECONDS                  waits so long at most until nothing of the card is used
//
// Needs cards with context_bytes=0. Prints "ready" when its threads begin. FOLDER is where the processes of one test leave IPC
// handles for each other. A card that is full (2) only ends the round: what a killed client held may be late.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// The loader gives the variables of a thread that has ended back when it begins another, which the sanitizer does not follow.
__attribute__((visibility("default"))) const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void) {
    return "race:_dl_deallocate_tls\n";
}

typedef unsigned long long address;
typedef struct { char bytes[64]; } ticket;
struct location { int type, device; };
struct physical { int type, handle_types; struct location at; void *meta; unsigned char flags[8]; };
struct access { struct location at; int flags; };

enum { COUNT = 1 << 12, BYTES = COUNT * 4, BLOCK = 2 << 20, OUT_OF_MEMORY = 2, THREADS_MAX = 8 };

#define FUNCTIONS(F) \
    F(cuInit, (unsigned)) F(cuCtxCreate_v2, (void **, unsigned, int)) F(cuCtxDestroy_v2, (void *)) F(cuCtxSetCurrent, (void *)) \
    F(cuMemAlloc_v2, (address *, size_t)) F(cuMemFree_v2, (address)) F(cuMemGetInfo_v2, (size_t *, size_t *)) \
    F(cuMemAllocManaged, (address *, size_t, unsigned)) F(cuMemHostAlloc, (void **, size_t, unsigned)) F(cuMemFreeHost, (void *)) \
    F(cuMemcpyHtoDAsync_v2, (address, const void *, size_t, void *)) F(cuMemcpyDtoHAsync_v2, (void *, address, size_t, void *)) \
    F(cuMemcpyDtoDAsync_v2, (address, address, size_t, void *)) F(cuMemcpyDtoH_v2, (void *, address, size_t)) \
    F(cuMemsetD32Async, (address, unsigned, size_t, void *)) \
    F(cuStreamCreate, (void **, unsigned)) F(cuStreamDestroy_v2, (void *)) F(cuStreamSynchronize, (void *)) \
    F(cuStreamWaitEvent, (void *, void *, unsigned)) F(cuEventCreate, (void **, unsigned)) F(cuEventDestroy_v2, (void *)) \
    F(cuEventRecord, (void *, void *)) F(cuEventSynchronize, (void *)) F(cuEventQuery, (void *)) \
    F(cuLaunchHostFunc, (void *, void (*)(void *), void *)) F(cuModuleLoadData, (void **, const void *)) \
    F(cuModuleGetFunction, (void **, void *, const char *)) F(cuModuleUnload, (void *)) \
    F(cuLaunchKernel, (void *, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void *, void **, void **)) \
    F(cuMemAllocAsync, (address *, size_t, void *)) F(cuMemFreeAsync, (address, void *)) \
    F(cuDeviceGetDefaultMemPool, (void **, int)) F(cuMemPoolTrimTo, (void *, size_t)) F(cuDeviceGraphMemTrim, (int)) \
    F(cuStreamBeginCapture_v2, (void *, int)) F(cuStreamEndCapture, (void *, void **)) \
    F(cuGraphInstantiateWithFlags, (void **, void *, unsigned long long)) F(cuGraphLaunch, (void *, void *)) \
    F(cuGraphExecDestroy, (void *)) F(cuGraphDestroy, (void *)) \
    F(cuMemAddressReserve, (address *, size_t, size_t, address, unsigned long long)) F(cuMemAddressFree, (address, size_t)) \
    F(cuMemCreate, (address *, size_t, const struct physical *, unsigned long long)) F(cuMemRelease, (address)) \
    F(cuMemMap, (address, size_t, size_t, address, unsigned long long)) F(cuMemUnmap, (address, size_t)) \
    F(cuMemSetAccess, (address, size_t, const struct access *, size_t)) \
    F(cuMemExportToShareableHandle, (int *, address, int, unsigned long long)) \
    F(cuMemImportFromShareableHandle, (address *, void *, int)) \
    F(cuIpcGetMemHandle, (ticket *, address)) F(cuIpcOpenMemHandle_v2, (address *, ticket, unsigned)) F(cuIpcCloseMemHandle, (address)) \
    F(cuStreamWaitValue32_v2, (void *, address, unsigned, unsigned)) F(cuStreamWriteValue32_v2, (void *, address, unsigned, unsigned))

#define DECLARE(name, arguments) static int (*name) arguments;
FUNCTIONS(DECLARE)

static void expect(int line, long found, long wanted) {
    if (found == wanted) return;
    fprintf(stderr, "churn.c:%d: found %ld, wanted %ld\n", line, found, wanted);
    exit(1);
}
#define EXPECT(found, wanted) expect(__LINE__, (long)(found), (long)(wanted))

static void open_driver(const char *path) {
    void *driver = dlopen(path, RTLD_NOW), *found;
    if (!driver) fprintf(stderr, "%s\n", dlerror());
    EXPECT(driver != NULL, 1);
#define LOOK_UP(name, arguments) found = dlsym(driver, #name); EXPECT(found != NULL, 1); memcpy(&name, &found, sizeof found);
    FUNCTIONS(LOOK_UP)
}

static const char kernel_text[] =
    ".version 7.0\n.target sm_75\n.address_size 64\n"
    ".visible .entry add(.param .u64 at, .param .u32 what)\n{\n .reg .b32 %r<8>;\n .reg .b64 %d<4>;\n"
    " ld.param.u64 %d1, [at];\n ld.param.u32 %r1, [what];\n mov.u32 %r2, %ctaid.x;\n mov.u32 %r3, %ntid.x;\n"
    " mov.u32 %r4, %tid.x;\n mad.lo.u32 %r5, %r2, %r3, %r4;\n mul.wide.u32 %d2, %r5, 4;\n add.u64 %d3, %d1, %d2;\n"
    " ld.global.u32 %r6, [%d3];\n add.u32 %r7, %r6, %r1;\n st.global.u32 [%d3], %r7;\n ret;\n}\n";

struct worker {
    pthread_t thread;
    void *context, *kernel;
    unsigned seed;
    int rounds;
    const char *folder;
    void *stream[2], *event;
    uint32_t *host; // page-locked
};

static unsigned random_below(struct worker *worker, unsigned limit) {
    worker->seed = worker->seed * 1103515245 + 12345;
    return worker->seed / 65536 % limit;
}

// Whether there was room.
static int got(int line, int result) {
    if (result != OUT_OF_MEMORY) expect(line, result, 0);
    return result == 0;
}
#define GOT(call) got(__LINE__, (call))

static void add(struct worker *worker, void *stream, address at, unsigned what) {
    void *parameters[] = {&at, &what};
    EXPECT(cuLaunchKernel(worker->kernel, COUNT / 64, 1, 1, 64, 1, 1, 0, stream, parameters, NULL), 0);
}

static void expect_all(const uint32_t *found, uint32_t wanted) {
    for (int i = 0; i < COUNT; i++) EXPECT(found[i], wanted);
}

// The second stream goes on where the first has come to.
static void hand_over(struct worker *worker) {
    EXPECT(cuEventRecord(worker->event, worker->stream[0]), 0);
    EXPECT(cuStreamWaitEvent(worker->stream[1], worker->event, 0), 0);
}

static void kernels(struct worker *worker) {
    address memory;
    unsigned times = 1 + random_below(worker, 4);
    if (!GOT(cuMemAlloc_v2(&memory, BYTES))) return;
    EXPECT(cuMemsetD32Async(memory, 5, COUNT, worker->stream[0]), 0);
    for (unsigned i = 0; i < times; i++) add(worker, worker->stream[0], memory, 3);
    hand_over(worker);
    for (unsigned i = 0; i < times; i++) add(worker, worker->stream[1], memory, 4);
    EXPECT(cuMemcpyDtoHAsync_v2(worker->host, memory, BYTES, worker->stream[1]), 0);
    EXPECT(cuEventRecord(worker->event, worker->stream[1]), 0);
    EXPECT(cuEventSynchronize(worker->event), 0);
    EXPECT(cuEventQuery(worker->event), 0);
    expect_all(worker->host, 5 + 7 * times);
    EXPECT(cuMemFree_v2(memory), 0);
}

static void copies(struct worker *worker) {
    address memory[2];
    uint32_t pageable[64];
    if (!GOT(cuMemAlloc_v2(&memory[0], 1 + random_below(worker, 3 * BLOCK) + sizeof pageable))) return;
    if (GOT(cuMemAlloc_v2(&memory[1], sizeof pageable))) {
        for (int i = 0; i < 64; i++) pageable[i] = random_below(worker, 65536);
        uint32_t last = pageable[63];
        EXPECT(cuMemcpyHtoDAsync_v2(memory[0], pageable, sizeof pageable, worker->stream[0]), 0);
        memset(pageable, 0, sizeof pageable); // was staged
        hand_over(worker);
        EXPECT(cuMemcpyDtoDAsync_v2(memory[1], memory[0], sizeof pageable, worker->stream[1]), 0);
        EXPECT(cuStreamSynchronize(worker->stream[1]), 0);
        EXPECT(cuMemcpyDtoH_v2(pageable, memory[1], sizeof pageable), 0);
        EXPECT(pageable[63], last);
        EXPECT(cuMemFree_v2(memory[1]), 0);
    }
    EXPECT(cuMemFree_v2(memory[0]), 0);
}

// A captured graph with memory of its own, launched a few times.
static void graphs(struct worker *worker) {
    enum { THREAD_LOCAL = 1 };
    void *graph, *exec;
    address memory;
    void *stream = worker->stream[1]; // captured, one that blocks would forbid the legacy stream to the other threads
    EXPECT(cuStreamBeginCapture_v2(stream, THREAD_LOCAL), 0);
    EXPECT(cuMemAllocAsync(&memory, BYTES, stream), 0);
    EXPECT(cuMemsetD32Async(memory, 1, COUNT, stream), 0);
    add(worker, stream, memory, 2);
    EXPECT(cuMemcpyDtoHAsync_v2(worker->host, memory, BYTES, stream), 0);
    EXPECT(cuMemFreeAsync(memory, stream), 0);
    EXPECT(cuStreamEndCapture(stream, &graph), 0);
    EXPECT(cuGraphInstantiateWithFlags(&exec, graph, 0), 0);
    for (unsigned i = 0; i < 1 + random_below(worker, 3); i++) {
        memset(worker->host, 0, BYTES);
        if (!GOT(cuGraphLaunch(exec, stream))) break;
        EXPECT(cuStreamSynchronize(stream), 0);
        expect_all(worker->host, 3);
    }
    EXPECT(cuGraphExecDestroy(exec), 0);
    EXPECT(cuGraphDestroy(graph), 0);
    if (random_below(worker, 2)) EXPECT(cuDeviceGraphMemTrim(0), 0);
}

static void pools(struct worker *worker) {
    address memory;
    void *pool;
    if (!GOT(cuMemAllocAsync(&memory, BYTES, worker->stream[0]))) return;
    EXPECT(cuMemsetD32Async(memory, 9, COUNT, worker->stream[0]), 0);
    hand_over(worker);
    add(worker, worker->stream[1], memory, 1);
    EXPECT(cuMemcpyDtoHAsync_v2(worker->host, memory, BYTES, worker->stream[1]), 0);
    EXPECT(cuMemFreeAsync(memory, worker->stream[1]), 0);
    EXPECT(cuStreamSynchronize(worker->stream[1]), 0);
    expect_all(worker->host, 10);
    EXPECT(cuDeviceGetDefaultMemPool(&pool, 0), 0);
    EXPECT(cuMemPoolTrimTo(pool, 0), 0);
}

// Memory that leaves the process and comes back by its descriptor, mapped twice.
static void mappings(struct worker *worker) {
    static const struct physical exportable = {1, 1, {1, 0}, NULL, {0}};
    static const struct access access = {{1, 0}, 3};
    address first, second, place;
    int descriptor;
    if (!GOT(cuMemCreate(&first, BLOCK, &exportable, 0))) return;
    EXPECT(cuMemExportToShareableHandle(&descriptor, first, 1, 0), 0);
    EXPECT(cuMemImportFromShareableHandle(&second, (void *)(intptr_t)descriptor, 1), 0);
    EXPECT(close(descriptor), 0);
    EXPECT(cuMemAddressReserve(&place, 2 * BLOCK, 0, 0, 0), 0);
    EXPECT(cuMemMap(place, BLOCK, 0, first, 0), 0);
    EXPECT(cuMemMap(place + BLOCK, BLOCK, 0, second, 0), 0);
    EXPECT(cuMemSetAccess(place, 2 * BLOCK, &access, 1), 0);
    EXPECT(cuMemRelease(first), 0);
    EXPECT(cuMemsetD32Async(place, 20, COUNT, worker->stream[0]), 0);
    add(worker, worker->stream[0], place + BLOCK, 2);
    EXPECT(cuMemcpyDtoHAsync_v2(worker->host, place, BYTES, worker->stream[0]), 0);
    EXPECT(cuStreamSynchronize(worker->stream[0]), 0);
    expect_all(worker->host, 22);
    EXPECT(cuMemUnmap(place, 2 * BLOCK), 0);
    EXPECT(cuMemRelease(second), 0);
    EXPECT(cuMemAddressFree(place, 2 * BLOCK), 0);
}

static void publish(struct worker *worker, const ticket *handle) {
    char made[300], path[300];
    snprintf(made, sizeof made, "%s/.%d-%p", worker->folder, getpid(), (void *)worker);
    snprintf(path, sizeof path, "%s/%u.ipc", worker->folder, random_below(worker, 8));
    FILE *file = fopen(made, "wbe");
    if (!file) return;
    EXPECT(fwrite(handle, sizeof *handle, 1, file), 1);
    EXPECT(fclose(file), 0);
    rename(made, path);
}

// Memory of another process, which may be dead by now: then the answer is an error, and nothing else happens.
static void open_another(struct worker *worker) {
    char path[300];
    ticket handle;
    address memory;
    uint32_t value;
    snprintf(path, sizeof path, "%s/%u.ipc", worker->folder, random_below(worker, 8));
    FILE *file = fopen(path, "rbe");
    if (!file) return;
    size_t read = fread(&handle, sizeof handle, 1, file);
    fclose(file);
    if (read != 1 || cuIpcOpenMemHandle_v2(&memory, handle, 1) != 0) return;
    EXPECT(cuMemcpyDtoH_v2(&value, memory, 4), 0);
    EXPECT(value == 77 || value == 0, 1);
    EXPECT(cuIpcCloseMemHandle(memory), 0);
}

static void exports(struct worker *worker) {
    ticket handle;
    address memory;
    if (!GOT(cuMemAlloc_v2(&memory, 1000))) return;
    EXPECT(cuMemsetD32Async(memory, 77, 250, worker->stream[0]), 0);
    EXPECT(cuStreamSynchronize(worker->stream[0]), 0);
    if (GOT(cuIpcGetMemHandle(&handle, memory))) publish(worker, &handle);
    open_another(worker);
    EXPECT(cuMemFree_v2(memory), 0);
}

static void managed(struct worker *worker) {
    address memory;
    if (!GOT(cuMemAllocManaged(&memory, BYTES, 1))) return;
    uint32_t *seen = (uint32_t *)(uintptr_t)memory;
    for (int i = 0; i < COUNT; i++) seen[i] = 40;
    add(worker, worker->stream[0], memory, 2);
    EXPECT(cuStreamSynchronize(worker->stream[0]), 0);
    expect_all(seen, 42);
    EXPECT(cuMemFree_v2(memory), 0);
}

static void count_up(void *counter) {
    __atomic_fetch_add((int *)counter, 1, __ATOMIC_RELAXED);
}

// The first stream waits for a value that the second writes after a host function.
static void values(struct worker *worker) {
    address flag;
    int called = 0;
    if (!GOT(cuMemAlloc_v2(&flag, 4))) return;
    EXPECT(cuMemsetD32Async(flag, 0, 1, worker->stream[0]), 0);
    hand_over(worker);
    EXPECT(cuStreamWaitValue32_v2(worker->stream[0], flag, 1, 1), 0);
    EXPECT(cuLaunchHostFunc(worker->stream[1], count_up, &called), 0);
    EXPECT(cuStreamWriteValue32_v2(worker->stream[1], flag, 1, 0), 0);
    EXPECT(cuStreamSynchronize(worker->stream[0]), 0);
    EXPECT(__atomic_load_n(&called, __ATOMIC_RELAXED), 1);
    EXPECT(cuMemFree_v2(flag), 0);
}

// Another context, with memory and a module, ended with all that it holds.
static void contexts(struct worker *worker) {
    void *context, *module;
    address memory;
    if (!GOT(cuCtxCreate_v2(&context, 0, 0))) return;
    EXPECT(cuModuleLoadData(&module, kernel_text), 0);
    if (GOT(cuMemAlloc_v2(&memory, BLOCK))) EXPECT(cuMemsetD32Async(memory, 1, COUNT, NULL), 0);
    EXPECT(cuCtxDestroy_v2(context), 0);
    EXPECT(cuCtxSetCurrent(worker->context), 0);
}

static int stopped;

static void stop(int signal) {
    (void)signal;
    __atomic_store_n(&stopped, 1, __ATOMIC_RELAXED);
}

static int goes_on(const struct worker *worker, int round) {
    return worker->rounds ? round < worker->rounds : !__atomic_load_n(&stopped, __ATOMIC_RELAXED);
}

static void *churn(void *argument) {
    static void (*const kinds[])(struct worker *) = {kernels, copies, graphs, pools, mappings, exports, managed, values, contexts};
    struct worker *worker = argument;
    void *host;
    EXPECT(cuCtxSetCurrent(worker->context), 0);
    EXPECT(cuStreamCreate(&worker->stream[0], 0), 0);
    EXPECT(cuStreamCreate(&worker->stream[1], 1), 0);
    EXPECT(cuEventCreate(&worker->event, 0), 0);
    EXPECT(cuMemHostAlloc(&host, BYTES, 0), 0);
    worker->host = host;
    for (int i = 0; goes_on(worker, i); i++)
        kinds[random_below(worker, sizeof kinds / sizeof *kinds)](worker);
    EXPECT(cuMemFreeHost(host), 0);
    EXPECT(cuEventDestroy_v2(worker->event), 0);
    for (int i = 0; i < 2; i++) EXPECT(cuStreamDestroy_v2(worker->stream[i]), 0);
    return NULL;
}

// The first thread has a context of its own, the others share one.
static void work(unsigned seed, int rounds, int threads, const char *folder) {
    static struct worker workers[THREADS_MAX];
    void *context[2], *module[2], *kernel[2];
    EXPECT(threads >= 1 && threads <= THREADS_MAX, 1);
    EXPECT(cuInit(0), 0);
    for (int i = 0; i < 2; i++) {
        EXPECT(cuCtxCreate_v2(&context[i], 0, 0), 0);
        EXPECT(cuModuleLoadData(&module[i], kernel_text), 0);
        EXPECT(cuModuleGetFunction(&kernel[i], module[i], "add"), 0);
    }
    signal(SIGTERM, stop);
    puts("ready");
    fflush(stdout);
    for (int i = 0; i < threads; i++) {
        workers[i] = (struct worker){.context = context[i > 0], .kernel = kernel[i > 0], .seed = seed + 7919u * (unsigned)i,
                                     .rounds = rounds, .folder = folder};
        EXPECT(pthread_create(&workers[i].thread, NULL, churn, &workers[i]), 0);
    }
    for (int i = 0; i < threads; i++) EXPECT(pthread_join(workers[i].thread, NULL), 0);
    for (int i = 0; i < 2; i++) EXPECT(cuCtxDestroy_v2(context[i]), 0);
}

static long long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

// Prints after how many milliseconds nothing was used any more, and takes it all.
static void empty(long long patience_ms) {
    void *context;
    address all;
    size_t free = 0, total = 1;
    long long began_ms = now_ms();
    EXPECT(cuInit(0), 0);
    EXPECT(cuCtxCreate_v2(&context, 0, 0), 0);
    for (;;) {
        EXPECT(cuMemGetInfo_v2(&free, &total), 0);
        if (free == total || now_ms() - began_ms > patience_ms) break;
        usleep(1000);
    }
    EXPECT(free, total);
    printf("%lld\n", now_ms() - began_ms);
    EXPECT(cuMemAlloc_v2(&all, total), 0);
}

int main(int count, char **arguments) {
    if (count < 4) return 64;
    open_driver(arguments[1]);
    if (strcmp(arguments[2], "empty") == 0) empty(atoll(arguments[3]));
    else if (count == 7) work((unsigned)strtoul(arguments[3], NULL, 10), atoi(arguments[4]), atoi(arguments[5]), arguments[6]);
    else return 64;
    return 0;
}
