// barrier.c: barriers of a block. A thread that has exited no longer counts, as on real GPUs.
#include "run.h"

// What the barrier tells a thread about the predicates of those that have arrived.
static void tell(struct ptx_thread *thread, const struct ptx_barrier *barrier)
{
    const struct ptx_insn *insn = thread->at - 1;
    if (insn->op != PTX_OP_BARRIER_REDUCE) return;
    uint64_t all = barrier->set == barrier->arrived, any = barrier->set != 0;
    thread->slots[insn->d] = insn->mask == PTX_REDUCED_POPC ? barrier->set : insn->mask == PTX_REDUCED_AND ? all : any;
}

static void release(struct ptx_run *run, uint32_t id)
{
    struct ptx_barrier *barrier = &run->block->barriers[id];
    for (uint32_t i = 0; i < run->thread_count; i++) {
        struct ptx_thread *thread = &run->block->threads[i];
        if (thread->state != PTX_AT_BARRIER || thread->waits_for != id) continue;
        tell(thread, barrier);
        thread->state = PTX_READY;
    }
    *barrier = (struct ptx_barrier){0};
}

// Without a count all threads that have not exited are expected; a count never expects more than those.
static void release_if_complete(struct ptx_run *run, uint32_t id)
{
    const struct ptx_barrier *barrier = &run->block->barriers[id];
    uint32_t live = run->thread_count - run->block->done;
    uint32_t expected = barrier->expected && barrier->expected < live ? barrier->expected : live;
    if (barrier->arrived && barrier->arrived >= expected) release(run, id);
}

bool ptx_arrive(struct ptx_run *run, struct ptx_thread *thread, const struct ptx_insn *insn)
{
    uint64_t id = thread->slots[insn->a], expected = insn->offset ? thread->slots[insn->b] : 0;
    if (id >= PTX_BARRIERS || expected % PTX_WARP) {
        run->status = PTX_ILLEGAL_INSTRUCTION;
        run->fault_text = "a barrier has a number above 15 or a count that is no multiple of 32";
        return false;
    }
    struct ptx_barrier *barrier = &run->block->barriers[id];
    barrier->arrived++;
    barrier->expected = (uint32_t)expected;
    thread->at = insn + 1;
    if (insn->op == PTX_OP_BARRIER_REDUCE && thread->slots[insn->c]) barrier->set++;
    if (insn->op != PTX_OP_BARRIER_ARRIVE) {
        thread->state = PTX_AT_BARRIER;
        thread->waits_for = (uint32_t)id;
    }
    release_if_complete(run, (uint32_t)id);
    return true;
}

void ptx_leave(struct ptx_run *run, struct ptx_thread *thread)
{
    thread->state = PTX_DONE;
    run->block->done++;
    for (uint32_t id = 0; id < PTX_BARRIERS; id++) {
        if (run->block->barriers[id].arrived) release_if_complete(run, id);
    }
    ptx_leave_warp(run, thread);
}
