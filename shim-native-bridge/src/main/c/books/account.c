#include "account.h"

#include "atomic_pair.h"

static void finish(const struct sluice_ledger *ledger, unsigned row, struct sluice_pair word);
static int swap_and_apply(struct sluice_row *row, struct sluice_account *account, unsigned slot, struct sluice_pair share, struct sluice_pair *word, uint64_t bytes);
static uint64_t others(const struct sluice_ledger *ledger, unsigned row, unsigned slot);
static void apply(struct sluice_row *row, struct sluice_account *account, struct sluice_pair share, uint64_t bytes, uint64_t used, uint64_t seq);
static int fits(uint64_t used, int64_t delta, uint64_t limit);
static void raise_peak(struct sluice_row *row, uint64_t used);

// 0 stands for "no operation yet" and is left out when the number wraps, after 10^14 operations of one slot.
static inline uint64_t seq_after(uint64_t seq) {
    return seq == SLUICE_SEQ_MASK ? 1 : seq + 1;
}

enum sluice_verdict sluice_account_book(const struct sluice_ledger *ledger, unsigned row, unsigned slot, uint64_t state, int64_t delta, uint64_t limit) {
    struct sluice_row *r = &ledger->rows[row];
    struct sluice_account *account = sluice_ledger_account(ledger, row, slot);
    struct sluice_pair word = sluice_pair_load(&r->word);
    for (;;) {
        finish(ledger, row, word);
        // From here on no share of this row changes unless the word does, and then our swap fails. The share is read before
        // the state: where the slot is taken from us after that check, a reclaim changes the word.
        struct sluice_pair share = sluice_pair_load(&account->share);
        if (__atomic_load_n(&ledger->slots[slot].state, __ATOMIC_ACQUIRE) != state) {
            return SLUICE_CONDEMNED;
        }
        if (!fits(word.low, delta, limit)) {
            return SLUICE_OVER_LIMIT;
        }
        if (swap_and_apply(r, account, slot, share, &word, share.low + (uint64_t)delta)) {
            return SLUICE_GRANTED;
        }
    }
}

uint64_t sluice_account_reclaim(const struct sluice_ledger *ledger, unsigned row, unsigned slot, uint64_t state) {
    struct sluice_row *r = &ledger->rows[row];
    struct sluice_account *account = sluice_ledger_account(ledger, row, slot);
    struct sluice_pair word = sluice_pair_load(&r->word);
    for (;;) {
        finish(ledger, row, word); // the dead owner's last operation among them
        struct sluice_pair share = sluice_pair_load(&account->share);
        if (__atomic_load_n(&ledger->slots[slot].state, __ATOMIC_ACQUIRE) != state) {
            return 0; // another sweeper has finished
        }
        // Also for a share of 0: the new tag is what stops an owner that was judged dead wrongly.
        if (swap_and_apply(r, account, slot, share, &word, 0)) {
            return share.low;
        }
    }
}

void sluice_account_audit(const struct sluice_ledger *ledger, unsigned row, uint64_t *used, uint64_t *sum) {
    struct sluice_row *r = &ledger->rows[row];
    for (;;) {
        struct sluice_pair word = sluice_pair_load(&r->word);
        finish(ledger, row, word);
        uint32_t slots = __atomic_load_n(&ledger->header->slots_used, __ATOMIC_ACQUIRE);
        *used = word.low;
        *sum = 0;
        for (uint32_t slot = 0; slot < slots && slot < SLUICE_SLOT_COUNT; slot++) {
            *sum += sluice_pair_load(&sluice_ledger_account(ledger, row, slot)->share).low;
        }
        if (sluice_pair_load(&r->word).high == word.high) {
            return;
        }
    }
}

// One operation: the word names it, then the account takes it up. Returns 0 and the present word where another was first.
static int swap_and_apply(struct sluice_row *row, struct sluice_account *account, unsigned slot, struct sluice_pair share, struct sluice_pair *word, uint64_t bytes) {
    uint64_t seq = seq_after(share.high);
    struct sluice_pair next = {.low = word->low + bytes - share.low, .high = (uint64_t)slot << SLUICE_TAG_SLOT_SHIFT | seq};
    if (!sluice_pair_swap(&row->word, word, next)) {
        return 0;
    }
    apply(row, account, share, bytes, next.low, seq);
    return 1;
}

// Applies the operation that the word names to its account, unless that has been done. Its owner usually is just about to; if
// it is not, its share must be what the others leave of the used bytes. Theirs cannot change before this operation is applied,
// and if it is applied meanwhile, by whomever, our own swap of the account fails.
static void finish(const struct sluice_ledger *ledger, unsigned row, struct sluice_pair word) {
    enum { PATIENCE = 100 };
    uint64_t seq = word.high & SLUICE_SEQ_MASK;
    unsigned slot = (unsigned)(word.high >> SLUICE_TAG_SLOT_SHIFT);
    if (seq == 0 || slot >= SLUICE_SLOT_COUNT) {
        return; // no operation yet
    }
    struct sluice_account *account = sluice_ledger_account(ledger, row, slot);
    for (int i = 0; seq_after(__atomic_load_n(&account->share.high, __ATOMIC_ACQUIRE)) == seq; i++) {
        if (i < PATIENCE) {
            __builtin_ia32_pause();
            continue;
        }
        struct sluice_pair share = sluice_pair_load(&account->share);
        if (seq_after(share.high) == seq) {
            apply(&ledger->rows[row], account, share, word.low - others(ledger, row, slot), word.low, seq);
        }
        return;
    }
}

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
// operation applied by somebody else.
static void apply(struct sluice_row *row, struct sluice_account *account, struct sluice_pair share, uint64_t bytes, uint64_t used, uint64_t seq) {
    raise_peak(row, used);
    sluice_pair_swap(&account->share, &share, (struct sluice_pair){.low = bytes, .high = seq});
}

static int fits(uint64_t used, int64_t delta, uint64_t limit) {
    return delta <= 0 || (used <= limit && (uint64_t)delta <= limit - used);
}

static void raise_peak(struct sluice_row *row, uint64_t used) {
    uint64_t peak = __atomic_load_n(&row->peak_bytes, __ATOMIC_RELAXED);
    while (peak < used && !__atomic_compare_exchange_n(&row->peak_bytes, &peak, used, 1, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
}
