// card_lock.h: who may change a card's sums, and who is alive. See card_state.h for what each byte means.
#ifndef SLUICE_SIM_CARD_LOCK_H
#define SLUICE_SIM_CARD_LOCK_H

#include "cards/card_state.h"

void card_lock(struct card *card);
void card_unlock(struct card *card);
// Makes slot `slot` this process' own, if nobody alive has it.
int card_lock_slot(struct card *card, int slot);

#endif
