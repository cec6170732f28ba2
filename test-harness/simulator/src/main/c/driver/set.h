// set.h: one fill of device memory with a value of 1, 2 or 4 bytes.
#ifndef SLUICE_SIM_SET_H
#define SLUICE_SIM_SET_H

#include "driver/context.h"

struct fill {
    uint64_t address, pitch, width, height; // width in elements
    uint32_t value, element;                // bytes of an element
};

// Whether it lies in device memory, all of it.
CUresult fill_check(const struct fill *fill);
struct operation *fill_operation(const struct fill *fill);

#endif
