// hot.h: the functions that have an instruction of their own in the interpreter's loop. Each is also an ordinary ptx_function,
// ptx_hot_NAME; the decoder only ever names functions, and the emitter replaces a call of one of these by its instruction.
#ifndef SLUICE_PTX_HOT_H
#define SLUICE_PTX_HOT_H

#include <math.h>

#include "bits.h"
#include "functions.h"

#define U32(x) ((uint32_t)(x))
#define S32(x) ((int32_t)(uint32_t)(x))
#define S64(x) ((int64_t)(x))
#define SHIFT_S32(a, b) (S32(a) >> ((b) > 31 ? 31 : (b)))

// X(name, value of d over a, b, c). Where a name tells no width, zeros above a narrow register make it right for all widths.
#define PTX_HOT(X) \
    X(mov, a) \
    X(add_32, U32(U32(a) + U32(b))) \
    X(add_64, a + b) \
    X(sub_32, U32(U32(a) - U32(b))) \
    X(sub_64, a - b) \
    X(mul_lo_32, U32(U32(a) * U32(b))) \
    X(mul_lo_64, a *b) \
    X(mul_wide_u32, a *b) \
    X(mul_wide_s32, (uint64_t)((int64_t)S32(a) * S32(b))) \
    X(mad_lo_32, U32(U32(a) * U32(b) + U32(c))) \
    X(mad_lo_64, a *b + c) \
    X(mad_wide_u32, a *b + c) \
    X(mad_wide_s32, (uint64_t)((int64_t)S32(a) * S32(b)) + c) \
    X(and, a &b) \
    X(or, a | b) \
    X(xor, a ^ b) \
    X(not_32, U32(~U32(a))) \
    X(shl_32, U32(b) > 31 ? 0 : U32(U32(a) << U32(b))) \
    X(shl_64, U32(b) > 63 ? 0 : a << U32(b)) \
    X(shr_u, U32(b) > 63 ? 0 : a >> U32(b)) \
    X(shr_s32, U32(SHIFT_S32(a, U32(b)))) \
    X(min_s32, S32(a) < S32(b) ? a : b) \
    X(max_s32, S32(a) > S32(b) ? a : b) \
    X(min_u, a < b ? a : b) \
    X(max_u, a > b ? a : b) \
    X(eq, a == b) \
    X(ne, a != b) \
    X(lt_u, a < b) \
    X(le_u, a <= b) \
    X(gt_u, a > b) \
    X(ge_u, a >= b) \
    X(lt_s32, S32(a) < S32(b)) \
    X(le_s32, S32(a) <= S32(b)) \
    X(gt_s32, S32(a) > S32(b)) \
    X(ge_s32, S32(a) >= S32(b)) \
    X(lt_s64, S64(a) < S64(b)) \
    X(le_s64, S64(a) <= S64(b)) \
    X(gt_s64, S64(a) > S64(b)) \
    X(ge_s64, S64(a) >= S64(b)) \
    X(select, c ? a : b) \
    X(sign_extend_32, (uint64_t)(int64_t)S32(a)) \
    X(zero_extend_32, U32(a)) \
    X(add_f32, ptx_from_f32(ptx_f32(a) + ptx_f32(b))) \
    X(sub_f32, ptx_from_f32(ptx_f32(a) - ptx_f32(b))) \
    X(mul_f32, ptx_from_f32(ptx_f32(a) * ptx_f32(b))) \
    X(fma_f32, ptx_from_f32(fmaf(ptx_f32(a), ptx_f32(b), ptx_f32(c)))) \
    X(lt_f32, ptx_f32(a) < ptx_f32(b)) \
    X(gt_f32, ptx_f32(a) > ptx_f32(b)) \
    X(add_f64, ptx_from_f64(ptx_f64(a) + ptx_f64(b), a, b, 0)) \
    X(sub_f64, ptx_from_f64(ptx_f64(a) - ptx_f64(b), a, b, 0)) \
    X(mul_f64, ptx_from_f64(ptx_f64(a) * ptx_f64(b), a, b, 0)) \
    X(fma_f64, ptx_from_f64(fma(ptx_f64(a), ptx_f64(b), ptx_f64(c)), a, b, c))

#define PTX_DECLARE_HOT(name, value) ptx_function ptx_hot_##name;
PTX_HOT(PTX_DECLARE_HOT)
#undef PTX_DECLARE_HOT

#endif
