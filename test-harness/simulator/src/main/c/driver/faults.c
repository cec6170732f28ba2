// faults.c: see faults.h.
#define _GNU_SOURCE
#include "driver/faults.h"

#include "base/clock.h"
#include "driver/cuda_types.h"

enum { HANG_LOOK_NS = 1000000 };

int kernel_fault(const struct card_description *card, const char *kernel, const volatile int *cancel) {
    int line = fault_strikes(FAULT_ERROR, card, kernel);
    if (line) return fault_code(line);
    if (!fault_strikes(FAULT_HANG, card, kernel)) return CUDA_SUCCESS;
    while (!*cancel && fault_is(FAULT_HANG, card)) clock_sleep_until(clock_now_ns() + HANG_LOOK_NS);
    return CUDA_SUCCESS;
}
