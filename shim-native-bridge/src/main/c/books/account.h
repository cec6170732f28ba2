// account.h: booking bytes in the ledger, without a lock that a dead process could keep.
//
// An operation of slot i on a row swaps the row's word to {used bytes, tag naming the operation}, then writes the new share
// into account i. Before anybody else swaps the word that second step is done, and anybody can do it: a share that is not
// written yet is the used bytes less all other shares. So a process that dies between the two steps is finished by its
// neighbours, and nothing need be written down beforehand. A slot that has a row to itself leaves the second step open: one
// compare-and-swap an operation, until somebody else comes, who does it for the whole run of them. A reclaim is an operation
// that leaves a share of 0. Sequence numbers of a (row, slot) never repeat, also across owners of the slot; that is what makes
// every compare-and-swap here safe against a late writer.
#ifndef SLUICE_ACCOUNT_H
#define SLUICE_ACCOUNT_H

#include "atomic_pair.h"
#include "ledger.h"

enum sluice_verdict {
    SLUICE_GRANTED,
    SLUICE_OVER_LIMIT,
    SLUICE_CONDEMNED, // the slot is not ours any more: it was judged dead and taken back
};

// A slot's place at one row, with the addresses that each operation needs. Good as long as the slot is in `state`.
struct sluice_seat {
    struct sluice_row *row;
    struct sluice_account *account;
    const uint64_t *state_now;
    uint64_t state;
    uint64_t open_tag; // what the row's tag is where this slot left it open, less the sequence number
    const struct sluice_ledger *ledger;
    unsigned row_number, slot;
};

struct sluice_seat sluice_account_seat(const struct sluice_ledger *ledger, unsigned row, unsigned slot, uint64_t state);

// Adds `delta` bytes if the slot's state is still the seat's and, for a positive delta, if used + delta stays within `limit`.
// One thread of a process at a time, on a slot; processes may at any time.
enum sluice_verdict sluice_account_book(const struct sluice_seat *seat, int64_t delta, uint64_t limit);

// Takes back all bytes of (row, slot) but `kept` while the slot's state is `state`. Any number of sweepers may do this at once.
// Returns the bytes that this call took back.
uint64_t sluice_account_reclaim(const struct sluice_ledger *ledger, unsigned row, unsigned slot, uint64_t state, uint64_t kept);

// Used bytes and the sum of all shares of a row, as they stood together at one instant.
void sluice_account_audit(const struct sluice_ledger *ledger, unsigned row, uint64_t *used, uint64_t *sum);

// What a slot that nobody owns has of a row.
uint64_t sluice_account_share(const struct sluice_ledger *ledger, unsigned row, unsigned slot);

static inline uint64_t sluice_account_used(const struct sluice_ledger *ledger, unsigned row) {
    return __atomic_load_n(&ledger->rows[row].word.low, __ATOMIC_ACQUIRE);
}

// Operations in a row before a slot leaves them open: who comes next must add up all other shares.
enum { SLUICE_OPEN_AFTER = 8 };

static inline int sluice_account_fits(uint64_t used, int64_t delta, uint64_t limit) {
    return delta <= 0 || (used <= limit && (uint64_t)delta <= limit - used);
}

static inline void sluice_account_raise_peak(struct sluice_row *row, uint64_t used) {
    uint64_t peak = __atomic_load_n(&row->peak_bytes, __ATOMIC_RELAXED);
    while (__builtin_expect(peak < used, 0) && !__atomic_compare_exchange_n(&row->peak_bytes, &peak, used, 1, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
}

#endif
