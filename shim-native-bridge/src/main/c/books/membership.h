// membership.h: how a process takes a slot in its tenant's ledger, and how slots of dead processes are taken back.
#ifndef SLUICE_MEMBERSHIP_H
#define SLUICE_MEMBERSHIP_H

#include "ledger.h"
#include "liveness.h"

struct sluice_member {
    unsigned slot;
    uint64_t state; // what slots[slot].state holds as long as the slot is ours
};

struct sluice_sweep {
    unsigned slots;
    uint64_t bytes;
};

// Takes the first slot that is free, after a look for dead owners at a few; at all of them where none is free. Returns 0, or -1
// with a message.
int sluice_membership_join(struct sluice_ledger *ledger, const struct sluice_identity *self, struct sluice_member *member, struct sluice_message *message);

// Gives all bytes back and frees the slot. For a process that goes on living without it.
void sluice_membership_leave(struct sluice_ledger *ledger, const struct sluice_member *member);

// Takes back every slot whose process is dead. Safe at any time from any number of processes at once.
struct sluice_sweep sluice_membership_sweep(struct sluice_ledger *ledger, const struct sluice_identity *self);

#endif
