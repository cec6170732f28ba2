// copy.h: one copy, of bytes in a row or of rows in slices, between device and host in any direction.
#ifndef SLUICE_SIM_COPY_H
#define SLUICE_SIM_COPY_H

#include "driver/context.h"

enum side_kind { SIDE_HOST, SIDE_DEVICE, SIDE_ANY }; // ANY: the address tells

struct copy_side {
    enum side_kind kind;
    uint64_t address;
    uint64_t pitch, slice; // bytes from row to row, from slice to slice
};

struct copy {
    struct copy_side to, from;
    uint64_t width, height, depth;
};

// Returns when the copy is over, or, with `async`, when the application may go on.
CUresult copy_submit(struct copy copy, CUstream stream, int async);

#endif
