// traces.c: traces PROCESSES THREADS OPERATIONS SEED. Makes random calls that take and give back GPU memory, in several processes with
// several threads each, and writes down what was asked and what came of it; whoever reads that decides what should have.
//
// Mostly one call is made at a time, by a thread of random choice. Now and then there is a burst: all threads at once. Each freed
// block may have been another thread's. On stdout: one `struct record` a call, in the order of the calls, those of a burst thread by
// thread. A record of PAUSE asks for a byte on stdin before anything goes on; until then nothing happens.
#include <dlfcn.h>
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

enum what { ALLOC, PITCH, MANAGED, CREATE, FREE, FREE_ASYNC, FREE_WILD, TELL, PROCESS, BURST, PAUSE };
enum { MOST_PROCESSES = 8, MOST_THREADS = 8, SLOTS = 24, BATCH = 16, IN_BURST = 48, SINGLE_BATCHES = 128, VMM_BYTES = 2 << 20 };

struct record {
    uint8_t what, process, thread, slot; // slot: of the process, where the block is kept
    int32_t result;
    uint64_t a, b; // ALLOC, MANAGED, CREATE: bytes; PITCH: width, height; TELL: free and total; PROCESS: the pid
};

// What a thread is to do, and did. `turn` is a futex: odd while it is the thread's.
struct order {
    _Alignas(64) uint32_t turn;
    uint32_t calls, done;
    uint64_t random;
    unsigned first_slot, slots; // that it may use
    struct record records[IN_BURST];
};

struct block {
    uint64_t handle; // 0: none
    int kind;
};

static struct shared {
    struct order orders[MOST_PROCESSES][MOST_THREADS];
    struct block blocks[MOST_PROCESSES][SLOTS];
} *shared;

struct allocation_prop { // CUmemAllocationProp
    int type, handle_types;
    struct {
        int type, id;
    } location;
    void *meta_data;
    unsigned char flags[16];
};

static struct {
    int (*init)(unsigned), (*create_context)(void **, unsigned, int), (*set_current)(void *), (*alloc)(uint64_t *, size_t);
    int (*pitch)(uint64_t *, size_t *, size_t, size_t, unsigned), (*managed)(uint64_t *, size_t, unsigned), (*free)(uint64_t);
    int (*free_async)(uint64_t, void *), (*create)(uint64_t *, size_t, const void *, uint64_t), (*release)(uint64_t), (*info)(size_t *, size_t *);
} cuda;
static void *context;
static int own_process;

static void fail(const char *what) {
    fprintf(stderr, "traces: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    return *state ^= *state << 17;
}

static void give_turn(uint32_t *turn) {
    __atomic_add_fetch(turn, 1, __ATOMIC_RELEASE);
    syscall(SYS_futex, turn, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void await_turn(uint32_t *turn, uint32_t parity) {
    for (int spins = 0;; spins++) {
        uint32_t seen = __atomic_load_n(turn, __ATOMIC_ACQUIRE);
        if ((seen & 1) == parity) {
            return;
        }
        if (spins > 200) {
            syscall(SYS_futex, turn, FUTEX_WAIT, seen, NULL, NULL, 0);
        }
    }
}

static void take(struct record *record, struct block *block, uint64_t *random) {
    static const enum what ways[] = {ALLOC, ALLOC, ALLOC, PITCH, MANAGED, CREATE};
    uint64_t handle = 0;
    size_t pitch;
    struct allocation_prop prop = {.type = 1, .location = {1, 0}};
    record->what = ways[next_random(random) % (sizeof ways / sizeof *ways)];
    record->a = 1 + next_random(random) % (next_random(random) % 4 ? 300000 : 9000000);
    switch (record->what) {
    case ALLOC: record->result = cuda.alloc(&handle, record->a); break;
    case MANAGED: record->result = cuda.managed(&handle, record->a, 1); break;
    case PITCH:
        record->a = 1 + record->a % 5000;
        record->b = 1 + next_random(random) % 200;
        record->result = cuda.pitch(&handle, &pitch, record->a, record->b, 4);
        break;
    default:
        record->a = VMM_BYTES * (1 + record->a % 3);
        record->result = cuda.create(&handle, record->a, &prop, 0);
    }
    *block = (struct block){record->result == 0 ? handle : 0, record->what};
}

static void give_back(struct record *record, struct block *block, uint64_t *random) {
    int async = block->kind == ALLOC && next_random(random) % 4 == 0;
    record->what = async ? FREE_ASYNC : FREE;
    record->result = block->kind == CREATE ? cuda.release(block->handle)
                     : async               ? cuda.free_async(block->handle, NULL)
                                           : cuda.free(block->handle);
    block->handle = 0;
}

static void call(struct order *order, struct record *record) {
    static uint32_t calls; // who comes after whom is another process' doing: this shows it to ThreadSanitizer
    __atomic_add_fetch(&calls, 1, __ATOMIC_ACQ_REL);
    unsigned slot = order->first_slot + (unsigned)(next_random(&order->random) % order->slots);
    struct block *block = &shared->blocks[own_process][slot];
    uint64_t which = next_random(&order->random) % 32;
    *record = (struct record){.process = (uint8_t)own_process, .thread = record->thread, .slot = (uint8_t)slot};
    if (which == 0) {
        size_t free_bytes = 0, total_bytes = 0;
        record->what = TELL;
        record->result = cuda.info(&free_bytes, &total_bytes);
        record->a = free_bytes;
        record->b = total_bytes;
    } else if (which == 1) {
        record->what = FREE_WILD;
        record->result = cuda.free(block->handle && block->kind != CREATE ? block->handle + 256 : 0x1234500);
    } else if (block->handle) {
        give_back(record, block, &order->random);
    } else {
        take(record, block, &order->random);
    }
    __atomic_add_fetch(&calls, 1, __ATOMIC_ACQ_REL);
}

static void *obey(void *number) {
    struct order *order = &shared->orders[own_process][(uintptr_t)number];
    if (cuda.set_current(context) != 0) {
        fail("cuCtxSetCurrent");
    }
    for (;;) {
        await_turn(&order->turn, 1);
        for (uint32_t i = 0; i < order->calls; i++) {
            order->records[i].thread = (uint8_t)(uintptr_t)number;
            call(order, &order->records[i]);
        }
        order->done = order->calls;
        give_turn(&order->turn);
    }
    return NULL;
}

static void *symbol(void *library, const char *name) {
    void *found = dlsym(library, name);
    if (!found) {
        fail(name);
    }
    return found;
}

static void reach(void) {
    void *library = dlopen("libcuda.so.1", RTLD_NOW);
    if (!library) {
        fail(dlerror());
    }
    *(void **)&cuda.init = symbol(library, "cuInit");
    *(void **)&cuda.create_context = symbol(library, "cuCtxCreate_v2");
    *(void **)&cuda.set_current = symbol(library, "cuCtxSetCurrent");
    *(void **)&cuda.alloc = symbol(library, "cuMemAlloc_v2");
    *(void **)&cuda.pitch = symbol(library, "cuMemAllocPitch_v2");
    *(void **)&cuda.managed = symbol(library, "cuMemAllocManaged");
    *(void **)&cuda.free = symbol(library, "cuMemFree_v2");
    *(void **)&cuda.free_async = symbol(library, "cuMemFreeAsync");
    *(void **)&cuda.create = symbol(library, "cuMemCreate");
    *(void **)&cuda.release = symbol(library, "cuMemRelease");
    *(void **)&cuda.info = symbol(library, "cuMemGetInfo_v2");
    if (cuda.init(0) != 0 || cuda.create_context(&context, 0, 0) != 0) {
        fail("cuInit or cuCtxCreate");
    }
}

static void start(int process, int threads) {
    int ready[2];
    char byte = 0;
    if (pipe(ready) != 0) {
        fail("pipe");
    }
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) {
            _exit(1);
        }
        own_process = process;
        reach();
        for (uintptr_t i = 0; i < (uintptr_t)threads; i++) {
            pthread_t thread;
            pthread_create(&thread, NULL, obey, (void *)i);
        }
        if (write(ready[1], &byte, 1) != 1) {
            _exit(1);
        }
        for (;;) {
            pause();
        }
    }
    close(ready[1]);
    if (read(ready[0], &byte, 1) != 1) {
        fail("a process did not start");
    }
    close(ready[0]);
    struct record record = {.what = PROCESS, .process = (uint8_t)process, .a = (uint64_t)pid};
    fwrite(&record, sizeof record, 1, stdout);
}

static void begin(struct order *order, unsigned calls, unsigned first_slot, unsigned slots) {
    order->calls = calls;
    order->first_slot = first_slot;
    order->slots = slots;
    give_turn(&order->turn);
}

static uint64_t end(struct order *order) {
    await_turn(&order->turn, 0);
    fwrite(order->records, sizeof *order->records, order->done, stdout);
    return order->done;
}

static uint64_t burst(int processes, int threads) {
    struct record record = {.what = BURST};
    uint64_t calls = 0;
    fwrite(&record, sizeof record, 1, stdout);
    for (int i = 0; i < processes * threads; i++) {
        unsigned each = SLOTS / (unsigned)threads;
        begin(&shared->orders[i / threads][i % threads], IN_BURST, each * (unsigned)(i % threads), each);
    }
    for (int i = 0; i < processes * threads; i++) {
        calls += end(&shared->orders[i / threads][i % threads]);
    }
    return calls;
}

static void wait_for_reader(void) {
    struct record record = {.what = PAUSE};
    fwrite(&record, sizeof record, 1, stdout);
    fflush(stdout);
    if (getchar() == EOF) {
        exit(0);
    }
}

int main(int count, char **arguments) {
    if (count != 5) {
        fprintf(stderr, "usage: traces PROCESSES THREADS OPERATIONS SEED\n");
        return 2;
    }
    int processes = atoi(arguments[1]), threads = atoi(arguments[2]);
    uint64_t operations = strtoull(arguments[3], NULL, 10), random = strtoull(arguments[4], NULL, 10) * 2 + 1;
    if (processes < 1 || processes > MOST_PROCESSES || threads < 1 || threads > MOST_THREADS) {
        return 2;
    }
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        fail("mmap");
    }
    for (int i = 0; i < processes * threads; i++) {
        shared->orders[i / threads][i % threads].random = next_random(&random) | 1;
    }
    for (int process = 0; process < processes; process++) {
        start(process, threads);
    }
    for (uint64_t made = 0; made < operations;) {
        for (int i = 0; i < SINGLE_BATCHES && made < operations; i++) {
            struct order *order = &shared->orders[next_random(&random) % (unsigned)processes][next_random(&random) % (unsigned)threads];
            begin(order, 1 + (unsigned)(next_random(&random) % BATCH), 0, SLOTS);
            made += end(order);
        }
        wait_for_reader();
        made += burst(processes, threads);
        wait_for_reader();
    }
    return 0;
}
