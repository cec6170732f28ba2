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

// Settles what kind of memory each side is, and checks that device memory holds all of it. An empty copy is permitted.
CUresult copy_resolve(struct copy *copy);
// The copy that a description in the application's form asks for, not resolved, and back.
CUresult copy_from_3d(const CUDA_MEMCPY3D *asked, struct copy *copy);
CUDA_MEMCPY3D copy_to_3d(const struct copy *copy);
// Of a resolved copy; NULL without memory.
struct operation *copy_operation(const struct copy *copy);

// Returns when the copy is over, or, with `async`, when the application may go on.
CUresult copy_submit(struct copy copy, CUstream stream, int async);

#endif
