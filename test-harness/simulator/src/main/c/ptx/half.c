// half.c: arithmetic on .f16 and .bf16, and on pairs of them in one register. Both are exact in a double, and so are their products;
// sums are rounded to odd there, so that the one rounding that follows is right.
#include "half.h"
#include "hot.h"

#define FUNCTION(name) static uint64_t name(uint64_t a, uint64_t b, uint64_t c, uint64_t e)
#define UNUSED (void)a, (void)b, (void)c, (void)e

enum { SIGN = 0x8000, CANONICAL_NAN = 0x7fff };

static double odd_sum(double p, double q)
{
    const double sum = p + q, part = sum - p, error = (p - (sum - part)) + (q - part);
    if (!isfinite(sum) || error == 0 || (ptx_raw_f64(sum) & 1)) return sum;
    return nextafter(sum, error > 0 ? INFINITY : -INFINITY);
}

static uint64_t flushed(uint64_t half, uint64_t infinity, uint64_t flags)
{
    bool subnormal = (half & infinity) == 0;
    return flags & PTX_HALF_FLUSH && subnormal ? half & SIGN : half;
}

static uint64_t finished(uint64_t half, uint64_t infinity, uint64_t one, uint64_t flags)
{
    const uint64_t magnitude = half & 0x7fff;
    if (magnitude > infinity) return flags & PTX_HALF_SATURATE ? 0 : CANONICAL_NAN;
    half = flushed(half, infinity, flags);
    if (flags & (PTX_HALF_SATURATE | PTX_HALF_RELU) && half & SIGN) return 0;
    return flags & PTX_HALF_SATURATE && magnitude > one ? one : half;
}

// The order of numbers as whole numbers, -0 before +0.
static int32_t order(uint64_t half) { return half & SIGN ? -(int32_t)(half & 0x7fff) - 1 : (int32_t)half; }

static uint64_t extreme(uint64_t a, uint64_t b, uint64_t infinity, uint64_t flags, bool largest)
{
    a = flushed(a, infinity, flags);
    b = flushed(b, infinity, flags);
    bool a_nan = (a & 0x7fff) > infinity, b_nan = (b & 0x7fff) > infinity;
    const uint64_t sign = (a ^ b) & SIGN;
    if ((a_nan && b_nan) || (flags & PTX_HALF_NAN && (a_nan || b_nan))) return CANONICAL_NAN;
    if (flags & PTX_HALF_XORSIGN) a &= 0x7fff, b &= 0x7fff;
    uint64_t result = a_nan ? b : b_nan ? a : (order(a) < order(b)) == largest ? b : a;
    if (flags & PTX_HALF_XORSIGN) result |= sign;
    return finished(result, infinity, 0, flags & ~(uint64_t)PTX_HALF_SATURATE);
}

// Everything for one of the two types, and for pairs.
#define PAIR(name) \
    FUNCTION(name##_pair) { return name(a & 0xffff, b & 0xffff, c & 0xffff, e) | name(a >> 16, b >> 16, c >> 16, e) << 16; }
#define COMPUTED(name, type, infinity, one, value) \
    FUNCTION(name##_##type) \
    { \
        const double x = ptx_##type(flushed(a, infinity, e)), y = ptx_##type(flushed(b, infinity, e)), z = ptx_##type(flushed(c, infinity, e)); \
        (void)x, (void)y, (void)z; \
        return finished(ptx_f64_to_##type(ptx_raw_f64(value), 0, 0, PTX_ROUND_NEAREST), infinity, one, e); \
    } \
    PAIR(name##_##type)
#define TYPE(type, infinity, one) \
    COMPUTED(add, type, infinity, one, odd_sum(x, y)) \
    COMPUTED(sub, type, infinity, one, odd_sum(x, -y)) \
    COMPUTED(mul, type, infinity, one, x *y) \
    COMPUTED(fma, type, infinity, one, odd_sum(x *y, z)) \
    COMPUTED(tanh, type, infinity, one, tanh(x)) \
    COMPUTED(ex2, type, infinity, one, exp2(x)) \
    FUNCTION(min_##type) { (void)c; return extreme(a, b, infinity, e, false); } \
    FUNCTION(max_##type) { (void)c; return extreme(a, b, infinity, e, true); } \
    FUNCTION(abs_##type) { UNUSED; return flushed(a, infinity, e) & 0x7fff; } \
    FUNCTION(neg_##type) { UNUSED; return flushed(a, infinity, e) ^ SIGN; } \
    PAIR(min_##type) PAIR(max_##type) PAIR(abs_##type) PAIR(neg_##type)

TYPE(f16, 0x7c00, 0x3c00)
TYPE(bf16, 0x7f80, 0x3f80)

uint64_t ptx_finish_f16(uint64_t a, uint64_t b, uint64_t c, uint64_t e) { (void)b, (void)c; return finished(a, 0x7c00, 0x3c00, e); }
uint64_t ptx_finish_bf16(uint64_t a, uint64_t b, uint64_t c, uint64_t e) { (void)b, (void)c; return finished(a, 0x7f80, 0x3f80, e); }

#define ROW(name) {#name, {name##_f16, name##_bf16, name##_f16_pair, name##_bf16_pair}}
static const struct { const char *name; ptx_function *of[4]; } TABLE[] = {
    ROW(add), ROW(sub), ROW(mul), ROW(fma), ROW(tanh), ROW(ex2), ROW(min), ROW(max), ROW(abs), ROW(neg),
};

ptx_function *ptx_half_function(const char *operation, enum ptx_type type)
{
    for (size_t row = 0; row < sizeof TABLE / sizeof *TABLE; row++) {
        if (ptx_type_is_half(type) && !strcmp(TABLE[row].name, operation)) return TABLE[row].of[type - PTX_F16];
    }
    return NULL;
}
