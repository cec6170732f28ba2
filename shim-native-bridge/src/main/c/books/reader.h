// reader.h: the books of this process' tenant, for a question that takes no part in them: no slot is taken, nothing is written.
#ifndef SLUICE_READER_H
#define SLUICE_READER_H

#include "ledger.h"
#include "tenant.h"

// Opens the ledger that the settings name, and stores the tenant's name. Returns 0, or -1 with a sentence.
int sluice_reader_open(struct sluice_ledger *ledger, char tenant[SLUICE_TENANT_BYTES], struct sluice_message *message);

// What on_failure makes of a process without an account: SLUICE_FORWARDING or SLUICE_REFUSING.
enum sluice_governance sluice_reader_on_failure(void);

// The tenant's ledger, as what was decided for this process has it; where no CUDA call has come yet, one of its own that stays open.
// *ledger is set with SLUICE_GOVERNED. A line on stderr says, once, why there is none. Any thread.
enum sluice_governance sluice_reader_look(struct sluice_ledger **ledger);

// What each slot holds of a row, as it stood at one instant, unless somebody books without a pause. Returns how many slots.
unsigned sluice_reader_shares(const struct sluice_ledger *ledger, unsigned row, uint64_t shares[SLUICE_SLOT_COUNT]);

#endif
