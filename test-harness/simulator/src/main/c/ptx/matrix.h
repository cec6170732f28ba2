// matrix.h: matrices that lie in registers of a warp, and are multiplied there. A lane moves its operands into slots that follow
// each other, waits for the other lanes, and moves its results out of them.
#ifndef SLUICE_PTX_MATRIX_H
#define SLUICE_PTX_MATRIX_H

#include "run.h"

// Where a lane's registers of each matrix begin, from the slot `d` of the WARP_EXCHANGE on. A row that ldmatrix reads stands in
// the first two, its results stand in those of D.
enum { PTX_MATRIX_A = 0, PTX_MATRIX_B = 4, PTX_MATRIX_C = 6, PTX_MATRIX_D = 10, PTX_MATRIX_SLOTS = 14 };

// D = A * B + C: A has `rows` rows and `inner` columns, B 8 columns. `elements`: of A and B.
enum ptx_elements { PTX_HALVES, PTX_BHALVES, PTX_TENSOR_FLOATS, PTX_BYTES };
struct ptx_product { const char *shape; enum ptx_elements elements; unsigned rows, inner; };

// `c` of a WARP_EXCHANGE that multiplies.
extern const struct ptx_product ptx_products[];
extern const unsigned ptx_product_count;
// `mask` of it. Sums of bytes are .s32, other sums .f32 or, of halves, .f16.
enum { PTX_PRODUCT_F16 = 1, PTX_PRODUCT_A_SIGNED = 2, PTX_PRODUCT_B_SIGNED = 4, PTX_PRODUCT_CLAMPED = 8 };

static inline unsigned ptx_elements_in_register(enum ptx_elements elements)
{
    return elements == PTX_BYTES ? 4 : elements == PTX_TENSOR_FLOATS ? 1 : 2;
}

// Gives a lane its results; those lanes of the warp count that wait at the same instruction.
void ptx_exchange_matrices(const struct ptx_thread *warp, uint32_t waiting, uint32_t lane);

#endif
