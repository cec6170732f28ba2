#ifndef SLUICE_PTX_SMALL_H
#define SLUICE_PTX_SMALL_H

#include "functions.h"

struct ptx_small {
    const char *opcode;
    enum ptx_type result, operands[3]; // PTX_NONE after the last
    ptx_function *call;
};

const struct ptx_small *ptx_find_small(struct ptx_slice opcode);

#endif
