// warp.c: lanes of a warp that wait for each other, and what they exchange while they do.
//
// A lane leaves what it offers in its thread and waits. The last of the lanes that the member mask names gives each of them its
// result, from what was offered, before any of them goes on.
#include "run.h"

static uint32_t first_of_warp(const struct ptx_run *run, const struct ptx_thread *thread)
{
    return (uint32_t)(thread - run->threads) / PTX_WARP * PTX_WARP;
}

// The lane that a shuffle reads, as the ISA's pseudo code has it. False: out of range, the lane reads itself.
static bool source_lane(enum ptx_exchange kind, uint32_t lane, uint64_t b, uint64_t c, uint32_t *source)
{
    uint32_t by = (uint32_t)b & 31, clamp = (uint32_t)c & 31, segment = (uint32_t)(c >> 8) & 31;
    int32_t last = (int32_t)((lane & segment) | (clamp & ~segment)), at = 0;
    switch (kind) {
    case PTX_SHUFFLE_UP: at = (int32_t)lane - (int32_t)by; break;
    case PTX_SHUFFLE_DOWN: at = (int32_t)(lane + by); break;
    case PTX_SHUFFLE_XOR: at = (int32_t)(lane ^ by); break;
    default: at = (int32_t)((lane & segment) | (by & ~segment)); break;
    }
    bool within = kind == PTX_SHUFFLE_UP ? at >= last : at <= last;
    *source = within ? (uint32_t)at : lane;
    return within;
}

static uint64_t vote(enum ptx_exchange kind, uint32_t lanes, uint32_t set)
{
    switch (kind) {
    case PTX_VOTE_ALL: return set == lanes;
    case PTX_VOTE_ANY: return set != 0;
    case PTX_VOTE_UNIFORM: return set == 0 || set == lanes;
    default: return set;
    }
}

// Gives one lane its result. `lanes` wait, `set` of them offer something other than 0.
static void answer(struct ptx_thread *warp, uint32_t lane, uint32_t lanes, uint32_t set)
{
    uint64_t *slots = warp[lane].slots;
    const struct ptx_insn *insn = warp[lane].at - 1;
    if (insn->op != PTX_OP_WARP_EXCHANGE) return;
    enum ptx_exchange kind = (enum ptx_exchange)insn->offset;
    if (kind >= PTX_VOTE_ALL) {
        slots[insn->d] = vote(kind, lanes, set);
        return;
    }
    uint32_t source;
    bool within = source_lane(kind, lane, slots[insn->c], slots[insn->e], &source);
    slots[insn->d] = lanes >> source & 1 ? warp[source].offered : warp[lane].offered;
    if (insn->mask) slots[insn->mask] = within;
}

// Once each lane of the mask waits or has exited, those that wait get their results and go on.
static void release_if_complete(struct ptx_run *run, uint32_t first, uint32_t members)
{
    struct ptx_thread *warp = run->threads + first;
    uint32_t lanes = 0, set = 0, count = run->thread_count - first < PTX_WARP ? run->thread_count - first : PTX_WARP;
    for (uint32_t lane = 0; lane < count; lane++) {
        if (!(members >> lane & 1) || warp[lane].state == PTX_DONE) continue;
        if (warp[lane].state != PTX_AT_WARP_BARRIER) return;
        lanes |= 1u << lane;
        if (warp[lane].offered) set |= 1u << lane;
    }
    for (uint32_t lane = 0; lane < count; lane++) {
        if (!(lanes >> lane & 1)) continue;
        answer(warp, lane, lanes, set);
        warp[lane].state = PTX_READY;
    }
}

void ptx_arrive_at_warp(struct ptx_run *run, struct ptx_thread *thread, const struct ptx_insn *insn)
{
    thread->at = insn + 1;
    thread->state = PTX_AT_WARP_BARRIER;
    thread->waits_for = (uint32_t)thread->slots[insn->a];
    thread->offered = thread->slots[insn->b];
    release_if_complete(run, first_of_warp(run, thread), thread->waits_for);
}

void ptx_leave_warp(struct ptx_run *run, const struct ptx_thread *thread)
{
    uint32_t first = first_of_warp(run, thread);
    for (uint32_t lane = 0; lane < PTX_WARP && first + lane < run->thread_count; lane++) {
        const struct ptx_thread *other = &run->threads[first + lane];
        if (other->state == PTX_AT_WARP_BARRIER) release_if_complete(run, first, other->waits_for);
    }
}
