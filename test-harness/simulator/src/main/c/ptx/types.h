// types.h: the fundamental types of PTX.
#ifndef SLUICE_PTX_TYPES_H
#define SLUICE_PTX_TYPES_H

#include "lexer.h"

enum ptx_type {
    PTX_NONE, PTX_PRED,
    PTX_B8, PTX_B16, PTX_B32, PTX_B64,
    PTX_U8, PTX_U16, PTX_U32, PTX_U64,
    PTX_S8, PTX_S16, PTX_S32, PTX_S64,
    PTX_F16, PTX_BF16, PTX_F16X2, PTX_BF16X2, PTX_F32, PTX_F64,
    PTX_TYPES
};

enum ptx_type ptx_type_named(struct ptx_slice name); // without its dot; PTX_NONE if there is none
const char *ptx_type_name(enum ptx_type type);
uint32_t ptx_type_bytes(enum ptx_type type);
bool ptx_type_is_float(enum ptx_type type);
bool ptx_type_is_half(enum ptx_type type); // .f16, .bf16 and pairs of them
bool ptx_type_is_signed(enum ptx_type type);
bool ptx_type_is_integer(enum ptx_type type); // .u and .s, not .b
bool ptx_type_is_bits(enum ptx_type type);

// Whether a register of `held` may stand where an instruction of type `wanted` has an operand of the same width.
bool ptx_type_agrees(enum ptx_type held, enum ptx_type wanted);

#endif
