// conf.h: the grammar of cards.conf: `key=value` lines under one [card] line per GPU; # begins a comment line.
#ifndef SLUICE_SIM_CONF_H
#define SLUICE_SIM_CONF_H

#include "cards/cards.h"

// `text` is cut into lines in place; `path` is for messages. 0, or -1 with a sentence in `error`.
int conf_parse(char *text, const char *path, struct cards *cards, char *error, size_t error_size);

#endif
