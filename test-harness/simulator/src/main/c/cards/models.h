// models.h: GPUs by name, for `model=` in cards.conf.
#ifndef SLUICE_SIM_MODELS_H
#define SLUICE_SIM_MODELS_H

#include "cards/cards.h"

#define CARD_MODELS "T4, A10, A100-80GB and H100"

// Everything but uuid and nvml_index. NULL names the card that is there without a model; the result is NULL for an unknown name.
const struct card_description *card_model(const char *name);

#endif
