// liveness.h: which slots belong to processes that are still there.
//
// A live process holds a record lock on byte i of the tenant's locks file for its slot i; the kernel drops it however the
// process ends. The lock alone is not proof of death: close_range() in a live process drops it too, and a process is
// never told about its own locks. So a slot of ours is never judged, and where the owner is in our pid namespace its pid
// and start time must be gone as well, or the process run another program by now, which has not joined.
#ifndef SLUICE_LIVENESS_H
#define SLUICE_LIVENESS_H

#include "ledger.h"

struct sluice_identity {
    uint32_t pid;
    uint64_t pid_namespace;
    uint64_t start_time;
    uint64_t program; // see program.h
};

// Who this process is. 0 in a field that /proc does not tell.
struct sluice_identity sluice_identity_self(void);

// Takes the record lock of a slot for this process. 1 taken, 0 somebody else has it, -1 with a message.
int sluice_liveness_lock(struct sluice_ledger *ledger, unsigned slot, struct sluice_message *message);
void sluice_liveness_unlock(struct sluice_ledger *ledger, unsigned slot);

// Closes our descriptor of the locks file, if it still is that: in a forked child, before it opens its own.
void sluice_liveness_close(struct sluice_ledger *ledger);

// Shared locks, of any number of processes at a time, on a byte that a key stands for. share: 0, or -1 where it cannot be had.
int sluice_liveness_share(struct sluice_ledger *ledger, uint64_t key);
void sluice_liveness_unshare(struct sluice_ledger *ledger, uint64_t key);
// Whether another process has it. 1 where that cannot be known.
int sluice_liveness_shared(struct sluice_ledger *ledger, uint64_t key);

// The process id of one that holds a slot's lock, 0 where nobody does, -1 with a message. Our own locks do not count.
int sluice_liveness_holder(struct sluice_ledger *ledger, struct sluice_message *message);

// 1 if the process that `slot` names is gone, 0 if it is there or if that cannot be known.
int sluice_liveness_dead(struct sluice_ledger *ledger, unsigned slot, const struct sluice_identity *self);

// 1 if the process of that number in our own pid namespace is gone, or is another one by now. Looks at no lock.
int sluice_liveness_process_gone(uint32_t pid, uint64_t start_time);

#endif
