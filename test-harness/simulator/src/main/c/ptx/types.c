#include "types.h"

static const struct { const char *name; uint32_t bytes; } TYPES[PTX_TYPES] = {
    [PTX_NONE] = {"", 0}, [PTX_PRED] = {"pred", 1},
    [PTX_B8] = {"b8", 1}, [PTX_B16] = {"b16", 2}, [PTX_B32] = {"b32", 4}, [PTX_B64] = {"b64", 8},
    [PTX_U8] = {"u8", 1}, [PTX_U16] = {"u16", 2}, [PTX_U32] = {"u32", 4}, [PTX_U64] = {"u64", 8},
    [PTX_S8] = {"s8", 1}, [PTX_S16] = {"s16", 2}, [PTX_S32] = {"s32", 4}, [PTX_S64] = {"s64", 8},
    [PTX_F16] = {"f16", 2}, [PTX_BF16] = {"bf16", 2}, [PTX_F16X2] = {"f16x2", 4}, [PTX_BF16X2] = {"bf16x2", 4},
    [PTX_F32] = {"f32", 4}, [PTX_F64] = {"f64", 8},
};

enum ptx_type ptx_type_named(struct ptx_slice name)
{
    for (int type = PTX_PRED; type < PTX_TYPES; type++) {
        if (ptx_slice_is(name, TYPES[type].name)) return (enum ptx_type)type;
    }
    return PTX_NONE;
}

const char *ptx_type_name(enum ptx_type type) { return TYPES[type].name; }

uint32_t ptx_type_bytes(enum ptx_type type) { return TYPES[type].bytes; }

bool ptx_type_is_float(enum ptx_type type) { return type >= PTX_F16; }

bool ptx_type_is_half(enum ptx_type type) { return type >= PTX_F16 && type <= PTX_BF16X2; }

bool ptx_type_is_signed(enum ptx_type type) { return type >= PTX_S8 && type <= PTX_S64; }

bool ptx_type_is_integer(enum ptx_type type) { return type >= PTX_U8 && type <= PTX_S64; }

bool ptx_type_is_bits(enum ptx_type type) { return type >= PTX_B8 && type <= PTX_B64; }

bool ptx_type_agrees(enum ptx_type held, enum ptx_type wanted)
{
    if ((held == PTX_PRED) != (wanted == PTX_PRED) || TYPES[held].bytes != TYPES[wanted].bytes) return false;
    if (ptx_type_is_bits(held) || ptx_type_is_bits(wanted)) return true;
    return ptx_type_is_float(held) || ptx_type_is_float(wanted) ? held == wanted : true;
}
