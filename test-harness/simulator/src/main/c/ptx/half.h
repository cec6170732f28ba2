// half.h: .f16 and .bf16 as numbers, and what modifiers ask of operations on them.
#ifndef SLUICE_PTX_HALF_H
#define SLUICE_PTX_HALF_H

#include "bits.h"
#include "functions.h"

enum { PTX_HALF_FLUSH = 1, PTX_HALF_SATURATE = 2, PTX_HALF_RELU = 4, PTX_HALF_NAN = 8, PTX_HALF_XORSIGN = 16 };

// Takes the flags above in e.
ptx_function *ptx_half_function(const char *operation, enum ptx_type type);
// Only what the flags ask.
ptx_function ptx_finish_f16, ptx_finish_bf16;

static inline double ptx_f16(uint64_t slot) { return ptx_f64(ptx_f16_to_f64(slot & 0xffff, 0, 0, 0)); }

static inline double ptx_bf16(uint64_t slot) { return ptx_f32((slot & 0xffff) << 16); }

#endif
