// faults.h: what the faults of faults.conf (cards/faults.h) do to contexts and kernels.
#ifndef SLUICE_SIM_DRIVER_FAULTS_H
#define SLUICE_SIM_DRIVER_FAULTS_H

#include "cards/faults.h"

// Called when faults.conf has changed: breaks the open contexts of cards that have failed.
void contexts_apply_faults(void);
// Before a kernel runs: 0, or the CUresult with which it fails. Does not return while it hangs, unless *cancel says so.
int kernel_fault(const struct card_description *card, const char *kernel, const volatile int *cancel);

#endif
