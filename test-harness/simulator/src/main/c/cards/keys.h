// keys.h: the keys of a [card] section.
#ifndef SLUICE_SIM_KEYS_H
#define SLUICE_SIM_KEYS_H

#include "cards/cards.h"

// NULL, or what is wrong, to follow the key in a sentence.
const char *card_key_set(struct card_description *card, const char *key, const char *value);
// A number between the two bounds, decimal or with 0x before it, and nothing else: 0, or -1.
int key_number(const char *text, uint64_t least, uint64_t most, uint64_t *value);

#endif
