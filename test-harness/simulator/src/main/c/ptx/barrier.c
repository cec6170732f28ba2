// barrier.c: barriers of a block. A thread that has exited no longer counts, as on real GPUs.
#include "run.h"

static void release(struct ptx_run *run, uint32_t id)
{
    run->barriers[id] = (struct ptx_barrier){0};
    for (uint32_t i = 0; i < run->thread_count; i++) {
        if (run->threads[i].state == PTX_AT_BARRIER && run->threads[i].waits_for == id) run->threads[i].state = PTX_READY;
    }
}

// Without a count all threads that have not exited are expected; a count never expects more than those.
static void release_if_complete(struct ptx_run *run, uint32_t id)
{
    struct ptx_barrier *barrier = &run->barriers[id];
    uint32_t live = run->thread_count - run->done;
    uint32_t expected = barrier->expected && barrier->expected < live ? barrier->expected : live;
    if (barrier->arrived && barrier->arrived >= expected) release(run, id);
}

bool ptx_arrive(struct ptx_run *run, struct ptx_thread *thread, const struct ptx_insn *insn, bool waits)
{
    uint64_t id = thread->slots[insn->a], expected = insn->offset ? thread->slots[insn->b] : 0;
    if (id >= PTX_BARRIERS || expected % PTX_WARP) {
        run->status = PTX_ILLEGAL_INSTRUCTION;
        run->fault_text = "a barrier has a number above 15 or a count that is no multiple of 32";
        return false;
    }
    run->barriers[id].arrived++;
    run->barriers[id].expected = (uint32_t)expected;
    if (waits) {
        thread->state = PTX_AT_BARRIER;
        thread->waits_for = (uint32_t)id;
    }
    release_if_complete(run, (uint32_t)id);
    return true;
}

void ptx_leave(struct ptx_run *run, struct ptx_thread *thread)
{
    thread->state = PTX_DONE;
    run->done++;
    for (uint32_t id = 0; id < PTX_BARRIERS; id++) {
        if (run->barriers[id].arrived) release_if_complete(run, id);
    }
    ptx_leave_warp(run, thread);
}
