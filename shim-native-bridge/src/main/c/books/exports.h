// exports.h: memory that other processes hold as well. It is charged to the process that took it, as long as that lives, and stays
// charged as long as anybody of its tenant holds it: in the slot of the exporter, also when that has died.
//
// An exporter enters {key, row, bytes} into the table of its slot. Who imports takes a shared record lock on the byte of the locks
// file that the key stands for, then looks for the key: where it is in a slot that lives or is orphaned, the import is not charged. Who gives
// the memory up, or sweeps its dead exporter, looks for such locks after it has said so, and leaves charged what is locked. The kernel
// drops the locks of a process however it ends.
//
// A table holds 52 entries; what is exported beyond them is charged to whoever imports it, as all memory of unknown exporters is.
#ifndef SLUICE_EXPORTS_H
#define SLUICE_EXPORTS_H

#include "ledger.h"

// The exporting side. Of this process, once it is governed; any thread.

// A key for memory that has no name of its own, and one made of its name.
uint64_t sluice_exports_new_key(void);
uint64_t sluice_exports_key(const void *name, size_t length);

// Enters what was charged under `key`, which is no other's; an entry that is there stays. Returns its number, or -1 where the table is
// full.
int sluice_exports_add(uint64_t key, unsigned row, uint64_t bytes, enum sluice_kind kind);
// Whether anything of this process is in its table.
extern uint32_t sluice_exports_live;
// The memory is given up. 1: others hold it, so it stays charged until they let go; 0: it is to be released now.
int sluice_exports_given_up(int number);
// Releases what was given up and is held by nobody any more. Returns whether there was any.
int sluice_exports_settle(void);
// Marks an open file of `key`, so that a process of this tenant to which it is handed finds the entry; and finds it. 0 where it has none.
void sluice_exports_mark(int fd, int number);
uint64_t sluice_exports_marked(int fd);

// The importing side.

// Takes the lock. Returns whether a process of this tenant is charged for it; else the caller is. `key` 0: unknown.
int sluice_exports_import(uint64_t key);
void sluice_exports_import_over(uint64_t key);

// For sweeps: how many bytes of a row stay charged in a slot whose owner is dead, since others hold them.
uint64_t sluice_exports_held(struct sluice_ledger *ledger, unsigned slot, unsigned row);

void sluice_exports_forget_slot(struct sluice_ledger *ledger, unsigned slot);
void sluice_exports_reset_after_fork(void);

#endif
