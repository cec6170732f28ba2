// step.c: the interpreter's loop.
#include "run.h"

// A thread that jumps back this often lets the others of its block run, since it may be waiting for one of them.
static const uint32_t JUMPS_PER_TURN = 4096;

// On real GPUs a thread issues about one dependent instruction in four cycles; %clock says so.
static const uint64_t CYCLES_PER_INSTRUCTION = 4;

#define LOAD(space, place, bytes, type) \
    LOAD_##space##_##bytes: { \
        const uint64_t address = (R[i->a] + (uint64_t)(int64_t)i->offset) & i->mask; \
        const uint8_t *at = place(bytes); \
        type value; \
        if (!at) goto fault; \
        memcpy(&value, at, bytes); \
        R[i->d] = value; \
        NEXT; \
    }
#define STORE(space, place, bytes, type) \
    STORE_##space##_##bytes: { \
        const uint64_t address = (R[i->a] + (uint64_t)(int64_t)i->offset) & i->mask; \
        uint8_t *at = place(bytes); \
        const type value = (type)R[i->b]; \
        if (!at) goto fault; \
        memcpy(at, &value, bytes); \
        NEXT; \
    }
#define LOADS(space, place) LOAD(space, place, 1, uint8_t) LOAD(space, place, 2, uint16_t) LOAD(space, place, 4, uint32_t) LOAD(space, place, 8, uint64_t)
#define STORES(space, place) STORE(space, place, 1, uint8_t) STORE(space, place, 2, uint16_t) STORE(space, place, 4, uint32_t) STORE(space, place, 8, uint64_t)

#define GLOBAL(bytes) ptx_global(run, i, address, bytes)
#define GENERIC(bytes) ptx_generic(run, thread, i, address, bytes)
#define SHARED(bytes) ptx_shared(run, address, bytes)
#define LOCAL(bytes) ptx_local(run, thread, address, bytes)
#define PARAM(bytes) ptx_parameter(run, thread, address, bytes)

#define NEXT \
    do { \
        i++; \
        goto *LABELS[i->op]; \
    } while (0)
#define JUMP \
    do { \
        balance += i->weight; \
        const bool back = i->offset <= 0; \
        i += i->offset; \
        if (back && --jumps == 0) goto turn; \
        goto *LABELS[i->op]; \
    } while (0)
#define HOT(name, value) \
    HOT_##name: { \
        const uint64_t a = R[i->a], b = R[i->b], c = R[i->c]; \
        (void)a, (void)b, (void)c; \
        R[i->d] = (value); \
        NEXT; \
    }
#define STOP(reason) \
    do { \
        thread->at = i + 1; \
        thread->balance = balance; \
        return reason; \
    } while (0)

enum ptx_stop ptx_step(struct ptx_run *run, struct ptx_thread *thread)
{
    static const void *const LABELS[PTX_OPS] = {
#define CONTROL_LABEL(name) [PTX_OP_##name] = &&name,
#define HOT_LABEL(name, value) [PTX_OP_HOT_##name] = &&HOT_##name,
        PTX_CONTROLS(CONTROL_LABEL) PTX_HOT(HOT_LABEL)
    };
    uint64_t *R = thread->slots;
    const struct ptx_insn *i = thread->at;
    int64_t balance = thread->balance;
    uint32_t jumps = JUMPS_PER_TURN;
    goto *LABELS[i->op];

    PTX_HOT(HOT)

CALL:
    R[i->d] = i->call(R[i->a], R[i->b], R[i->c], R[i->e]);
    NEXT;
SKIP_UNLESS:
    i += R[i->a] ? 1 : i->offset;
    goto *LABELS[i->op];
SKIP_IF:
    i += R[i->a] ? i->offset : 1;
    goto *LABELS[i->op];
BRANCH_IF:
    if (R[i->a]) JUMP;
    NEXT;
BRANCH_UNLESS:
    if (!R[i->a]) JUMP;
    NEXT;
BRANCH:
    JUMP;

    LOADS(GLOBAL, GLOBAL) STORES(GLOBAL, GLOBAL)
    LOADS(GENERIC, GENERIC) STORES(GENERIC, GENERIC)
    LOADS(SHARED, SHARED) STORES(SHARED, SHARED)
    LOADS(LOCAL, LOCAL) STORES(LOCAL, LOCAL)
    LOADS(PARAM, PARAM) STORES(PARAM, PARAM)

LOCATE:
    R[i->d] = (R[i->a] + (uint64_t)(int64_t)i->offset) & i->mask;
    if (R[i->d] & (i->b - 1u)) {
        ptx_access_fault(run, R[i->d], i->b, "any");
        goto fault;
    }
    NEXT;
ATOMIC: {
    uint8_t *at = ptx_atomic_place(run, thread, i, R[i->a]);
    if (!at) goto fault;
    R[i->d] = i->atomic(at, R[i->b], R[i->c]);
    NEXT;
}
COPY:
    if (!ptx_copy(run, thread, i)) goto fault;
    NEXT;
FENCE:
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    NEXT;
CLOCK:
    R[i->d] = (ptx_executed(thread, i, balance) * CYCLES_PER_INSTRUCTION) & i->mask;
    NEXT;
CLOCK_HIGH:
    R[i->d] = (ptx_executed(thread, i, balance) * CYCLES_PER_INSTRUCTION) >> 32;
    NEXT;
TIMER:
    R[i->d] = ptx_timer(run) & i->mask;
    NEXT;
TIMER_HIGH:
    R[i->d] = ptx_timer(run) >> 32;
    NEXT;

BARRIER:
BARRIER_REDUCE:
    if (!ptx_arrive(run, thread, i)) goto fault;
    STOP(PTX_STOP_WAIT);
BARRIER_ARRIVE:
    if (!ptx_arrive(run, thread, i)) goto fault;
    NEXT;
WARP_BARRIER:
WARP_EXCHANGE:
    ptx_arrive_at_warp(run, thread, i);
    STOP(PTX_STOP_WAIT);
YIELD:
    STOP(PTX_STOP_TURN);
INVOKE:
    thread->balance = balance;
    if (!ptx_invoke(run, thread, i)) goto fault;
    goto enter;
RETURN:
    thread->at = i;
    thread->balance = balance;
    ptx_return(run, thread);
enter: // another function goes on where the thread says
    R = thread->slots;
    i = thread->at;
    balance = thread->balance;
    goto *LABELS[i->op];
EXIT:
    thread->at = i;
    thread->balance = balance + 1;
    return PTX_STOP_EXIT;

turn:
    i--;
    STOP(PTX_STOP_TURN);
TRAP:
    run->status = PTX_ILLEGAL_INSTRUCTION;
    run->fault_text = "a trap was executed";
fault:
    thread->at = i;
    thread->balance = balance + 1;
    return PTX_STOP_FAULT;
}
