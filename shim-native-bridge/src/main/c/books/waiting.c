#define _GNU_SOURCE
#include "waiting.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_AGAIN_NS = 100000000 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; // of the list, and of what is published of it
static struct sluice_waiter *oldest; // this process' own, of all rows, the oldest ticket of each row before the others of that row

static void publish(struct sluice_ledger *ledger, unsigned row, unsigned slot);
static int anybody(const struct sluice_ledger *ledger, unsigned row);

static inline int active(const struct sluice_ledger *ledger, unsigned slot) {
    return (__atomic_load_n(&ledger->slots[slot].state, __ATOMIC_ACQUIRE) & 0xff) == SLUICE_SLOT_ACTIVE;
}

void sluice_waiting_begin(struct sluice_waiter *self, struct sluice_ledger *ledger, unsigned row) {
    struct sluice_row *shared = &ledger->rows[row];
    *self = (struct sluice_waiter){.row = row, .shared = shared};
    pthread_mutex_lock(&lock);
    self->ticket = __atomic_add_fetch(&shared->memory_tickets, 1, __ATOMIC_SEQ_CST);
    struct sluice_waiter **end = &oldest;
    while (*end) {
        end = &(*end)->next;
    }
    *end = self;
    pthread_mutex_unlock(&lock);
}

void sluice_waiting_end(struct sluice_waiter *self, struct sluice_ledger *ledger, unsigned slot) {
    pthread_mutex_lock(&lock);
    struct sluice_waiter **link = &oldest;
    while (*link != self) {
        link = &(*link)->next;
    }
    *link = self->next;
    publish(ledger, self->row, slot);
    pthread_mutex_unlock(&lock);
    if (!anybody(ledger, self->row)) {
        __atomic_store_n(&self->shared->memory_waiting, 0, __ATOMIC_SEQ_CST);
        if (anybody(ledger, self->row)) { // who came in between
            __atomic_store_n(&self->shared->memory_waiting, 1, __ATOMIC_SEQ_CST);
        }
    }
    sluice_waiting_wake(self->shared); // the next one's turn
}

int sluice_waiting_is_next(struct sluice_waiter *self, struct sluice_ledger *ledger, unsigned slot) {
    pthread_mutex_lock(&lock);
    publish(ledger, self->row, slot);
    pthread_mutex_unlock(&lock);
    __atomic_store_n(&self->shared->memory_waiting, 1, __ATOMIC_SEQ_CST);
    uint32_t slots = __atomic_load_n(&ledger->header->slots_used, __ATOMIC_ACQUIRE);
    for (unsigned other = 0; other < slots && other < SLUICE_SLOT_COUNT; other++) {
        uint64_t ticket = __atomic_load_n(&sluice_ledger_account(ledger, self->row, other)->wait_ticket, __ATOMIC_SEQ_CST);
        if (ticket && ticket < self->ticket && active(ledger, other)) {
            return 0;
        }
    }
    return 1;
}

uint32_t sluice_waiting_releases(const struct sluice_waiter *self) {
    return __atomic_load_n(&self->shared->memory_releases, __ATOMIC_SEQ_CST);
}

int sluice_waiting_sleep(struct sluice_waiter *self, uint32_t seen, uint64_t most_ns) {
    long patience_ns = most_ns < LOOK_AGAIN_NS ? (long)most_ns : LOOK_AGAIN_NS;
    struct timespec patience = {.tv_nsec = patience_ns};
    return syscall(SYS_futex, &self->shared->memory_releases, FUTEX_WAIT, seen, &patience, NULL, 0) != 0 && errno == ETIMEDOUT;
}

void sluice_waiting_wake(struct sluice_row *row) {
    __atomic_add_fetch(&row->memory_releases, 1, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, &row->memory_releases, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

uint64_t sluice_waiting_clock_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void sluice_waiting_reset_after_fork(void) {
    pthread_mutex_init(&lock, NULL);
    oldest = NULL;
}

// Each time anew, since the process may have lost its slot and have another now.
static void publish(struct sluice_ledger *ledger, unsigned row, unsigned slot) {
    const struct sluice_waiter *first = oldest;
    while (first && first->row != row) {
        first = first->next;
    }
    __atomic_store_n(&sluice_ledger_account(ledger, row, slot)->wait_ticket, first ? first->ticket : 0, __ATOMIC_SEQ_CST);
}

static int anybody(const struct sluice_ledger *ledger, unsigned row) {
    uint32_t slots = __atomic_load_n(&ledger->header->slots_used, __ATOMIC_ACQUIRE);
    for (unsigned slot = 0; slot < slots && slot < SLUICE_SLOT_COUNT; slot++) {
        if (__atomic_load_n(&sluice_ledger_account(ledger, row, slot)->wait_ticket, __ATOMIC_SEQ_CST) && active(ledger, slot)) {
            return 1;
        }
    }
    return 0;
}
