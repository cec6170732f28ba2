// keys.h: the keys of a [card] section.
#ifndef SLUICE_SIM_KEYS_H
#define SLUICE_SIM_KEYS_H

#include "cards/cards.h"

// 0, or -1 and in `wrong` what is wrong and what to do, to follow the key in a sentence.
int card_key_set(struct card_description *card, const char *key, const char *value, char *wrong, size_t size);
// A number between the two bounds, decimal or with 0x before it, and nothing else: 0, or -1.
int key_number(const char *text, uint64_t least, uint64_t most, uint64_t *value);

#endif
