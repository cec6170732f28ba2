// mbarrier.c: barriers that lie in shared memory. One is eight bytes:
//
//   0 expected (20 bits)   20 pending (20 bits)   40 phase (1 bit)
//
// A phase is complete when nobody is pending any more; then the next begins, with as many as are expected. What arriving tells is
// the barrier as it was before.
#include <string.h>

#include "functions.h"

static const uint64_t COUNT = (1u << 20) - 1;
enum { PENDING_AT = 20, PHASE_AT = 40 };

static uint64_t barrier_of(uint64_t expected, uint64_t pending, uint64_t phase)
{
    return expected | pending << PENDING_AT | phase << PHASE_AT;
}

static uint64_t phase_of(uint64_t barrier) { return barrier >> PHASE_AT & 1; }

static uint64_t pending_of(uint64_t barrier) { return barrier >> PENDING_AT & COUNT; }

static uint64_t arrived(uint64_t barrier, uint64_t count, uint64_t dropped)
{
    uint64_t expected = barrier & COUNT, pending = pending_of(barrier), phase = phase_of(barrier);
    expected -= dropped < expected ? dropped : expected;
    if (count < pending) return barrier_of(expected, pending - count, phase);
    return barrier_of(expected, expected, phase ^ 1);
}

// `value`: of the barrier from now on, where it was `old`.
#define CHANGE(name, value) \
    static uint64_t name(void *at, uint64_t b, uint64_t c) \
    { \
        uint64_t old = __atomic_load_n((uint64_t *)at, __ATOMIC_RELAXED); \
        (void)b, (void)c; \
        while (!__atomic_compare_exchange_n((uint64_t *)at, &old, (value), 1, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {} \
        return old; \
    }

CHANGE(init, barrier_of(b & COUNT, b & COUNT, 0))
CHANGE(inval, UINT64_MAX)
CHANGE(arrive, arrived(old, b, 0))
CHANGE(arrive_drop, arrived(old, b, b))

// b: the state of a phase, or its parity. Is that phase complete?
static uint64_t wait(void *at, uint64_t b, uint64_t c)
{
    (void)c;
    return phase_of(__atomic_load_n((uint64_t *)at, __ATOMIC_SEQ_CST)) != phase_of(b);
}

static uint64_t wait_parity(void *at, uint64_t b, uint64_t c) { return wait(at, (b & 1) << PHASE_AT, c); }

uint64_t ptx_mbarrier_pending(uint64_t a, uint64_t b, uint64_t c, uint64_t e)
{
    (void)b, (void)c, (void)e;
    return pending_of(a);
}

ptx_atomic_function *ptx_mbarrier_operation(const char *operation)
{
    static const struct { const char *name; ptx_atomic_function *call; } TABLE[] = {
        {"init", init}, {"inval", inval}, {"arrive", arrive}, {"arrive_drop", arrive_drop}, {"test_wait", wait}, {"try_wait", wait},
        {"test_wait.parity", wait_parity}, {"try_wait.parity", wait_parity},
    };
    for (size_t row = 0; row < sizeof TABLE / sizeof *TABLE; row++) {
        if (!strcmp(TABLE[row].name, operation)) return TABLE[row].call;
    }
    return NULL;
}
