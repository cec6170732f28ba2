#include "account.h"

#include "back_off.h"
#include "processor.h"

static struct sluice_pair finished_share(const struct sluice_ledger *ledger, unsigned row, unsigned slot, struct sluice_pair word);
static void finish(const struct sluice_ledger *ledger, unsigned row, struct sluice_pair word);
static uint64_t others(const struct sluice_ledger *ledger, unsigned row, unsigned slot);
static void apply(struct sluice_row *row, struct sluice_account *account, struct sluice_pair share, uint64_t bytes, uint64_t used, uint64_t seq);

static inline struct sluice_pair word_of(uint64_t used, unsigned slot, uint64_t seq, int open) {
    return (struct sluice_pair){.low = used, .high = (open ? SLUICE_TAG_OPEN : 0) | (uint64_t)slot << SLUICE_TAG_SLOT_SHIFT | seq};
}

static inline uint64_t seq_of(struct sluice_pair word) {
    return word.high & SLUICE_SEQ_MASK;
}

static inline unsigned slot_of(struct sluice_pair word) {
    return (unsigned)((word.high & ~SLUICE_TAG_OPEN) >> SLUICE_TAG_SLOT_SHIFT);
}

static inline int is_open(struct sluice_pair word) {
    return (word.high & SLUICE_TAG_OPEN) != 0;
}

// 0 stands for "no operation yet" and is left out when the number wraps, after 10^14 operations of one slot.
static inline uint64_t seq_after(uint64_t seq) {
    return seq == SLUICE_SEQ_MASK ? 1 : seq + 1;
}

// Whether a share that has taken up operation `applied` still lacks operation `seq`. One that is ahead belongs to a later word.
static inline int lacks(uint64_t applied, uint64_t seq) {
    uint64_t distance = (seq - applied) & SLUICE_SEQ_MASK;
    return distance != 0 && distance <= SLUICE_SEQ_MASK / 2;
}

// Whether the operation to come is left open: only once the row has been this slot's alone for a while.
static inline int leaves_open(struct sluice_account *account, int undisturbed) {
    uint64_t streak = undisturbed ? __atomic_load_n(&account->streak, __ATOMIC_RELAXED) : 0;
    if (streak == SLUICE_OPEN_AFTER) {
        return 1;
    }
    __atomic_store_n(&account->streak, undisturbed && streak < SLUICE_OPEN_AFTER ? streak + 1 : 0, __ATOMIC_RELAXED);
    return 0;
}

struct sluice_seat sluice_account_seat(const struct sluice_ledger *ledger, unsigned row, unsigned slot, uint64_t state) {
    return (struct sluice_seat){
        .row = &ledger->rows[row],
        .account = sluice_ledger_account(ledger, row, slot),
        .state_now = &ledger->slots[slot].state,
        .state = state,
        .open_tag = word_of(0, slot, 0, 1).high,
        .ledger = ledger,
        .row_number = row,
        .slot = slot,
    };
}

enum sluice_verdict sluice_account_book(const struct sluice_seat *seat, int64_t delta, uint64_t limit) {
    for (unsigned pauses = SLUICE_FIRST_PAUSES;; pauses = sluice_back_off(pauses)) {
        struct sluice_pair word = sluice_pair_load(&seat->row->word);
        // From here on no other share of this row changes unless the word does, and then our swap fails. The state is read last:
        // where the slot is taken from us after that, a reclaim changes the word.
        int ours = slot_of(word) == seat->slot, open = leaves_open(seat->account, ours);
        struct sluice_pair share = {.high = seq_of(word)};
        if (!open || !is_open(word)) {
            share = finished_share(seat->ledger, seat->row_number, seat->slot, word);
        }
        if (__atomic_load_n(seat->state_now, __ATOMIC_ACQUIRE) != seat->state) {
            return SLUICE_CONDEMNED;
        }
        if (!sluice_account_fits(word.low, delta, limit)) {
            return SLUICE_OVER_LIMIT;
        }
        uint64_t used = word.low + (uint64_t)delta, seq = seq_after(share.high);
        if (sluice_pair_swap(&seat->row->word, &word, word_of(used, seat->slot, seq, open))) {
            if (open) {
                sluice_account_raise_peak(seat->row, used);
            } else {
                apply(seat->row, seat->account, share, share.low + (uint64_t)delta, used, seq);
            }
            return SLUICE_GRANTED;
        }
    }
}

uint64_t sluice_account_reclaim(const struct sluice_ledger *ledger, unsigned row, unsigned slot, uint64_t state, uint64_t kept) {
    struct sluice_row *r = &ledger->rows[row];
    struct sluice_account *account = sluice_ledger_account(ledger, row, slot);
    struct sluice_pair word = sluice_pair_load(&r->word);
    for (;;) {
        struct sluice_pair share = finished_share(ledger, row, slot, word); // the dead owner's last operation is in it
        if (__atomic_load_n(&ledger->slots[slot].state, __ATOMIC_ACQUIRE) != state) {
            return 0; // another sweeper has finished
        }
        uint64_t rest = share.low < kept ? share.low : kept, used = word.low - share.low + rest, seq = seq_after(share.high);
        // Also for a share of 0: the new tag is what stops an owner that was judged dead wrongly.
        if (sluice_pair_swap(&r->word, &word, word_of(used, slot, seq, 0))) {
            apply(r, account, share, rest, used, seq);
            return share.low - rest;
        }
    }
}

uint64_t sluice_account_share(const struct sluice_ledger *ledger, unsigned row, unsigned slot) {
    return finished_share(ledger, row, slot, sluice_pair_load(&ledger->rows[row].word)).low;
}

void sluice_account_audit(const struct sluice_ledger *ledger, unsigned row, uint64_t *used, uint64_t *sum) {
    struct sluice_row *r = &ledger->rows[row];
    for (;;) {
        struct sluice_pair word = sluice_pair_load(&r->word);
        finish(ledger, row, word);
        *used = word.low;
        *sum = others(ledger, row, SLUICE_SLOT_COUNT);
        if (sluice_pair_load(&r->word).high == word.high) {
            return;
        }
    }
}

// The share of a slot with everything in it that was booked up to `word`.
static struct sluice_pair finished_share(const struct sluice_ledger *ledger, unsigned row, unsigned slot, struct sluice_pair word) {
    finish(ledger, row, word);
    return sluice_pair_load(&sluice_ledger_account(ledger, row, slot)->share);
}

// Applies what the word names to its account, unless that has been done. An owner that left it open will not; any other is
// usually just about to. The share must be what the others leave of the used bytes: theirs cannot change before this one is
// applied, and if it is applied meanwhile, by whomever, our own swap of the account fails.
static void finish(const struct sluice_ledger *ledger, unsigned row, struct sluice_pair word) {
    enum { PATIENCE = 100 };
    uint64_t seq = seq_of(word);
    unsigned slot = slot_of(word);
    if (seq == 0 || slot >= SLUICE_SLOT_COUNT) {
        return; // no operation yet
    }
    struct sluice_account *account = sluice_ledger_account(ledger, row, slot);
    for (int i = is_open(word) ? PATIENCE : 0; lacks(__atomic_load_n(&account->share.high, __ATOMIC_ACQUIRE), seq); i++) {
        if (i < PATIENCE) {
            sluice_pause();
            continue;
        }
        struct sluice_pair share = sluice_pair_load(&account->share);
        if (lacks(share.high, seq)) {
            __atomic_store_n(&account->streak, 0, __ATOMIC_RELAXED); // its owner is not alone any more
            apply(&ledger->rows[row], account, share, word.low - others(ledger, row, slot), word.low, seq);
        }
    }
}

// The sum of all shares but that of `slot`.
static uint64_t others(const struct sluice_ledger *ledger, unsigned row, unsigned slot) {
    uint32_t slots = __atomic_load_n(&ledger->header->slots_used, __ATOMIC_ACQUIRE);
    uint64_t sum = 0;
    for (uint32_t other = 0; other < slots && other < SLUICE_SLOT_COUNT; other++) {
        if (other != slot) {
            sum += sluice_pair_load(&sluice_ledger_account(ledger, row, other)->share).low;
        }
    }
    return sum;
}

// The peak is raised first, so that no operation counts as applied whose peak a crash could lose. A swap that fails found the
// operation, or an earlier one that was left open, applied by somebody else.
static void apply(struct sluice_row *row, struct sluice_account *account, struct sluice_pair share, uint64_t bytes, uint64_t used, uint64_t seq) {
    sluice_account_raise_peak(row, used);
    sluice_pair_swap(&account->share, &share, (struct sluice_pair){.low = bytes, .high = seq});
}
