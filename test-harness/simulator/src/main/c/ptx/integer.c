// integer.c: arithmetic on .u and .s types.
#include "hot.h"

typedef unsigned __int128 wide_unsigned;
typedef __int128 wide_signed;

#define UNUSED (void)a, (void)b, (void)c, (void)e

// One function: both operands as `type`, the result cut to `utype`. Unsigned where overflow could happen.
#define FUNCTION(name, type, utype, value) \
    static uint64_t name##_##type(uint64_t a_slot, uint64_t b_slot, uint64_t c_slot, uint64_t e) \
    { \
        type a = (type)(utype)a_slot, b = (type)(utype)b_slot, c = (type)(utype)c_slot; \
        UNUSED; \
        return (utype)(value); \
    }

#define NARROW(name, value) FUNCTION(name, uint16_t, uint16_t, value) FUNCTION(name, int16_t, uint16_t, value)
#define SIGNED(name, value) \
    FUNCTION(name, int16_t, uint16_t, value) FUNCTION(name, int32_t, uint32_t, value) FUNCTION(name, int64_t, uint64_t, value)
#define ALL(name, value) \
    SIGNED(name, value) \
    FUNCTION(name, uint16_t, uint16_t, value) FUNCTION(name, uint32_t, uint32_t, value) FUNCTION(name, uint64_t, uint64_t, value)
#define SIGNED_WIDE(name, value) FUNCTION(name, int32_t, uint32_t, value) FUNCTION(name, int64_t, uint64_t, value)
#define MUL_HI ((wide_signed)a * (wide_signed)b) >> (8 * sizeof a)
#define ROW(name) {#name, {name##_uint16_t, name##_uint32_t, name##_uint64_t, name##_int16_t, name##_int32_t, name##_int64_t}}

// What has no function here has a hot one. Modulo 2^n the sign makes no difference, so unsigned 64 bits serve every type.
NARROW(add, (uint64_t)a + (uint64_t)b)
NARROW(sub, (uint64_t)a - (uint64_t)b)
NARROW(mul_lo, (uint64_t)a *(uint64_t)b)
NARROW(mad_lo, (uint64_t)a *(uint64_t)b + (uint64_t)c)
FUNCTION(min, int16_t, uint16_t, a < b ? a : b)
FUNCTION(min, int64_t, uint64_t, a < b ? a : b)
FUNCTION(max, int16_t, uint16_t, a > b ? a : b)
FUNCTION(max, int64_t, uint64_t, a > b ? a : b)
NARROW(mul_hi, MUL_HI)
FUNCTION(mul_hi, uint32_t, uint32_t, MUL_HI)
SIGNED_WIDE(mul_hi, MUL_HI)
NARROW(mad_hi, (uint64_t)(MUL_HI) + (uint64_t)c)
FUNCTION(mad_hi, uint32_t, uint32_t, (uint64_t)(MUL_HI) + (uint64_t)c)
SIGNED_WIDE(mad_hi, (uint64_t)(MUL_HI) + (uint64_t)c)
ALL(sad, (uint64_t)c + (a < b ? (uint64_t)b - (uint64_t)a : (uint64_t)a - (uint64_t)b))
// Division by zero gives all ones, quotient and remainder, as on real GPUs. The one quotient that overflows wraps.
ALL(div, b == 0 ? -(wide_signed)1 : (wide_signed)a / (wide_signed)b)
ALL(rem, b == 0 ? -(wide_signed)1 : (wide_signed)a % (wide_signed)b)
SIGNED(abs, a < 0 ? 0 - (uint64_t)a : (uint64_t)a)
SIGNED(neg, 0 - (uint64_t)a)

// Unsigned 64 bit factors overflow a signed 128 bit product.
static uint64_t mul_hi_u64(uint64_t a, uint64_t b, uint64_t c, uint64_t e)
{
    (void)c, (void)e;
    return (uint64_t)(((wide_unsigned)a * b) >> 64);
}

static uint64_t mad_hi_u64(uint64_t a, uint64_t b, uint64_t c, uint64_t e) { return mul_hi_u64(a, b, 0, e) + c; }

// .wide: the whole product of narrow factors, in a register twice as wide.
static uint64_t mul_wide_u16(uint64_t a, uint64_t b, uint64_t c, uint64_t e)
{
    (void)c, (void)e;
    return (uint32_t)a * (uint32_t)b;
}

static uint64_t mul_wide_s16(uint64_t a, uint64_t b, uint64_t c, uint64_t e)
{
    (void)c, (void)e;
    return (uint32_t)((int16_t)(uint16_t)a * (int16_t)(uint16_t)b);
}

static uint64_t mad_wide_u16(uint64_t a, uint64_t b, uint64_t c, uint64_t e) { return (uint32_t)(mul_wide_u16(a, b, c, e) + c); }

static uint64_t mad_wide_s16(uint64_t a, uint64_t b, uint64_t c, uint64_t e) { return (uint32_t)(mul_wide_s16(a, b, c, e) + c); }

// Carries of 32 and 64 bit sums: of a + b + c where c is a carry, and borrows of a - b - c.
static uint64_t carry_32(uint64_t a, uint64_t b, uint64_t c, uint64_t e)
{
    (void)e;
    return (a + b + c) >> 32;
}

static uint64_t carry_64(uint64_t a, uint64_t b, uint64_t c, uint64_t e)
{
    (void)e;
    return (uint64_t)(((wide_unsigned)a + b + c) >> 64);
}

static uint64_t borrow(uint64_t a, uint64_t b, uint64_t c, uint64_t e)
{
    (void)e;
    return (wide_unsigned)a < (wide_unsigned)b + c;
}

static uint64_t addc_32(uint64_t a, uint64_t b, uint64_t c, uint64_t e)
{
    (void)e;
    return (uint32_t)(a + b + c);
}

static uint64_t addc_64(uint64_t a, uint64_t b, uint64_t c, uint64_t e)
{
    (void)e;
    return a + b + c;
}

static uint64_t subc_32(uint64_t a, uint64_t b, uint64_t c, uint64_t e)
{
    (void)e;
    return (uint32_t)(a - b - c);
}

static uint64_t subc_64(uint64_t a, uint64_t b, uint64_t c, uint64_t e)
{
    (void)e;
    return a - b - c;
}

static const struct { const char *name; ptx_function *of[6]; } TABLE[] = { // u16 u32 u64 s16 s32 s64
    {"add", {add_uint16_t, ptx_hot_add_32, ptx_hot_add_64, add_int16_t, ptx_hot_add_32, ptx_hot_add_64}},
    {"sub", {sub_uint16_t, ptx_hot_sub_32, ptx_hot_sub_64, sub_int16_t, ptx_hot_sub_32, ptx_hot_sub_64}},
    {"mul.lo", {mul_lo_uint16_t, ptx_hot_mul_lo_32, ptx_hot_mul_lo_64, mul_lo_int16_t, ptx_hot_mul_lo_32, ptx_hot_mul_lo_64}},
    {"mad.lo", {mad_lo_uint16_t, ptx_hot_mad_lo_32, ptx_hot_mad_lo_64, mad_lo_int16_t, ptx_hot_mad_lo_32, ptx_hot_mad_lo_64}},
    {"mul.hi", {mul_hi_uint16_t, mul_hi_uint32_t, mul_hi_u64, mul_hi_int16_t, mul_hi_int32_t, mul_hi_int64_t}},
    {"mad.hi", {mad_hi_uint16_t, mad_hi_uint32_t, mad_hi_u64, mad_hi_int16_t, mad_hi_int32_t, mad_hi_int64_t}},
    {"mul.wide", {mul_wide_u16, ptx_hot_mul_wide_u32, NULL, mul_wide_s16, ptx_hot_mul_wide_s32, NULL}},
    {"mad.wide", {mad_wide_u16, ptx_hot_mad_wide_u32, NULL, mad_wide_s16, ptx_hot_mad_wide_s32, NULL}},
    {"min", {ptx_hot_min_u, ptx_hot_min_u, ptx_hot_min_u, min_int16_t, ptx_hot_min_s32, min_int64_t}},
    {"max", {ptx_hot_max_u, ptx_hot_max_u, ptx_hot_max_u, max_int16_t, ptx_hot_max_s32, max_int64_t}},
    ROW(sad), ROW(div), ROW(rem),
    {"abs", {NULL, NULL, NULL, abs_int16_t, abs_int32_t, abs_int64_t}},
    {"neg", {NULL, NULL, NULL, neg_int16_t, neg_int32_t, neg_int64_t}},
    {"addc", {NULL, addc_32, addc_64, NULL, addc_32, addc_64}},
    {"subc", {NULL, subc_32, subc_64, NULL, subc_32, subc_64}},
    {"carry", {NULL, carry_32, carry_64, NULL, carry_32, carry_64}},
    {"borrow", {NULL, borrow, borrow, NULL, borrow, borrow}},
};

ptx_function *ptx_integer_function(const char *operation, enum ptx_type type)
{
    int column = -1;
    if (type >= PTX_U16 && type <= PTX_U64) column = (int)type - PTX_U16;
    if (type >= PTX_S16 && type <= PTX_S64) column = 3 + (int)type - PTX_S16;
    for (size_t row = 0; column >= 0 && row < sizeof TABLE / sizeof *TABLE; row++) {
        if (!strcmp(TABLE[row].name, operation)) return TABLE[row].of[column];
    }
    return NULL;
}
