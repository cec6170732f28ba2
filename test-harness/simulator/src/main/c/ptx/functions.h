// functions.h: what instructions compute, as pure functions over register slots.
//
// A slot is 64 bits wide. The value of a narrower register lies in its low bits and the bits above are ZERO: every function
// relies on that for its arguments and keeps it for its result. Predicates are 0 or 1.
#ifndef SLUICE_PTX_FUNCTIONS_H
#define SLUICE_PTX_FUNCTIONS_H

#include "types.h"

typedef uint64_t ptx_function(uint64_t a, uint64_t b, uint64_t c, uint64_t e);
typedef uint64_t ptx_atomic_function(void *at, uint64_t b, uint64_t c);

enum ptx_rounding { PTX_ROUND_NEAREST, PTX_ROUND_ZERO, PTX_ROUND_DOWN, PTX_ROUND_UP };

// Each finds the function of an operation, NULL when it does not exist for the type.
ptx_function *ptx_integer_function(const char *operation, enum ptx_type type);
ptx_function *ptx_bits_function(const char *operation, enum ptx_type type);
// Of add, sub, mul, fma, div, rcp, sqrt there is a second one that takes an enum ptx_rounding in e.
ptx_function *ptx_float_function(const char *operation, enum ptx_type type, bool directed);
ptx_function *ptx_compare_function(struct ptx_slice comparison, enum ptx_type type);
ptx_atomic_function *ptx_atomic_operation(struct ptx_slice operation, enum ptx_type type);
ptx_atomic_function *ptx_mbarrier_operation(const char *operation); // on its eight bytes; b: see mbarrier.c
ptx_function ptx_mbarrier_pending;                                  // of a state that arriving gave

// Pieces that conversions are made of. Rounding is in e.
ptx_function ptx_sign_extend_8, ptx_sign_extend_16;            // to 64 bits; of 32 it is a hot one
ptx_function ptx_zero_extend_8, ptx_zero_extend_16;
ptx_function ptx_clamp_signed, ptx_clamp_unsigned;             // a into [b, c], as 64 bit numbers
ptx_function ptx_flush_f32;                                    // subnormal to zero of its sign
ptx_function ptx_saturate_f32, ptx_saturate_f64;               // into [0, 1], NaN to 0
ptx_function ptx_f16_to_f64, ptx_bf16_to_f64, ptx_f32_to_f64, ptx_f64_to_f16, ptx_f64_to_bf16, ptx_f64_to_f32;
ptx_function ptx_pack_halves;                                  // a below b
ptx_function ptx_f64_integral;                                 // rounds to a whole number
ptx_function ptx_f64_to_signed, ptx_f64_to_unsigned;           // of b bits, clamped, NaN to 0
ptx_function ptx_s64_to_f32, ptx_s64_to_f64, ptx_u64_to_f32, ptx_u64_to_f64;

#endif
