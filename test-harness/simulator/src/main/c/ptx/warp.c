// warp.c: lanes of a warp that wait for each other, and what they exchange while they do.
//
// A lane leaves what it offers in its thread and waits. The last of the lanes that the member mask names gives each of them its
// result, from what was offered, before any of them goes on. Where an instruction has no mask, the lanes wait until the others of
// their block have had their turn; those that have come to the same instruction by then go on together.
#include "matrix.h"
#include "run.h"

struct lanes {
    struct ptx_thread *warp;
    uint32_t waiting, set; // masks: those that wait, and of them those that offer something other than 0
};

static uint32_t first_of_warp(const struct ptx_run *run, const struct ptx_thread *thread)
{
    return (uint32_t)(thread - run->block->threads) / PTX_WARP * PTX_WARP;
}

static uint32_t lane_count(const struct ptx_run *run, uint32_t first)
{
    return run->thread_count - first < PTX_WARP ? run->thread_count - first : PTX_WARP;
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

static uint64_t combine(enum ptx_exchange kind, uint32_t a, uint32_t b)
{
    switch (kind) {
    case PTX_REDUCE_ADD: return a + b;
    case PTX_REDUCE_MIN_U: return a < b ? a : b;
    case PTX_REDUCE_MAX_U: return a > b ? a : b;
    case PTX_REDUCE_MIN_S: return (int32_t)a < (int32_t)b ? a : b;
    case PTX_REDUCE_MAX_S: return (int32_t)a > (int32_t)b ? a : b;
    case PTX_REDUCE_AND: return a & b;
    case PTX_REDUCE_OR: return a | b;
    default: return a ^ b;
    }
}

static uint64_t reduce(enum ptx_exchange kind, const struct lanes *lanes)
{
    uint32_t left = lanes->waiting, result = (uint32_t)lanes->warp[__builtin_ctz(left)].offered;
    for (left &= left - 1; left; left &= left - 1) result = (uint32_t)combine(kind, result, (uint32_t)lanes->warp[__builtin_ctz(left)].offered);
    return result;
}

static uint64_t same_as(const struct lanes *lanes, uint64_t value)
{
    uint64_t same = 0;
    for (uint32_t left = lanes->waiting; left; left &= left - 1) {
        uint32_t lane = (uint32_t)__builtin_ctz(left);
        if (lanes->warp[lane].offered == value) same |= UINT64_C(1) << lane;
    }
    return same;
}

// Gives one lane its result, and by *told what goes into its second one.
static uint64_t result(const struct lanes *lanes, uint32_t lane, enum ptx_exchange kind, const struct ptx_insn *insn, uint64_t *told)
{
    const struct ptx_thread *thread = &lanes->warp[lane];
    uint32_t source = lane;
    switch (kind) {
    case PTX_SHUFFLE_UP: case PTX_SHUFFLE_DOWN: case PTX_SHUFFLE_XOR: case PTX_SHUFFLE_INDEX:
        *told = source_lane(kind, lane, thread->slots[insn->c], thread->slots[insn->e], &source);
        return lanes->waiting >> source & 1 ? lanes->warp[source].offered : thread->offered;
    case PTX_VOTE_ALL: return lanes->set == lanes->waiting;
    case PTX_VOTE_ANY: return lanes->set != 0;
    case PTX_VOTE_UNIFORM: return lanes->set == 0 || lanes->set == lanes->waiting;
    case PTX_VOTE_BALLOT: return lanes->set;
    case PTX_MATCH_ANY: return same_as(lanes, thread->offered);
    case PTX_MATCH_ALL:
        *told = same_as(lanes, thread->offered) == lanes->waiting;
        return *told ? lanes->waiting : 0;
    case PTX_ELECT:
        *told = lane == (uint32_t)__builtin_ctz(lanes->waiting);
        return (uint64_t)__builtin_ctz(lanes->waiting);
    case PTX_ACTIVE: return lanes->waiting;
    default: return reduce(kind, lanes);
    }
}

// A lane's own registers are no one else's to read: what was offered stays, so results can be written at once.
static void answer(const struct lanes *lanes, uint32_t lane)
{
    uint64_t *slots = lanes->warp[lane].slots, told = 0;
    const struct ptx_insn *insn = lanes->warp[lane].at - 1;
    if (insn->op != PTX_OP_WARP_EXCHANGE) return;
    if (insn->offset >= PTX_MULTIPLY) {
        ptx_exchange_matrices(lanes->warp, lanes->waiting, lane);
        return;
    }
    slots[insn->d] = result(lanes, lane, (enum ptx_exchange)insn->offset, insn, &told);
    if (insn->mask & UINT16_MAX) slots[insn->mask & UINT16_MAX] = told;
}

static void release(const struct lanes *lanes)
{
    for (uint32_t left = lanes->waiting; left; left &= left - 1) {
        uint32_t lane = (uint32_t)__builtin_ctz(left);
        answer(lanes, lane);
        lanes->warp[lane].state = PTX_READY;
    }
}

static void add(struct lanes *lanes, uint32_t lane)
{
    lanes->waiting |= 1u << lane;
    if (lanes->warp[lane].offered) lanes->set |= 1u << lane;
}

// Once each lane of the mask waits or has exited, those that wait get their results and go on.
static void release_if_complete(struct ptx_run *run, uint32_t first, uint32_t members)
{
    struct lanes lanes = {.warp = run->block->threads + first};
    for (uint32_t lane = 0; lane < lane_count(run, first); lane++) {
        if (!(members >> lane & 1) || lanes.warp[lane].state == PTX_DONE) continue;
        if (lanes.warp[lane].state != PTX_AT_WARP_BARRIER) return;
        add(&lanes, lane);
    }
    release(&lanes);
}

void ptx_arrive_at_warp(struct ptx_run *run, struct ptx_thread *thread, const struct ptx_insn *insn)
{
    thread->at = insn + 1;
    thread->offered = thread->slots[insn->b];
    if (insn->op == PTX_OP_WARP_EXCHANGE && insn->mask & PTX_CONVERGED) {
        thread->state = PTX_CONVERGING;
        run->block->converging++;
        return;
    }
    thread->state = PTX_AT_WARP_BARRIER;
    thread->waits_for = (uint32_t)thread->slots[insn->a];
    release_if_complete(run, first_of_warp(run, thread), thread->waits_for);
}

void ptx_leave_warp(struct ptx_run *run, const struct ptx_thread *thread)
{
    uint32_t first = first_of_warp(run, thread);
    for (uint32_t lane = 0; lane < lane_count(run, first); lane++) {
        const struct ptx_thread *other = &run->block->threads[first + lane];
        if (other->state == PTX_AT_WARP_BARRIER) release_if_complete(run, first, other->waits_for);
    }
}

static void converge_warp(struct ptx_run *run, uint32_t first)
{
    uint32_t count = lane_count(run, first);
    for (uint32_t lane = 0; lane < count; lane++) {
        struct lanes lanes = {.warp = run->block->threads + first};
        if (lanes.warp[lane].state != PTX_CONVERGING) continue;
        for (uint32_t other = lane; other < count; other++) {
            if (lanes.warp[other].state == PTX_CONVERGING && lanes.warp[other].at == lanes.warp[lane].at) add(&lanes, other);
        }
        release(&lanes);
    }
}

void ptx_converge(struct ptx_run *run)
{
    run->block->converging = 0;
    for (uint32_t first = 0; first < run->thread_count; first += PTX_WARP) converge_warp(run, first);
}
