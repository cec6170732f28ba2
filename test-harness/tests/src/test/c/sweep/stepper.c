#include "stepper.h"

#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#ifdef __x86_64__
typedef struct user_regs_struct registers;
#define PROGRAM_COUNTER(r) ((r)->rip)
#define STACK_POINTER(r) ((r)->rsp)
enum { AFTER_BREAKPOINT = 1 };
static const uint32_t BREAKPOINT = 0xcc, BREAKPOINT_MASK = 0xff;
#else
typedef struct user_regs_struct registers;
#define PROGRAM_COUNTER(r) ((r)->pc)
#define STACK_POINTER(r) ((r)->sp)
enum { AFTER_BREAKPOINT = 0 };
static const uint32_t BREAKPOINT = 0xd4200000, BREAKPOINT_MASK = 0xffffffff;
#endif

static void give_up(const char *what) {
    fprintf(stderr, "stepper: %s: %s\n", what, strerror(errno));
    exit(2);
}

int code_around(void *address, struct code *code) {
    char line[512];
    int found = 0;
    uintptr_t from, to, offset;
    FILE *maps = fopen("/proc/self/maps", "re");
    while (maps && !found && fgets(line, sizeof line, maps)) {
        found = sscanf(line, "%lx-%lx %*s %lx", &from, &to, &offset) == 3 && (uintptr_t)address >= from && (uintptr_t)address < to;
    }
    if (maps) {
        fclose(maps);
    }
    *code = (struct code){.base = from - offset, .from = from, .to = to};
    return found ? 0 : -1;
}

static registers get_registers(pid_t child) {
    registers r;
    struct iovec place = {&r, sizeof r};
    if (ptrace(PTRACE_GETREGSET, child, NT_PRSTATUS, &place)) {
        give_up("registers cannot be read");
    }
    return r;
}

// The signal that it stopped with.
static int await_stop(pid_t child) {
    int status;
    if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status)) {
        fprintf(stderr, "stepper: the child ended: %s %d\n", WIFSIGNALED(status) ? "signal" : "exit code",
            WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
        exit(2);
    }
    if (WSTOPSIG(status) != SIGTRAP && WSTOPSIG(status) != SIGSTOP) {
        fprintf(stderr, "stepper: the child was sent signal %d\n", WSTOPSIG(status));
        exit(2);
    }
    return WSTOPSIG(status);
}

void await_own_stop(pid_t child) {
    if (await_stop(child) != SIGSTOP) {
        give_up("the child stopped for another reason");
    }
}

// Runs up to `address`. The signal that it stopped with: SIGTRAP there, or SIGSTOP where it stopped itself before.
static int run_to(pid_t child, uintptr_t address) {
    errno = 0;
    long word = ptrace(PTRACE_PEEKTEXT, child, address, 0);
    if (errno || ptrace(PTRACE_POKETEXT, child, address, (word & ~(long)BREAKPOINT_MASK) | BREAKPOINT)) {
        give_up("no breakpoint can be set");
    }
    ptrace(PTRACE_CONT, child, 0, 0);
    int signal = await_stop(child);
    ptrace(PTRACE_POKETEXT, child, address, word);
    if (signal == SIGTRAP) {
        registers r = get_registers(child);
        if (PROGRAM_COUNTER(&r) != address + AFTER_BREAKPOINT) {
            give_up("the child stopped elsewhere");
        }
        PROGRAM_COUNTER(&r) = address;
        ptrace(PTRACE_SETREGSET, child, NT_PRSTATUS, &(struct iovec){&r, sizeof r});
    }
    return signal;
}

enum step run_to_visit(pid_t child, uintptr_t address, unsigned visit) {
    for (unsigned i = 0;; i++) {
        if (run_to(child, address) == SIGSTOP) {
            return STEP_ENDED;
        }
        if (i == visit) {
            return STEP_INSIDE;
        }
        if (ptrace(PTRACE_SINGLESTEP, child, 0, 0) || await_stop(child) == SIGSTOP) {
            return STEP_ENDED;
        }
    }
}

// Where a call that has just been made will return to, 0 where it was a return itself.
static uintptr_t returns_to(pid_t child, const registers *before, const registers *now) {
#ifdef __x86_64__
    return STACK_POINTER(now) > STACK_POINTER(before) ? 0 : (uintptr_t)ptrace(PTRACE_PEEKDATA, child, STACK_POINTER(now), 0);
#else
    (void)child, (void)before;
    return now->regs[30] == PROGRAM_COUNTER(now) ? 0 : now->regs[30];
#endif
}

static int inside(const struct code *code, uintptr_t address) {
    return address >= code->from && address < code->to;
}

enum step step_on(pid_t child, const struct code *code, uintptr_t *at) {
    for (registers before = get_registers(child);;) {
        if (ptrace(PTRACE_SINGLESTEP, child, 0, 0)) {
            give_up("no step can be made");
        }
        if (await_stop(child) == SIGSTOP) {
            return STEP_ENDED;
        }
        registers now = get_registers(child);
        uintptr_t to = 0;
        if (inside(code, PROGRAM_COUNTER(&before)) && !inside(code, PROGRAM_COUNTER(&now))) {
            to = returns_to(child, &before, &now);
        }
        if (to) {
            if (run_to(child, to) != SIGTRAP) {
                give_up("the child did not come back from a call");
            }
            now = get_registers(child);
        }
        *at = PROGRAM_COUNTER(&now);
        if (inside(code, *at)) {
            return STEP_INSIDE;
        }
        before = now;
    }
}
