#define _GNU_SOURCE
#include "tenant.h"

#include "denial.h"
#include "denial_post.h"
#include "exports.h"
#include "say.h"
#include "lane.h"
#include "membership.h"
#include "pointer_map.h"
#include "reader.h"
#include "spin_lock.h"
#include "teller.h"
#include "vmm_book.h"
#include "waiting.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

// The process' one membership. `lock` serialises its threads where they do not book alone. Neither lock is taken with the other, or
// any lock of another file, held.
static struct {
    struct sluice_spin_lock lock;
    pthread_mutex_t decision; // held while joining, which takes system calls, and while sluice_governance is written
    char name[SLUICE_TENANT_BYTES];
    struct sluice_identity self;
    struct sluice_member member;
    const struct sluice_seat *seats; // one per row; those of a lost slot stay, since threads may be looking at them
    struct place {
        uint64_t held_bytes; // granted, less what tellers count: the truth if our slot is taken from us
        uint64_t kind_bytes[SLUICE_KIND_COUNT]; // of it, but for linear memory
        int above_limit; // after such a loss: no grants until usage is below the limit
    } places[SLUICE_ROW_COUNT]; // one per row
} tenant = {.decision = PTHREAD_MUTEX_INITIALIZER};

enum sluice_governance sluice_governance;
struct sluice_ledger sluice_tenant_books;

static enum sluice_governance decide(void);
static int sit(unsigned row) __attribute__((noinline));
static int join(struct sluice_message *message);
static int take_a_slot(struct sluice_message *message);
static int join_again(void);
static enum sluice_charged charge_locked(unsigned row, int64_t bytes, enum sluice_kind kind, struct sluice_standing *standing) __attribute__((noinline));
static enum sluice_charged charge_after_sweep(unsigned row, uint64_t bytes, enum sluice_kind kind, struct sluice_standing *standing) __attribute__((noinline));
static void release_locked(unsigned row, int64_t delta, enum sluice_kind kind) __attribute__((noinline));
static void look_at_warning(unsigned row, uint64_t bytes, uint64_t warn, uint64_t limit) __attribute__((noinline));
static enum sluice_verdict book_again(unsigned row, int64_t delta, uint64_t limit) __attribute__((noinline));
static void start_afresh_after_fork(void);

// Whether the calling thread has a desk at the row, or gets one.
static inline int is_at_desk(unsigned row) {
    return __builtin_expect(sluice_desk.row_after == row + 1, 1) || sit(row);
}

static int sit(unsigned row) {
    const struct sluice_seat *seats = __atomic_load_n(&tenant.seats, __ATOMIC_ACQUIRE);
    // A row that is above its limit after the slot was lost was so before these seats were set out.
    return !__atomic_load_n(&tenant.places[row].above_limit, __ATOMIC_RELAXED)
        && sluice_teller_sit(&seats[row], __atomic_load_n(&sluice_tenant_books.limit_of_row[row], __ATOMIC_RELAXED));
}

// With the lock held, as all that follows down to the public functions.
static enum sluice_verdict book(unsigned row, int64_t delta, uint64_t limit) {
    sluice_lane_take_number(); // so that this thread books at a desk next time
    if (sluice_desk.state != tenant.seats[row].state) {
        sluice_teller_leave();
    }
    if (delta > 0 && tenant.places[row].above_limit) {
        if (sluice_account_used(&sluice_tenant_books, row) >= limit) {
            return SLUICE_OVER_LIMIT;
        }
        __atomic_store_n(&tenant.places[row].above_limit, 0, __ATOMIC_RELAXED);
    }
    enum sluice_verdict verdict = sluice_account_book(&tenant.seats[row], delta, limit);
    return verdict == SLUICE_CONDEMNED ? book_again(row, delta, limit) : verdict;
}

enum sluice_governance sluice_tenant_decide(void) {
    pthread_mutex_lock(&tenant.decision);
    if (sluice_governance == SLUICE_UNDECIDED) {
        __atomic_store_n(&sluice_governance, decide(), __ATOMIC_RELEASE);
        sluice_denial_expect();
    }
    enum sluice_governance governance = sluice_governance;
    pthread_mutex_unlock(&tenant.decision);
    return governance;
}

const char *sluice_tenant_name(void) {
    return tenant.name;
}

// Keeps what was booked. Also what could not be, for want of a slot: the next one is charged with what is held then.
static void keep(unsigned row, int64_t delta, enum sluice_kind kind, enum sluice_verdict verdict) {
    struct place *place = &tenant.places[row];
    struct sluice_account *account = tenant.seats[row].account;
    place->held_bytes += (uint64_t)delta;
    if (kind != SLUICE_KIND_LINEAR) {
        place->kind_bytes[kind] += (uint64_t)delta;
    }
    if (verdict == SLUICE_GRANTED) {
        account->kind_bytes[kind] = place->kind_bytes[kind];
        account->allocations += delta > 0;
    }
}

enum sluice_charged sluice_tenant_charge(unsigned row, uint64_t bytes, enum sluice_kind kind, struct sluice_standing *standing) {
    int listed;
    uint64_t limit = sluice_ledger_limit(&sluice_tenant_books, row, &listed);
    if (bytes > INT64_MAX) {
        *standing = (struct sluice_standing){.used_bytes = sluice_account_used(&sluice_tenant_books, row), .limit_bytes = limit};
        return SLUICE_CHARGE_OVER_LIMIT;
    }
    if (kind != SLUICE_KIND_LINEAR || !is_at_desk(row) || !sluice_teller_book(&sluice_desk, 1, bytes, limit)) {
        enum sluice_charged charged = charge_locked(row, (int64_t)bytes, kind, standing);
        if (charged != SLUICE_CHARGE_GRANTED) {
            return charged;
        }
    }
    const struct sluice_limits_row *limits = __atomic_load_n(&sluice_tenant_books.limit_of_row[row], __ATOMIC_RELAXED); // found with the limit
    uint64_t warn = __atomic_load_n(&limits->memory_warn_bytes, __ATOMIC_RELAXED);
    if (__builtin_expect(warn != 0, 0)) {
        look_at_warning(row, bytes, warn, limit);
    }
    return SLUICE_CHARGE_GRANTED;
}

static enum sluice_charged charge_locked(unsigned row, int64_t bytes, enum sluice_kind kind, struct sluice_standing *standing) {
    int listed;
    sluice_spin_lock(&tenant.lock);
    uint64_t limit = sluice_ledger_limit(&sluice_tenant_books, row, &listed);
    enum sluice_verdict verdict = book(row, bytes, limit);
    if (verdict == SLUICE_GRANTED) {
        keep(row, bytes, kind, verdict);
    } else {
        *standing = (struct sluice_standing){.used_bytes = sluice_account_used(&sluice_tenant_books, row), .limit_bytes = limit};
    }
    sluice_spin_unlock(&tenant.lock);
    switch (verdict) {
    case SLUICE_GRANTED: return SLUICE_CHARGE_GRANTED;
    case SLUICE_CONDEMNED: return SLUICE_CHARGE_LOST;
    default: return charge_after_sweep(row, (uint64_t)bytes, kind, standing);
    }
}

static void look_at_warning(unsigned row, uint64_t bytes, uint64_t warn, uint64_t limit) {
    uint64_t used = sluice_account_used(&sluice_tenant_books, row);
    if (used >= warn && used - bytes < warn) {
        __atomic_add_fetch(&sluice_tenant_account(row)->memory_warnings, 1, __ATOMIC_RELAXED);
        sluice_denial_warn(sluice_tenant_books.rows[row].uuid, used, warn, limit);
    }
}

void sluice_tenant_charge_taken(unsigned row, uint64_t bytes, enum sluice_kind kind) {
    sluice_spin_lock(&tenant.lock);
    enum sluice_verdict verdict = sluice_account_book(&tenant.seats[row], (int64_t)bytes, UINT64_MAX);
    if (verdict == SLUICE_CONDEMNED) {
        verdict = book_again(row, (int64_t)bytes, UINT64_MAX);
    }
    keep(row, (int64_t)bytes, kind, verdict);
    sluice_spin_unlock(&tenant.lock);
}

static enum sluice_charged charge_after_sweep(unsigned row, uint64_t bytes, enum sluice_kind kind, struct sluice_standing *standing) {
    unsigned swept = sluice_membership_sweep(&sluice_tenant_books, &tenant.self).slots;
    // Another process may have swept between our booking and our own sweep.
    if (swept == 0 && !sluice_account_fits(sluice_account_used(&sluice_tenant_books, row), (int64_t)bytes, standing->limit_bytes)) {
        return SLUICE_CHARGE_OVER_LIMIT;
    }
    enum sluice_charged charged = sluice_tenant_charge(row, bytes, kind, standing);
    return charged == SLUICE_CHARGE_GRANTED ? SLUICE_CHARGE_GRANTED_LATE : charged;
}

void sluice_tenant_release(unsigned row, uint64_t bytes, enum sluice_kind kind) {
    if (kind != SLUICE_KIND_LINEAR || !is_at_desk(row) || !sluice_teller_book(&sluice_desk, 0, bytes, 0)) {
        release_locked(row, -(int64_t)bytes, kind);
    }
    if (sluice_tenant_queued(row)) { // looked at after the books changed, as waiting.h asks: their swap is a full barrier
        sluice_waiting_wake(&sluice_tenant_books.rows[row]);
    }
}

static void release_locked(unsigned row, int64_t delta, enum sluice_kind kind) {
    sluice_spin_lock(&tenant.lock);
    keep(row, delta, kind, book(row, delta, 0));
    sluice_spin_unlock(&tenant.lock);
}

uint64_t sluice_tenant_on_excess(unsigned row, uint64_t *wait_max_ns) {
    const struct sluice_limits_row *limit = sluice_ledger_find_limit(&sluice_tenant_books, row);
    *wait_max_ns = limit ? __atomic_load_n(&limit->wait_max_ns, __ATOMIC_RELAXED) : 0;
    int listed = limit && __atomic_load_n(&limit->listed, __ATOMIC_RELAXED);
    return listed ? __atomic_load_n(&limit->on_excess, __ATOMIC_RELAXED) : SLUICE_EXCESS_DENY;
}

enum sluice_charged sluice_tenant_wait(unsigned row, uint64_t bytes, enum sluice_kind kind, uint64_t wait_max_ns, struct sluice_standing *standing) {
    struct sluice_waiter self;
    enum sluice_charged charged = SLUICE_CHARGE_OVER_LIMIT;
    uint64_t begun_ns = sluice_waiting_clock_ns();
    sluice_waiting_begin(&self, &sluice_tenant_books, row);
    for (;;) {
        uint32_t seen = sluice_waiting_releases(&self);
        if (sluice_waiting_is_next(&self, &sluice_tenant_books, tenant.member.slot)) {
            charged = sluice_tenant_charge(row, bytes, kind, standing);
        }
        uint64_t waited_ns = sluice_waiting_clock_ns() - begun_ns;
        if (charged != SLUICE_CHARGE_OVER_LIMIT || waited_ns >= wait_max_ns) {
            break;
        }
        if (sluice_waiting_sleep(&self, seen, wait_max_ns - waited_ns)) {
            sluice_membership_sweep(&sluice_tenant_books, &tenant.self); // who is before us may have died
        }
    }
    sluice_waiting_end(&self, &sluice_tenant_books, tenant.member.slot);
    __atomic_add_fetch(&sluice_tenant_account(row)->memory_wait_ns, sluice_waiting_clock_ns() - begun_ns, __ATOMIC_RELAXED);
    if (charged == SLUICE_CHARGE_OVER_LIMIT) {
        int listed;
        *standing = (struct sluice_standing){.used_bytes = sluice_account_used(&sluice_tenant_books, row), .limit_bytes = sluice_ledger_limit(&sluice_tenant_books, row, &listed)};
    }
    return charged;
}

void sluice_tenant_count(unsigned row, enum sluice_event event) {
    struct sluice_account *account = sluice_tenant_account(row);
    uint64_t *counters[] = {
        [SLUICE_EVENT_DENIED_LIMIT] = &account->denials_limit,
        [SLUICE_EVENT_DENIED_DEVICE_FULL] = &account->denials_device_full,
        [SLUICE_EVENT_DENIED_FAILURE] = &account->denials_failure,
        [SLUICE_EVENT_REFUSED_CALL] = &account->refused_calls,
    };
    __atomic_add_fetch(counters[event], 1, __ATOMIC_RELAXED);
}

void sluice_tenant_count_unlisted(void) {
    __atomic_add_fetch(&sluice_tenant_books.slots[tenant.member.slot].unlisted_denials, 1, __ATOMIC_RELAXED);
}

unsigned sluice_tenant_slot(void) {
    return tenant.member.slot;
}

struct sluice_account *sluice_tenant_account(unsigned row) {
    return sluice_ledger_account(&sluice_tenant_books, row, tenant.member.slot);
}

static enum sluice_governance decide(void) {
    static int fork_handler;
    struct sluice_message message;
    if (!fork_handler) {
        fork_handler = 1;
        pthread_atfork(NULL, NULL, start_afresh_after_fork);
    }
    if (join(&message) == 0) {
        return SLUICE_GOVERNED;
    }
    enum sluice_governance governance = sluice_reader_on_failure();
    if (governance == SLUICE_FORWARDING) {
        sluice_say("no account: %s. on_failure is 'forward': calls pass UNGOVERNED", message.text);
    } else {
        sluice_say("no account: %s. on_failure is 'deny': cuInit answers CUDA_ERROR_NOT_PERMITTED (800)", message.text);
    }
    return governance;
}

static int join(struct sluice_message *message) {
    if (sluice_reader_open(&sluice_tenant_books, tenant.name, message)) {
        return -1;
    }
    tenant.self = sluice_identity_self();
    if (take_a_slot(message)) {
        sluice_ledger_close(&sluice_tenant_books);
        return -1;
    }
    return 0;
}

static int take_a_slot(struct sluice_message *message) {
    struct sluice_seat *seats = calloc(SLUICE_ROW_COUNT, sizeof *seats);
    if (!seats) {
        return sluice_message_set(message, "no memory is left in this process");
    }
    if (sluice_membership_join(&sluice_tenant_books, &tenant.self, &tenant.member, message)) {
        free(seats);
        return -1;
    }
    for (unsigned row = 0; row < SLUICE_ROW_COUNT; row++) {
        seats[row] = sluice_account_seat(&sluice_tenant_books, row, tenant.member.slot, tenant.member.state);
        uint64_t held_bytes = tenant.places[row].held_bytes + sluice_teller_held_bytes(row);
        if (held_bytes) {
            sluice_account_book(&seats[row], (int64_t)held_bytes, UINT64_MAX);
            memcpy(seats[row].account->kind_bytes, tenant.places[row].kind_bytes, sizeof tenant.places[row].kind_bytes);
            __atomic_store_n(&tenant.places[row].above_limit, 1, __ATOMIC_RELAXED);
        }
    }
    __atomic_store_n(&tenant.seats, seats, __ATOMIC_RELEASE);
    return 0;
}

// Somebody judged us dead, which can happen to a process whose lock was closed under it in another pid namespace. What we
// hold is registered again as it is, above the limit if need be, and nothing more is granted until it fits.
static int join_again(void) {
    struct sluice_message message;
    if (take_a_slot(&message)) {
        sluice_say("tenant=%s the slot of pid %u was taken back and no new one can be had: %s", tenant.name, tenant.self.pid, message.text);
        return -1;
    }
    sluice_lane_forget();
    sluice_say("tenant=%s the slot of pid %u had been taken back as if the process were dead; its memory is registered again", tenant.name, tenant.self.pid);
    return 0;
}

// Twice at most: a process that is condemned that often has something else wrong.
static enum sluice_verdict book_again(unsigned row, int64_t delta, uint64_t limit) {
    enum sluice_verdict verdict = SLUICE_CONDEMNED;
    for (int attempt = 0; attempt < 2 && verdict == SLUICE_CONDEMNED && join_again() == 0; attempt++) {
        if (delta > 0 && sluice_account_used(&sluice_tenant_books, row) >= limit) {
            return SLUICE_OVER_LIMIT;
        }
        verdict = sluice_account_book(&tenant.seats[row], delta, limit);
    }
    return verdict;
}

// The child of a fork owns nothing of its parent's: it gets a slot of its own at its first CUDA call. The
// parent's mapping is left as it is: most children go on to exec.
static void start_afresh_after_fork(void) {
    sluice_spin_unlock(&tenant.lock);
    pthread_mutex_init(&tenant.decision, NULL);
    sluice_liveness_close(&sluice_tenant_books);
    memset(tenant.places, 0, sizeof tenant.places);
    sluice_teller_reset_after_fork();
    tenant.member = (struct sluice_member){0, 0};
    sluice_governance = SLUICE_UNDECIDED;
    sluice_pointer_map_reset_after_fork();
    sluice_vmm_reset_after_fork();
    sluice_exports_reset_after_fork();
    sluice_waiting_reset_after_fork();
    sluice_lane_reset_after_fork();
}
