// convert.c: the pieces that conversions are made of.
#include "hot.h"
#include "rounding.h"

#define FUNCTION(name) uint64_t name(uint64_t a, uint64_t b, uint64_t c, uint64_t e)
#define UNUSED (void)a, (void)b, (void)c, (void)e

FUNCTION(ptx_sign_extend_8) { UNUSED; return (uint64_t)(int64_t)(int8_t)(uint8_t)a; }
FUNCTION(ptx_sign_extend_16) { UNUSED; return (uint64_t)(int64_t)(int16_t)(uint16_t)a; }
FUNCTION(ptx_zero_extend_8) { UNUSED; return (uint8_t)a; }
FUNCTION(ptx_zero_extend_16) { UNUSED; return (uint16_t)a; }
FUNCTION(ptx_clamp_unsigned) { UNUSED; return a < b ? b : a > c ? c : a; }
FUNCTION(ptx_clamp_signed) { UNUSED; return (int64_t)a < (int64_t)b ? b : (int64_t)a > (int64_t)c ? c : a; }

FUNCTION(ptx_flush_f32)
{
    UNUSED;
    return a & 0x7f800000u ? a : a & 0x80000000u;
}

FUNCTION(ptx_saturate_f32)
{
    UNUSED;
    const float value = ptx_f32(a);
    return value > 0 ? (value < 1 ? a : ptx_raw_f32(1.0f)) : 0;
}

FUNCTION(ptx_saturate_f64)
{
    UNUSED;
    const double value = ptx_f64(a);
    return value > 0 ? (value < 1 ? a : ptx_raw_f64(1.0)) : 0;
}

FUNCTION(ptx_f32_to_f64) { UNUSED; return ptx_raw_f64(ptx_f32(a)); }

FUNCTION(ptx_f64_to_f32)
{
    (void)b, (void)c;
    volatile double wide = ptx_f64(a);
    volatile float narrow;
    ptx_round_as(e);
    narrow = (float)wide;
    ptx_round_nearest_after(e);
    return ptx_from_f32(narrow);
}

FUNCTION(ptx_f16_to_f64)
{
    UNUSED;
    const uint64_t exponent = a >> 10 & 31, fraction = a & 0x3ff;
    double magnitude = exponent == 0 ? ldexp((double)fraction, -24) : ldexp((double)(fraction | 0x400), (int)exponent - 25);
    if (exponent == 31) magnitude = fraction ? NAN : INFINITY;
    return ptx_raw_f64(a & 0x8000 ? -magnitude : magnitude);
}

static double integral(double value, uint64_t rounding)
{
    return rounding == PTX_ROUND_ZERO ? trunc(value) : rounding == PTX_ROUND_DOWN ? floor(value) : rounding == PTX_ROUND_UP ? ceil(value)
        : nearbyint(value);
}

FUNCTION(ptx_f64_integral)
{
    (void)b, (void)c;
    return ptx_from_f64(integral(ptx_f64(a), e), a, 0, 0);
}

// Counts steps of the narrow float at hand as a whole number, rounds that, and counts on from the exponent: a carry lands right.
// `fraction` bits, exponents from `least` to `most`.
static uint64_t narrow(double value, uint64_t rounding, int fraction, int least, int most)
{
    const uint64_t sign = value < 0 || (value == 0 && signbit(value)) ? 0x8000 : 0;
    const uint64_t infinity = (uint64_t)(most - least + 2) << fraction;
    if (value != value) return 0x7fff;
    if (isinf(value)) return sign | infinity;
    int exponent = value == 0 ? least : ilogb(value);
    if (exponent < least) exponent = least;
    bool overflows = exponent > most;
    double steps = overflows ? 0 : fabs(integral(ldexp(value, fraction - exponent), rounding));
    uint64_t bits = overflows ? infinity : (uint64_t)steps + ((uint64_t)(exponent - least) << fraction);
    bool stays_finite = rounding == PTX_ROUND_ZERO || (rounding == PTX_ROUND_DOWN && !sign) || (rounding == PTX_ROUND_UP && sign);
    return sign | (bits >= infinity ? (stays_finite ? infinity - 1 : infinity) : bits);
}

FUNCTION(ptx_f64_to_f16) { (void)b, (void)c; return narrow(ptx_f64(a), e, 10, -14, 15); }
FUNCTION(ptx_f64_to_bf16) { (void)b, (void)c; return narrow(ptx_f64(a), e, 7, -126, 127); }
FUNCTION(ptx_bf16_to_f64) { UNUSED; return ptx_raw_f64(ptx_f32((a & 0xffff) << 16)); }
FUNCTION(ptx_pack_halves) { UNUSED; return (a & 0xffff) | (b & 0xffff) << 16; }

FUNCTION(ptx_f64_to_signed)
{
    (void)c;
    const double value = integral(ptx_f64(a), e), bound = ldexp(1.0, (int)b - 1);
    const int64_t most = (int64_t)((UINT64_C(1) << (b - 1)) - 1);
    if (value != value) return 0;
    const int64_t result = value >= bound ? most : value < -bound ? -most - 1 : (int64_t)value;
    return b == 64 ? (uint64_t)result : (uint64_t)result & ((UINT64_C(1) << b) - 1);
}

FUNCTION(ptx_f64_to_unsigned)
{
    (void)c;
    const double value = integral(ptx_f64(a), e);
    if (!(value > 0)) return 0;
    return value >= ldexp(1.0, (int)b) ? UINT64_MAX >> (64 - b) : (uint64_t)value;
}

#define FROM_INTEGER(name, type, integer, result) \
    FUNCTION(name) \
    { \
        (void)b, (void)c; \
        volatile integer whole = (integer)a; \
        volatile type value; \
        ptx_round_as(e); \
        value = (type)whole; \
        ptx_round_nearest_after(e); \
        return result(value); \
    }
FROM_INTEGER(ptx_s64_to_f32, float, int64_t, ptx_raw_f32)
FROM_INTEGER(ptx_u64_to_f32, float, uint64_t, ptx_raw_f32)
FROM_INTEGER(ptx_s64_to_f64, double, int64_t, ptx_raw_f64)
FROM_INTEGER(ptx_u64_to_f64, double, uint64_t, ptx_raw_f64)
