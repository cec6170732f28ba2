// busy.h: utilization in percent, from what the engine did.
#ifndef SLUICE_SIM_BUSY_H
#define SLUICE_SIM_BUSY_H

#include "nvml/nvml.h"

// The last period that is over.
uint64_t busy_last_period(void);
// When a period ended, in microseconds since 1970, as NVML stamps samples.
uint64_t busy_stamp_us(uint64_t period);
// Percent of the period; slot -1: all processes.
unsigned busy_percent(nvmlDevice_t device, int slot, enum usage_kind kind, uint64_t period);

#endif
