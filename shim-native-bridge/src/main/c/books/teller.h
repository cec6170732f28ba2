// teller.h: a thread that books linear memory by itself, without the lock that the threads of a process share.
//
// A thread with a lane of its own is a teller. Its desk is what it needs for that at one row, in its own thread-local storage; it is
// good as long as the slot is ours, which each booking looks at.
#ifndef SLUICE_TELLER_H
#define SLUICE_TELLER_H

#include "account.h"
#include "lane.h"

struct sluice_desk {
    unsigned row_after; // the row's number + 1; 0: no desk
    struct sluice_row *row;
    uint64_t open_tag;
    const uint64_t *state_now;
    uint64_t state;
    const uint64_t *streak;
    uint32_t *busy;
    uint64_t *held_bytes;
    uint64_t *allocations;
    const struct sluice_limits_row *limits;
};

extern __thread struct sluice_desk sluice_desk __attribute__((tls_model("initial-exec"), visibility("hidden")));

// Gives the calling thread a desk at the row of `seat`. Returns 0 where it has no lane of its own, or the row no limits.
int sluice_teller_sit(const struct sluice_seat *seat, const struct sluice_limits_row *limits);
void sluice_teller_leave(void);

// What all tellers of this process were granted on a row, less what they released. Only once the process' slot is not its own any more,
// so that no teller is granted anything: waits for who is just booking.
uint64_t sluice_teller_held_bytes(unsigned row);
void sluice_teller_reset_after_fork(void);

// Charges or releases bytes, which fit into 63 bits, at the calling thread's desk: 1. 0 says nothing: the process has to book.
//
// A streak that another process ended lets that one in: it could not add up the shares while this thread goes on and on.
//
// A torn word makes the swap fail. The state is looked at between the word and the swap, so that a word which this process left open in
// the same slot, but in a later life of it, is not taken for ours; and after the swap, which is a full barrier: where the slot is still
// ours then, whoever takes it from us later sees what this thread wrote before. Where it is not, a reclaim takes these bytes back with
// all others.
static inline __attribute__((always_inline)) int sluice_teller_book(const struct sluice_desk *desk, int charges, uint64_t bytes, uint64_t limit) {
    enum { TRIES = 3 };
    struct sluice_row *row = desk->row;
    int booked = 0;
    __atomic_store_n(desk->busy, 1, __ATOMIC_RELAXED);
    struct sluice_pair word = {.low = __atomic_load_n(&row->word.low, __ATOMIC_ACQUIRE), .high = __atomic_load_n(&row->word.high, __ATOMIC_ACQUIRE)};
    for (int tries = 0; tries < TRIES; tries++) {
        uint64_t used = charges ? word.low + bytes : word.low - bytes;
        if ((word.high ^ desk->open_tag) >= SLUICE_SEQ_MASK || __atomic_load_n(desk->streak, __ATOMIC_RELAXED) != SLUICE_OPEN_AFTER
            || __atomic_load_n(desk->state_now, __ATOMIC_ACQUIRE) != desk->state || (charges && !sluice_account_fits(word.low, (int64_t)bytes, limit))) {
            break;
        }
        if (__builtin_expect(sluice_pair_swap(&row->word, &word, (struct sluice_pair){.low = used, .high = word.high + 1}), 1)) {
            if (charges) {
                sluice_account_raise_peak(row, used);
            }
            booked = __atomic_load_n(desk->state_now, __ATOMIC_ACQUIRE) == desk->state;
            break;
        }
    }
    if (booked) {
        *desk->held_bytes += charges ? bytes : -bytes;
        if (charges) {
            __atomic_store_n(desk->allocations, *desk->allocations + 1, __ATOMIC_RELAXED);
        }
    }
    __atomic_store_n(desk->busy, 0, __ATOMIC_RELEASE);
    return booked;
}

#endif
