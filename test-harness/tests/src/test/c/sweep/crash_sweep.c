// crash_sweep: a process is killed, or stopped, at one instruction of the libwrapper after the other while it is at one
// operation; a second process of its tenant must never notice. Pair of CrashSweepTest.java.
//   crash_sweep kill|stop OPERATION LIMIT FIRST STRIDE CONTROL POINTS
// LIMIT: of the tenant, bytes. FIRST, STRIDE: which instructions. CONTROL: the path of libsluice-control.so. POINTS: a file for
// the addresses passed, one a line. Ends 0 with the figures, or 1 with the first thing that was wrong. The environment is that of
// any process of the tenant.
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../cuda.h"
#include "operations.h"
#include "stepper.h"

enum { PATIENCE_SECONDS = 60, OUT_OF_MEMORY = 2 };

// What the process that is interrupted says of itself.
static struct report {
    volatile int ended;
    volatile int answer;
    volatile int64_t added;
} *report;

// The instructions of the libwrapper that an operation comes through, in their order.
struct way {
    uintptr_t *at;
    size_t length;
};

static const struct operation *operation;
static uint64_t limit;
static int (*audit)(const char *run_dir, const char *tenant, uint64_t *values, int rows, char *text);
static pid_t survivor;
static int to_survivor;
static uint64_t instruction; // at which the present round interrupts

static void fail(const char *what, uint64_t expected, uint64_t found) {
    printf("%s, interrupted at instruction %" PRIu64 ": %s: expected %" PRIu64 ", found %" PRIu64 "\n", operation->name, instruction, what, expected, found);
    exit(1);
}

static void took_too_long(int signal) {
    (void)signal;
    char line[200];
    int length = snprintf(line, sizeof line, "%s, interrupted at instruction %" PRIu64 ": nothing moved for %d s\n", operation->name, instruction, PATIENCE_SECONDS);
    _exit(write(1, line, (size_t)length) < 0 ? 2 : 1);
}

// The tenant's used bytes; the sum over its processes must be the same at every instant.
static uint64_t used(const char *when) {
    uint64_t values[2] = {0, 0};
    char text[512] = "";
    if (audit(getenv("SLUICE_RUN_DIR"), getenv("SLUICE_TENANT"), values, 1, text) < 1) {
        fprintf(stderr, "crash_sweep: %s\n", text);
        exit(2);
    }
    if (values[0] != values[1]) {
        fail(when, values[0], values[1]);
    }
    return values[0];
}

static void end_with_parent(void) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

// The survivor: allocates what it is told, keeps it where it is told to, answers with the driver's answer.
struct wish {
    uint64_t bytes;
    unsigned rounds; // of allocating and freeing one unit, where bytes is 0
    int keep;
};

static void survive(int wishes) {
    struct wish wish;
    end_with_parent();
    start_cuda();
    while (read(wishes, &wish, sizeof wish) == sizeof wish) {
        uint64_t address = 0;
        int result = 0;
        if (wish.bytes) {
            result = cuda.cuMemAlloc_v2(&address, wish.bytes);
        } else {
            allocate_and_free(wish.rounds);
        }
        if (result == 0 && wish.bytes && !wish.keep) {
            result = cuda.cuMemFree_v2(address);
        }
        if (write(wishes, &result, sizeof result) != sizeof result) {
            break;
        }
    }
    _exit(0);
}

static int ask_survivor(struct wish wish) {
    int result = -1;
    if (write(to_survivor, &wish, sizeof wish) != sizeof wish || read(to_survivor, &result, sizeof result) != sizeof result) {
        fprintf(stderr, "crash_sweep: the survivor is gone\n");
        exit(1);
    }
    return result;
}

static void start_survivor(void) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) {
        exit(2);
    }
    survivor = fork();
    if (survivor == 0) {
        close(ends[0]);
        survive(ends[1]);
    }
    close(ends[1]);
    to_survivor = ends[0];
}

static pid_t start_victim(void) {
    *report = (struct report){0};
    pid_t pid = fork();
    if (pid == 0) {
        end_with_parent();
        operation->prepare();
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        int answer = operation->run();
        raise(SIGSTOP);
        report->answer = answer;
        report->added = operation->added();
        report->ended = 1;
        for (;;) {
            pause();
        }
    }
    await_own_stop(pid);
    return pid;
}

static void end(pid_t pid) {
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void leave_a_dead_process(void) {
    pid_t pid = fork();
    if (pid == 0) {
        end_with_parent();
        start_cuda();
        allocate_and_free(operation->before_rounds);
        allocate(8 * unit);
        kill(getpid(), SIGKILL);
    }
    waitpid(pid, NULL, 0);
}

// Everything that the survivor does not hold itself must be there for it, and nothing else.
static void all_is_there(uint64_t held) {
    uint64_t rest = (limit - held) / 512 * 512;
    int answer = ask_survivor((struct wish){.bytes = rest, .keep = 0});
    if (answer != 0) {
        fail("the survivor asked for all that is free and was answered", 0, (uint64_t)answer);
    }
    uint64_t now = used("sum over the processes, after the next need");
    if (now != held) {
        fail("used bytes after the next need", held, now);
    }
}

// While a process is stopped in the middle: the others get what fits, and nothing of what it holds.
static void others_go_on(void) {
    int granted = ask_survivor((struct wish){.bytes = unit});
    int denied = ask_survivor((struct wish){.bytes = 16 * unit});
    if (granted != 0) {
        fail("a process beside the stopped one asked for what fits and was answered", 0, (uint64_t)granted);
    }
    if (denied != OUT_OF_MEMORY) {
        fail("a process beside the stopped one asked for too much and was answered", OUT_OF_MEMORY, (uint64_t)denied);
    }
    used("sum over the processes, beside a stopped one");
}

static void goes_on(pid_t victim, uint64_t held) {
    kill(victim, SIGCONT);
    for (int stopped = 0; !report->ended;) { // it stops itself once more at the end of its operation
        int status;
        stopped += waitpid(victim, &status, WUNTRACED | WNOHANG) == victim && WIFSTOPPED(status);
        if (stopped) {
            kill(victim, SIGCONT);
        }
        usleep(50);
    }
    if (report->answer != operation->answer) {
        fail("answer of the process that was stopped", (uint64_t)operation->answer, (uint64_t)report->answer);
    }
    uint64_t now = used("sum over the processes, after one went on");
    if (now != held + (uint64_t)report->added) {
        fail("used bytes after one went on", held + (uint64_t)report->added, now);
    }
}

// Steps through the whole operation once.
static void follow(pid_t victim, const struct code *code, struct way *way) {
    size_t room = 0;
    uintptr_t at;
    while (step_on(victim, code, &at) == STEP_INSIDE) {
        if (way->length == room) {
            room = room ? 2 * room : 4096;
            way->at = realloc(way->at, room * sizeof *way->at);
        }
        if (!way->at) {
            exit(2);
        }
        way->at[way->length++] = at;
    }
}

// Runs to the instruction at which this round interrupts. 0 where the operation ended before, which it may where it waits for
// somebody a little less long than before.
static int reach(pid_t victim, const struct way *way) {
    unsigned visits = 0;
    for (uint64_t i = 0; i < instruction; i++) {
        visits += way->at[i] == way->at[instruction];
    }
    return run_to_visit(victim, way->at[instruction], visits) == STEP_INSIDE;
}

static void stop_by_signal(pid_t victim) {
    int status;
    ptrace(PTRACE_DETACH, victim, 0, SIGSTOP);
    while (waitpid(victim, &status, WUNTRACED) == victim && !WIFSTOPPED(status)) {
    }
}

// One process that is brought to its operation, then either followed through the whole of it or interrupted. Returns whether it was
// interrupted.
static int round_of(const struct code *code, struct way *way, int by_stopping) {
    alarm(PATIENCE_SECONDS);
    uint64_t held_by_survivor = used("sum over the processes, before");
    pid_t victim = start_victim();
    uint64_t held = used("sum over the processes, prepared");
    if (operation->after_a_death) {
        leave_a_dead_process();
    } else {
        ask_survivor((struct wish){.rounds = operation->before_rounds});
    }
    int reached = way->length > 0 && reach(victim, way);
    if (way->length == 0) {
        follow(victim, code, way);
    } else if (reached && by_stopping) {
        stop_by_signal(victim);
        others_go_on();
        goes_on(victim, held);
    }
    end(victim);
    used("sum over the processes, after a death");
    all_is_there(held_by_survivor);
    return reached;
}

static void write_points(const char *path, const struct code *code, const struct way *way) {
    FILE *file = fopen(path, "we");
    for (size_t i = 0; file && i < way->length; i++) {
        fprintf(file, "0x%" PRIxPTR "\n", way->at[i] - code->base);
    }
    if (!file || fclose(file)) {
        exit(2);
    }
}

static void prepare(const char *control) {
    int version;
    struct sigaction action = {.sa_handler = took_too_long};
    void *library = dlopen(control, RTLD_NOW | RTLD_LOCAL);
    audit = library ? (int (*)(const char *, const char *, uint64_t *, int, char *))dlsym(library, "sluice_control_audit") : NULL;
    report = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (!audit || report == MAP_FAILED || cuda_reach("soname", NULL)) {
        fprintf(stderr, "crash_sweep: cannot start: %s\n", strerror(errno));
        exit(2);
    }
    sigaction(SIGALRM, &action, NULL);
    cuda.cuDriverGetVersion(&version); // finds the driver, for all that are forked from here; joins nothing
}

int main(int count, char **arguments) {
    struct code code;
    if (count != 8 || !(operation = operation_named(arguments[2]))) {
        fprintf(stderr, "usage: crash_sweep kill|stop OPERATION LIMIT FIRST STRIDE CONTROL POINTS\n");
        return 2;
    }
    int by_stopping = strcmp(arguments[1], "stop") == 0;
    limit = strtoull(arguments[3], NULL, 10);
    unit = limit / 16 / 512 * 512;
    prepare(arguments[6]);
    if (code_around((void *)cuda.cuMemAlloc_v2, &code)) {
        return 2;
    }
    start_survivor();
    if (ask_survivor((struct wish){.bytes = unit + 1, .keep = 1})) {
        return 2;
    }
    struct way way = {NULL, 0};
    round_of(&code, &way, by_stopping);
    write_points(arguments[7], &code, &way);
    uint64_t interrupted = 0, stride = strtoull(arguments[5], NULL, 10);
    for (instruction = strtoull(arguments[4], NULL, 10); instruction < way.length; instruction += stride) {
        interrupted += (uint64_t)round_of(&code, &way, by_stopping);
    }
    printf("%" PRIu64 " of %zu\n", interrupted, way.length);
    end(survivor);
    free(way.at);
    return 0;
}
