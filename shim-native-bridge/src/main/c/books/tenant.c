#define _GNU_SOURCE
#include "tenant.h"

#include "say.h"
#include "lane.h"
#include "membership.h"
#include "pointer_map.h"
#include "spin_lock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// The process' one membership. `lock` serialises its threads: the ledger's operations take one thread per slot at a time.
// Neither lock is taken with the other, or any lock of another file, held.
static struct {
    struct sluice_spin_lock lock;
    pthread_mutex_t decision; // held while joining, which takes system calls
    enum sluice_governance governance; // written under `decision`, read without
    char name[SLUICE_TENANT_BYTES];
    struct sluice_ledger ledger;
    struct sluice_identity self;
    struct sluice_member member;
    uint64_t held_bytes[SLUICE_ROW_COUNT]; // what this process was granted: the truth if its slot is taken from it
    int above_limit[SLUICE_ROW_COUNT];     // after such a loss: no grants until usage is below the limit
} tenant = {.decision = PTHREAD_MUTEX_INITIALIZER};

static enum sluice_governance decide(void);
static enum sluice_governance on_failure(void);
static int join(struct sluice_message *message);
static int join_again(void);
static enum sluice_verdict book(unsigned row, int64_t delta, uint64_t limit);
static void start_afresh_after_fork(void);

enum sluice_governance sluice_tenant_governance(void) {
    enum sluice_governance governance = __atomic_load_n(&tenant.governance, __ATOMIC_ACQUIRE);
    if (governance == SLUICE_UNDECIDED) {
        pthread_mutex_lock(&tenant.decision);
        if (tenant.governance == SLUICE_UNDECIDED) {
            __atomic_store_n(&tenant.governance, decide(), __ATOMIC_RELEASE);
        }
        governance = tenant.governance;
        pthread_mutex_unlock(&tenant.decision);
    }
    return governance;
}

const char *sluice_tenant_name(void) {
    return tenant.name;
}

struct sluice_ledger *sluice_tenant_ledger(void) {
    return &tenant.ledger;
}

struct sluice_charge sluice_tenant_charge(unsigned row, uint64_t bytes, enum sluice_kind kind) {
    struct sluice_charge charge = {.answer = SLUICE_CHARGE_OVER_LIMIT};
    int listed;
    for (int attempt = 0; attempt < 2; attempt++) {
        sluice_spin_lock(&tenant.lock);
        charge.limit_bytes = sluice_ledger_limit(&tenant.ledger, row, &listed);
        enum sluice_verdict verdict = bytes > INT64_MAX ? SLUICE_OVER_LIMIT : book(row, (int64_t)bytes, charge.limit_bytes);
        if (verdict == SLUICE_GRANTED) {
            struct sluice_account *account = sluice_tenant_account(row);
            tenant.held_bytes[row] += bytes;
            account->kind_bytes[kind] += bytes;
            account->allocations++;
            charge.answer = SLUICE_CHARGE_GRANTED;
        } else if (verdict == SLUICE_CONDEMNED) {
            charge.answer = SLUICE_CHARGE_LOST;
        }
        charge.used_bytes = sluice_account_used(&tenant.ledger, row);
        sluice_spin_unlock(&tenant.lock);
        if (charge.answer != SLUICE_CHARGE_OVER_LIMIT || attempt > 0
            || sluice_membership_sweep(&tenant.ledger, &tenant.self).bytes == 0) {
            return charge;
        }
        charge.reclaimed = 1;
    }
    return charge;
}

void sluice_tenant_release(unsigned row, uint64_t bytes, enum sluice_kind kind) {
    sluice_spin_lock(&tenant.lock);
    if (book(row, -(int64_t)bytes, 0) == SLUICE_GRANTED) {
        tenant.held_bytes[row] -= bytes;
        sluice_tenant_account(row)->kind_bytes[kind] -= bytes;
    }
    sluice_spin_unlock(&tenant.lock);
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
    __atomic_add_fetch(&tenant.ledger.slots[tenant.member.slot].unlisted_denials, 1, __ATOMIC_RELAXED);
}

struct sluice_account *sluice_tenant_account(unsigned row) {
    return sluice_ledger_account(&tenant.ledger, row, tenant.member.slot);
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
    enum sluice_governance governance = on_failure();
    if (governance == SLUICE_FORWARDING) {
        sluice_say("no account: %s. on_failure is 'forward': calls pass UNGOVERNED", message.text);
    } else {
        sluice_say("no account: %s. on_failure is 'deny': cuInit answers CUDA_ERROR_NOT_PERMITTED (800)", message.text);
    }
    return governance;
}

static enum sluice_governance on_failure(void) {
    const char *word = getenv("SLUICE_ON_FAILURE");
    return word && !strcmp(word, "forward") ? SLUICE_FORWARDING : SLUICE_REFUSING;
}

static int join(struct sluice_message *message) {
    const char *name = getenv("SLUICE_TENANT");
    const char *run_dir = getenv("SLUICE_RUN_DIR");
    if (!name || !*name || !run_dir || !*run_dir) {
        return sluice_message_set(message, "%s is not set: start the application through 'sluice run', or with the lines that 'sluice env' prints",
            !name || !*name ? "SLUICE_TENANT" : "SLUICE_RUN_DIR");
    }
    if (strlen(name) >= sizeof tenant.name || strchr(name, '/')) {
        return sluice_message_set(message, "SLUICE_TENANT is not a tenant name: '%.80s'", name);
    }
    strcpy(tenant.name, name);
    if (sluice_ledger_open(&tenant.ledger, run_dir, name, message)) {
        return -1;
    }
    tenant.self = sluice_identity_self();
    if (sluice_membership_join(&tenant.ledger, &tenant.self, &tenant.member, message)) {
        sluice_ledger_close(&tenant.ledger);
        return -1;
    }
    return 0;
}

// Somebody judged us dead, which can happen to a process whose lock was closed under it in another pid namespace. What we
// hold is registered again as it is, above the limit if need be, and nothing more is granted until it fits.
static int join_again(void) {
    struct sluice_message message;
    if (sluice_membership_join(&tenant.ledger, &tenant.self, &tenant.member, &message)) {
        sluice_say("tenant=%s the slot of pid %u was taken back and no new one can be had: %s", tenant.name, tenant.self.pid, message.text);
        return -1;
    }
    sluice_lane_forget();
    unsigned rows = sluice_ledger_rows_used(&tenant.ledger);
    for (unsigned row = 0; row < rows; row++) {
        if (tenant.held_bytes[row]) {
            sluice_account_book(&tenant.ledger, row, tenant.member.slot, tenant.member.state, (int64_t)tenant.held_bytes[row], UINT64_MAX);
            sluice_tenant_account(row)->kind_bytes[SLUICE_KIND_LINEAR] = tenant.held_bytes[row];
            tenant.above_limit[row] = 1;
        }
    }
    sluice_say("tenant=%s the slot of pid %u had been taken back as if the process were dead; its memory is registered again", tenant.name, tenant.self.pid);
    return 0;
}

static enum sluice_verdict book(unsigned row, int64_t delta, uint64_t limit) {
    for (int attempt = 0; attempt < 3; attempt++) {
        if (delta > 0 && tenant.above_limit[row]) {
            if (sluice_account_used(&tenant.ledger, row) >= limit) {
                return SLUICE_OVER_LIMIT;
            }
            tenant.above_limit[row] = 0;
        }
        enum sluice_verdict verdict = sluice_account_book(&tenant.ledger, row, tenant.member.slot, tenant.member.state, delta, limit);
        if (verdict != SLUICE_CONDEMNED || join_again()) {
            return verdict;
        }
    }
    return SLUICE_CONDEMNED;
}

// The child of a fork owns nothing of its parent's: it gets a slot of its own at its first CUDA call. The
// parent's mapping is left as it is: most children go on to exec.
static void start_afresh_after_fork(void) {
    sluice_spin_unlock(&tenant.lock);
    pthread_mutex_init(&tenant.decision, NULL);
    sluice_liveness_close(&tenant.ledger);
    memset(tenant.held_bytes, 0, sizeof tenant.held_bytes);
    memset(tenant.above_limit, 0, sizeof tenant.above_limit);
    tenant.member = (struct sluice_member){0, 0};
    tenant.governance = SLUICE_UNDECIDED;
    sluice_pointer_map_reset_after_fork();
    sluice_lane_reset_after_fork();
}
