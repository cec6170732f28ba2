#include "membership.h"

#include "account.h"
#include "exports.h"

#include <string.h>
#include <time.h>

static void free_some(struct sluice_ledger *ledger, const struct sluice_identity *self);
static int take_any(struct sluice_ledger *ledger, const struct sluice_identity *self, struct sluice_member *member, struct sluice_message *message);
static int take(struct sluice_ledger *ledger, unsigned slot, uint64_t state, const struct sluice_identity *self, struct sluice_member *member);
static uint64_t reclaim(struct sluice_ledger *ledger, unsigned slot, uint64_t state, int dead);
static int still_held(struct sluice_ledger *ledger, unsigned slot, uint64_t state);

static inline unsigned phase(uint64_t state) {
    return (unsigned)(state & 0xff);
}

static inline uint64_t load_state(const struct sluice_ledger *ledger, unsigned slot) {
    return __atomic_load_n(&ledger->slots[slot].state, __ATOMIC_ACQUIRE);
}

static inline int swap_state(struct sluice_ledger *ledger, unsigned slot, uint64_t old, uint64_t new) {
    return __atomic_compare_exchange_n(&ledger->slots[slot].state, &old, new, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

int sluice_membership_join(struct sluice_ledger *ledger, const struct sluice_identity *self, struct sluice_member *member, struct sluice_message *message) {
    free_some(ledger, self);
    int joined = take_any(ledger, self, member, message);
    if (joined == 0 && sluice_membership_sweep(ledger, self).slots) {
        joined = take_any(ledger, self, member, message);
    }
    if (joined == 0) {
        return sluice_message_set(message, "tenant '%.63s' has %d processes on the GPU already, which is as many as a ledger holds",
            ledger->header->tenant, SLUICE_SLOT_COUNT);
    }
    return joined < 0 ? -1 : 0;
}

// Whether a process is dead takes system calls, so that who joins looks at a few slots only, other ones than who joins next:
// then it takes no longer where many live, and the dead are not left to fill the ledger.
static void free_some(struct sluice_ledger *ledger, const struct sluice_identity *self) {
    enum { LOOKS = 8 };
    uint32_t slots = __atomic_load_n(&ledger->header->slots_used, __ATOMIC_ACQUIRE);
    slots = slots < SLUICE_SLOT_COUNT ? slots : SLUICE_SLOT_COUNT;
    for (unsigned look = 0; look < LOOKS && look < slots; look++) {
        unsigned slot = (self->pid * LOOKS + look) % slots;
        uint64_t state = load_state(ledger, slot);
        if (phase(state) != SLUICE_SLOT_FREE && sluice_liveness_dead(ledger, slot, self) && !still_held(ledger, slot, state)) {
            reclaim(ledger, slot, state, 1);
        }
    }
}

// 1: *member is set. 0: no slot is free. -1: *message says what is wrong.
static int take_any(struct sluice_ledger *ledger, const struct sluice_identity *self, struct sluice_member *member, struct sluice_message *message) {
    for (unsigned slot = 0; slot < SLUICE_SLOT_COUNT; slot++) {
        uint64_t state = load_state(ledger, slot);
        int locked = phase(state) == SLUICE_SLOT_FREE ? sluice_liveness_lock(ledger, slot, message) : 0;
        if (locked < 0) {
            return -1;
        }
        if (locked && take(ledger, slot, state, self, member)) {
            return 1;
        }
    }
    return 0;
}

void sluice_membership_leave(struct sluice_ledger *ledger, const struct sluice_member *member) {
    reclaim(ledger, member->slot, member->state, 0);
    sluice_liveness_unlock(ledger, member->slot);
}

struct sluice_sweep sluice_membership_sweep(struct sluice_ledger *ledger, const struct sluice_identity *self) {
    struct sluice_sweep sweep = {0, 0};
    uint32_t slots = __atomic_load_n(&ledger->header->slots_used, __ATOMIC_ACQUIRE);
    for (unsigned slot = 0; slot < slots && slot < SLUICE_SLOT_COUNT; slot++) {
        uint64_t state = load_state(ledger, slot);
        if (phase(state) == SLUICE_SLOT_FREE || !sluice_liveness_dead(ledger, slot, self) || still_held(ledger, slot, state)) {
            continue;
        }
        sweep.bytes += reclaim(ledger, slot, state, 1);
        sweep.slots++;
    }
    return sweep;
}

// We hold the record lock of `slot`, so nobody else writes its identity. A lost race leaves the lock with us: it is a lock
// on a slot that another of our own threads took, and unlocking would take it from that one.
static int take(struct sluice_ledger *ledger, unsigned slot, uint64_t state, const struct sluice_identity *self, struct sluice_member *member) {
    struct sluice_slot *s = &ledger->slots[slot];
    if (load_state(ledger, slot) != state) {
        return 0;
    }
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    s->pid = self->pid;
    s->pid_namespace = self->pid_namespace;
    s->start_time = self->start_time;
    s->program = self->program;
    s->joined_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    unsigned rows = sluice_ledger_rows_used(ledger);
    for (unsigned row = 0; row < rows; row++) {
        struct sluice_account *account = sluice_ledger_account(ledger, row, slot);
        memset(account->kind_bytes, 0, sizeof account->kind_bytes);
        __atomic_store_n(&account->wait_ticket, 0, __ATOMIC_RELAXED);
    }
    struct sluice_account *pinned = sluice_ledger_account(ledger, SLUICE_ROW_PINNED, slot);
    memset(pinned->kind_bytes, 0, sizeof pinned->kind_bytes);
    sluice_exports_forget_slot(ledger, slot);
    uint32_t used = __atomic_load_n(&ledger->header->slots_used, __ATOMIC_RELAXED);
    while (used <= slot && !__atomic_compare_exchange_n(&ledger->header->slots_used, &used, slot + 1, 1, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
    }
    uint64_t mine = ((state >> 8) + 1) << 8 | SLUICE_SLOT_ACTIVE;
    if (!swap_state(ledger, slot, state, mine)) {
        return 0;
    }
    member->slot = slot;
    member->state = mine;
    return 1;
}

// Any number of sweepers may be in here for one slot, and one that died in here is continued by the next. What other processes hold of
// what a dead owner had exported stays in the slot, which is orphaned then; two sweepers that see that differently take back the more.
static uint64_t reclaim(struct sluice_ledger *ledger, unsigned slot, uint64_t state, int dead) {
    struct sluice_slot *s = &ledger->slots[slot];
    uint64_t reclaiming = (state & ~0xffull) | SLUICE_SLOT_RECLAIMING;
    if (phase(state) != SLUICE_SLOT_RECLAIMING && !swap_state(ledger, slot, state, reclaiming) && load_state(ledger, slot) != reclaiming) {
        return 0;
    }
    uint64_t bytes = 0, kept = 0;
    unsigned rows = sluice_ledger_rows_used(ledger);
    for (unsigned row = 0; row < rows; row++) {
        uint64_t held = dead ? sluice_exports_held(ledger, slot, row) : 0;
        kept += held;
        bytes += sluice_account_reclaim(ledger, row, slot, reclaiming, held);
    }
    sluice_account_reclaim(ledger, SLUICE_ROW_PINNED, slot, reclaiming, 0); // no memory of a GPU, so not among what is counted
    if (dead) {
        __atomic_add_fetch(&s->reclaimed_bytes, bytes, __ATOMIC_RELAXED);
    }
    uint64_t done = ((state >> 8) + 1) << 8 | (kept ? SLUICE_SLOT_ORPHANED : SLUICE_SLOT_FREE);
    if (swap_state(ledger, slot, reclaiming, done) && dead && phase(state) != SLUICE_SLOT_ORPHANED) {
        __atomic_add_fetch(&s->reclaims, 1, __ATOMIC_RELAXED);
    }
    return bytes;
}

// Whether an orphaned slot has nothing to give back: all that is in it is still held.
static int still_held(struct sluice_ledger *ledger, unsigned slot, uint64_t state) {
    unsigned rows = phase(state) == SLUICE_SLOT_ORPHANED ? sluice_ledger_rows_used(ledger) : 0;
    uint64_t held = 0;
    for (unsigned row = 0; row < rows; row++) {
        uint64_t bytes = sluice_exports_held(ledger, slot, row);
        held += bytes;
        if (bytes < sluice_account_share(ledger, row, slot)) {
            return 0;
        }
    }
    return held != 0;
}
