#include "account.h"

#include "atomic_pair.h"

static void finish(const struct sluice_ledger *ledger, unsigned row, struct sluice_pair word);
static int fits(uint64_t used, int64_t delta, uint64_t limit);
static void raise_peak(struct sluice_row *row, uint64_t used);

// 0 stands for "no operation yet" and is left out when the number wraps, after 10^14 operations of one slot.
static inline uint64_t seq_after(uint64_t seq) {
    return seq == SLUICE_SEQ_MASK ? 1 : seq + 1;
}

static inline uint64_t applied(const struct sluice_account *account) {
    return __atomic_load_n(&account->share.high, __ATOMIC_ACQUIRE);
}

enum sluice_verdict sluice_account_book(const struct sluice_ledger *ledger, unsigned row, unsigned slot, uint64_t state, int64_t delta, uint64_t limit) {
    struct sluice_row *r = &ledger->rows[row];
    struct sluice_account *account = sluice_ledger_account(ledger, row, slot);
    for (;;) {
        // Intent and share are read before the state: if the slot is taken from us after this check, one of them will
        // have changed before the new owner's first operation, and our swap fails.
        struct sluice_pair intent = sluice_pair_load(&account->intent);
        struct sluice_pair share = sluice_pair_load(&account->share);
        if (__atomic_load_n(&ledger->slots[slot].state, __ATOMIC_ACQUIRE) != state) {
            return SLUICE_CONDEMNED;
        }
        uint64_t seq = seq_after(share.high);
        struct sluice_pair word = sluice_pair_load(&r->word);
        finish(ledger, row, word);
        if (applied(account) != share.high) {
            continue; // an operation on this account was still open
        }
        if (!fits(word.low, delta, limit)) {
            return SLUICE_OVER_LIMIT;
        }
        if (!sluice_pair_swap(&account->intent, &intent, (struct sluice_pair){.low = (uint64_t)delta, .high = seq})) {
            continue;
        }
        struct sluice_pair next = {.high = (uint64_t)slot << SLUICE_TAG_SLOT_SHIFT | seq};
        for (;;) {
            next.low = word.low + (uint64_t)delta;
            if (sluice_pair_swap(&r->word, &word, next)) {
                finish(ledger, row, next);
                return SLUICE_GRANTED;
            }
            finish(ledger, row, word);
            if (applied(account) != share.high) {
                break; // we are being reclaimed: look at the state again
            }
            if (!fits(word.low, delta, limit)) {
                return SLUICE_OVER_LIMIT;
            }
        }
    }
}

uint64_t sluice_account_reclaim(const struct sluice_ledger *ledger, unsigned row, unsigned slot, uint64_t state) {
    struct sluice_row *r = &ledger->rows[row];
    struct sluice_account *account = sluice_ledger_account(ledger, row, slot);
    for (;;) {
        struct sluice_pair share = sluice_pair_load(&account->share);
        if (__atomic_load_n(&ledger->slots[slot].state, __ATOMIC_ACQUIRE) != state) {
            return 0; // another sweeper has finished
        }
        struct sluice_pair word = sluice_pair_load(&r->word);
        finish(ledger, row, word);
        if (applied(account) != share.high) {
            continue; // the dead owner's last operation has just been applied: its share is another now
        }
        // Also for a share of 0: the new sequence number is what stops an owner that was judged dead wrongly.
        struct sluice_pair next = {
            .low = word.low - share.low,
            .high = (uint64_t)slot << SLUICE_TAG_SLOT_SHIFT | SLUICE_RECLAIM_BIT | seq_after(share.high),
        };
        if (sluice_pair_swap(&r->word, &word, next)) {
            finish(ledger, row, next);
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

// Applies the operation that the word names to its account, unless that has been done. The peak is raised first, so that
// no operation counts as applied whose peak a crash could lose.
static void finish(const struct sluice_ledger *ledger, unsigned row, struct sluice_pair word) {
    uint64_t seq = word.high & SLUICE_SEQ_MASK;
    unsigned slot = (unsigned)(word.high >> SLUICE_TAG_SLOT_SHIFT);
    if (seq == 0 || slot >= SLUICE_SLOT_COUNT) {
        return; // no operation yet
    }
    struct sluice_account *account = sluice_ledger_account(ledger, row, slot);
    struct sluice_pair share = sluice_pair_load(&account->share);
    if (seq_after(share.high) != seq) {
        return;
    }
    uint64_t delta = word.high & SLUICE_RECLAIM_BIT ? 0 - share.low : __atomic_load_n(&account->intent.low, __ATOMIC_ACQUIRE);
    raise_peak(&ledger->rows[row], word.low);
    sluice_pair_swap(&account->share, &share, (struct sluice_pair){.low = share.low + delta, .high = seq});
}

static int fits(uint64_t used, int64_t delta, uint64_t limit) {
    return delta <= 0 || (used <= limit && (uint64_t)delta <= limit - used);
}

static void raise_peak(struct sluice_row *row, uint64_t used) {
    uint64_t peak = __atomic_load_n(&row->peak_bytes, __ATOMIC_RELAXED);
    while (peak < used && !__atomic_compare_exchange_n(&row->peak_bytes, &peak, used, 1, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
}
