// compare.c: comparisons, by name and type.
#include "half.h"
#include "hot.h"

#define FUNCTION(name, value) \
    static uint64_t name(uint64_t a, uint64_t b, uint64_t c, uint64_t e) \
    { \
        (void)a, (void)b, (void)c, (void)e; \
        return (value); \
    }
#define S16(x) ((int16_t)(uint16_t)(x))
#define UNORDERED(x, y) ((x) != (x) || (y) != (y))

FUNCTION(lt_s16, S16(a) < S16(b))
FUNCTION(le_s16, S16(a) <= S16(b))
FUNCTION(gt_s16, S16(a) > S16(b))
FUNCTION(ge_s16, S16(a) >= S16(b))

// An ordered comparison with a NaN is false, its unordered sister true.
#define FLOATS(type, load) \
    FUNCTION(eq_##type, load(a) == load(b)) \
    FUNCTION(ne_##type, !UNORDERED(load(a), load(b)) && load(a) != load(b)) \
    FUNCTION(le_##type, load(a) <= load(b)) \
    FUNCTION(ge_##type, load(a) >= load(b)) \
    FUNCTION(equ_##type, UNORDERED(load(a), load(b)) || load(a) == load(b)) \
    FUNCTION(neu_##type, load(a) != load(b)) \
    FUNCTION(ltu_##type, !(load(a) >= load(b))) \
    FUNCTION(leu_##type, !(load(a) > load(b))) \
    FUNCTION(gtu_##type, !(load(a) <= load(b))) \
    FUNCTION(geu_##type, !(load(a) < load(b))) \
    FUNCTION(num_##type, !UNORDERED(load(a), load(b))) \
    FUNCTION(nan_##type, UNORDERED(load(a), load(b)))

FLOATS(f32, ptx_f32)
FLOATS(f64, ptx_f64)
FLOATS(f16, ptx_f16)
FLOATS(bf16, ptx_bf16)
FUNCTION(lt_f16, ptx_f16(a) < ptx_f16(b))
FUNCTION(gt_f16, ptx_f16(a) > ptx_f16(b))
FUNCTION(lt_bf16, ptx_bf16(a) < ptx_bf16(b))
FUNCTION(gt_bf16, ptx_bf16(a) > ptx_bf16(b))
FUNCTION(lt_f64, ptx_f64(a) < ptx_f64(b))
FUNCTION(gt_f64, ptx_f64(a) > ptx_f64(b))

static const struct { const char *name; ptx_function *bits, *any_unsigned, *s16, *s32, *s64, *f32, *f64, *f16, *bf16; } TABLE[] = {
    {"eq", ptx_hot_eq, ptx_hot_eq, ptx_hot_eq, ptx_hot_eq, ptx_hot_eq, eq_f32, eq_f64, eq_f16, eq_bf16},
    {"ne", ptx_hot_ne, ptx_hot_ne, ptx_hot_ne, ptx_hot_ne, ptx_hot_ne, ne_f32, ne_f64, ne_f16, ne_bf16},
    {"lt", NULL, ptx_hot_lt_u, lt_s16, ptx_hot_lt_s32, ptx_hot_lt_s64, ptx_hot_lt_f32, lt_f64, lt_f16, lt_bf16},
    {"le", NULL, ptx_hot_le_u, le_s16, ptx_hot_le_s32, ptx_hot_le_s64, le_f32, le_f64, le_f16, le_bf16},
    {"gt", NULL, ptx_hot_gt_u, gt_s16, ptx_hot_gt_s32, ptx_hot_gt_s64, ptx_hot_gt_f32, gt_f64, gt_f16, gt_bf16},
    {"ge", NULL, ptx_hot_ge_u, ge_s16, ptx_hot_ge_s32, ptx_hot_ge_s64, ge_f32, ge_f64, ge_f16, ge_bf16},
    {"lo", NULL, ptx_hot_lt_u, NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {"ls", NULL, ptx_hot_le_u, NULL, NULL, NULL, NULL, NULL, NULL, NULL},
    {"hi", NULL, ptx_hot_gt_u, NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {"hs", NULL, ptx_hot_ge_u, NULL, NULL, NULL, NULL, NULL, NULL, NULL},
    {"equ", NULL, NULL, NULL, NULL, NULL, equ_f32, equ_f64, equ_f16, equ_bf16}, {"neu", NULL, NULL, NULL, NULL, NULL, neu_f32, neu_f64, neu_f16, neu_bf16},
    {"ltu", NULL, NULL, NULL, NULL, NULL, ltu_f32, ltu_f64, ltu_f16, ltu_bf16}, {"leu", NULL, NULL, NULL, NULL, NULL, leu_f32, leu_f64, leu_f16, leu_bf16},
    {"gtu", NULL, NULL, NULL, NULL, NULL, gtu_f32, gtu_f64, gtu_f16, gtu_bf16}, {"geu", NULL, NULL, NULL, NULL, NULL, geu_f32, geu_f64, geu_f16, geu_bf16},
    {"num", NULL, NULL, NULL, NULL, NULL, num_f32, num_f64, num_f16, num_bf16}, {"nan", NULL, NULL, NULL, NULL, NULL, nan_f32, nan_f64, nan_f16, nan_bf16},
};

ptx_function *ptx_compare_function(struct ptx_slice comparison, enum ptx_type type)
{
    for (size_t row = 0; row < sizeof TABLE / sizeof *TABLE; row++) {
        if (!ptx_slice_is(comparison, TABLE[row].name)) continue;
        switch (type) {
        case PTX_B16: case PTX_B32: case PTX_B64: return TABLE[row].bits;
        case PTX_U16: case PTX_U32: case PTX_U64: return TABLE[row].any_unsigned;
        case PTX_S16: return TABLE[row].s16;
        case PTX_S32: return TABLE[row].s32;
        case PTX_S64: return TABLE[row].s64;
        case PTX_F32: return TABLE[row].f32;
        case PTX_F64: return TABLE[row].f64;
        case PTX_F16: return TABLE[row].f16;
        case PTX_BF16: return TABLE[row].bf16;
        default: return NULL;
        }
    }
    return NULL;
}
