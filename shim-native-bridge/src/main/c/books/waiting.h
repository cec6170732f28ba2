// waiting.h: who waits for memory of a row, in the order in which they came, across processes.
//
// Who comes draws a ticket and enters its process' list; the oldest ticket of a process stands in its account, and row.memory_waiting
// says that there are any. The one with the oldest ticket of all slots that live is next. Nobody else is charged meanwhile, so that
// many small requests do not starve a large one.
//
// A release and a wait cannot miss each other: the release changes the books, then looks at memory_waiting; who waits sets that, reads
// memory_releases, then tries the books, then sleeps only while memory_releases is what it was.
//
// A process that dies while it waits leaves its ticket behind, until its slot is swept; who sleeps wakes often enough to do that.
#ifndef SLUICE_WAITING_H
#define SLUICE_WAITING_H

#include "ledger.h"

struct sluice_waiter {
    struct sluice_waiter *next;
    uint64_t ticket;
    unsigned row;
    struct sluice_row *shared;
};

// One waiter belongs to one thread, from begin to end.
void sluice_waiting_begin(struct sluice_waiter *self, struct sluice_ledger *ledger, unsigned row);
void sluice_waiting_end(struct sluice_waiter *self, struct sluice_ledger *ledger, unsigned slot);
int sluice_waiting_is_next(struct sluice_waiter *self, struct sluice_ledger *ledger, unsigned slot);
uint32_t sluice_waiting_releases(const struct sluice_waiter *self);
// Until memory_releases is no more `seen`, or at most so long. Returns 1 after 100 ms in which nothing happened.
int sluice_waiting_sleep(struct sluice_waiter *self, uint32_t seen, uint64_t most_ns);

// After memory has come free in a row.
void sluice_waiting_wake(struct sluice_row *row);
uint64_t sluice_waiting_clock_ns(void);
void sluice_waiting_reset_after_fork(void);

#endif
