// barrier.c: barriers of a block and of a warp. A thread that has exited no longer counts, as on real GPUs.
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

// Releases the lanes named in `lanes` once each of them waits at a warp barrier or has exited.
static void release_warp_if_complete(struct ptx_run *run, uint32_t first, uint32_t lanes)
{
    for (uint32_t lane = 0; lane < PTX_WARP && first + lane < run->thread_count; lane++) {
        enum ptx_state state = run->threads[first + lane].state;
        if ((lanes >> lane & 1) && state != PTX_AT_WARP_BARRIER && state != PTX_DONE) return;
    }
    for (uint32_t lane = 0; lane < PTX_WARP && first + lane < run->thread_count; lane++) {
        struct ptx_thread *thread = &run->threads[first + lane];
        if ((lanes >> lane & 1) && thread->state == PTX_AT_WARP_BARRIER) thread->state = PTX_READY;
    }
}

static uint32_t warp_of(const struct ptx_run *run, const struct ptx_thread *thread)
{
    return (uint32_t)(thread - run->threads) / PTX_WARP * PTX_WARP;
}

void ptx_arrive_at_warp(struct ptx_run *run, struct ptx_thread *thread, uint32_t lanes)
{
    thread->state = PTX_AT_WARP_BARRIER;
    thread->waits_for = lanes;
    release_warp_if_complete(run, warp_of(run, thread), lanes);
}

void ptx_leave(struct ptx_run *run, struct ptx_thread *thread)
{
    thread->state = PTX_DONE;
    run->done++;
    for (uint32_t id = 0; id < PTX_BARRIERS; id++) {
        if (run->barriers[id].arrived) release_if_complete(run, id);
    }
    uint32_t first = warp_of(run, thread);
    for (uint32_t lane = 0; lane < PTX_WARP && first + lane < run->thread_count; lane++) {
        const struct ptx_thread *other = &run->threads[first + lane];
        if (other->state == PTX_AT_WARP_BARRIER) release_warp_if_complete(run, first, other->waits_for);
    }
}
