// cost.h: what a card's description says that things cost, with the noise that it asks for.
#ifndef SLUICE_SIM_COST_H
#define SLUICE_SIM_COST_H

#include "cards/cards.h"

// The length of kernel number `number` of stream `stream`: lognormal around length_ns, which is the mean. The same for the
// same seed, stream and number.
uint64_t cost_noisy(const struct card_description *card, uint64_t stream, uint64_t number, uint64_t length_ns);
// What an event record, or the first launch of a function, adds: nothing where noise is off.
uint64_t cost_event(const struct card_description *card);
uint64_t cost_first_launch(const struct card_description *card);
// How long after its death the memory of a process that was last seen at seen_ns comes back.
uint64_t cost_late_memory(const struct card_description *card, uint64_t seen_ns);

#endif
