// answer.h: what a call is sent to instead of the real function: answers of one error, whatever the call's parameters.
#ifndef SLUICE_ANSWER_H
#define SLUICE_ANSWER_H

#include "cuda_result.h"

static inline int sluice_answer_no_device(void) {
    return CUDA_ERROR_NO_DEVICE;
}

static inline int sluice_answer_out_of_memory(void) {
    return CUDA_ERROR_OUT_OF_MEMORY;
}

static inline int sluice_answer_not_permitted(void) {
    return CUDA_ERROR_NOT_PERMITTED;
}

static inline int sluice_answer_not_supported(void) {
    return CUDA_ERROR_NOT_SUPPORTED;
}

#endif
