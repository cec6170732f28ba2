// float.c: arithmetic on .f32 and .f64.
#include "hot.h"
#include "rounding.h"

#define FUNCTION(name) static uint64_t name(uint64_t a, uint64_t b, uint64_t c, uint64_t e)
#define UNUSED (void)a, (void)b, (void)c, (void)e

// The function NAME rounds to nearest, NAME_directed as e says. x, y, z are the operands.
#define DIRECTED(name, type, load, result, value) \
    FUNCTION(name##_directed) \
    { \
        volatile type x = load(a), y = load(b), z = load(c), computed; \
        (void)y, (void)z; \
        ptx_round_as(e); \
        computed = (value); \
        ptx_round_nearest_after(e); \
        return result(computed, a, b, c); \
    }
#define PLAIN(name, type, load, result, value) \
    FUNCTION(name) \
    { \
        const type x = load(a), y = load(b), z = load(c); \
        (void)x, (void)y, (void)z, (void)e; \
        return result((value), a, b, c); \
    }
#define FROM_F32(value, a, b, c) ptx_from_f32(value)

DIRECTED(add_f32, float, ptx_f32, FROM_F32, x + y)
DIRECTED(sub_f32, float, ptx_f32, FROM_F32, x - y)
DIRECTED(mul_f32, float, ptx_f32, FROM_F32, x *y)
DIRECTED(fma_f32, float, ptx_f32, FROM_F32, fmaf(x, y, z))
DIRECTED(div_f32, float, ptx_f32, FROM_F32, x / y)
DIRECTED(rcp_f32, float, ptx_f32, FROM_F32, 1.0f / x)
DIRECTED(sqrt_f32, float, ptx_f32, FROM_F32, sqrtf(x))
DIRECTED(add_f64, double, ptx_f64, ptx_from_f64, x + y)
DIRECTED(sub_f64, double, ptx_f64, ptx_from_f64, x - y)
DIRECTED(mul_f64, double, ptx_f64, ptx_from_f64, x *y)
DIRECTED(fma_f64, double, ptx_f64, ptx_from_f64, fma(x, y, z))
DIRECTED(div_f64, double, ptx_f64, ptx_from_f64, x / y)
DIRECTED(rcp_f64, double, ptx_f64, ptx_from_f64, 1.0 / x)
DIRECTED(sqrt_f64, double, ptx_f64, ptx_from_f64, sqrt(x))

PLAIN(div_f32, float, ptx_f32, FROM_F32, x / y)
PLAIN(rcp_f32, float, ptx_f32, FROM_F32, 1.0f / x)
PLAIN(sqrt_f32, float, ptx_f32, FROM_F32, sqrtf(x))
PLAIN(rsqrt_f32, float, ptx_f32, FROM_F32, (float)(1.0 / sqrt(x)))
PLAIN(sin_f32, float, ptx_f32, FROM_F32, (float)sin(x))
PLAIN(cos_f32, float, ptx_f32, FROM_F32, (float)cos(x))
PLAIN(lg2_f32, float, ptx_f32, FROM_F32, (float)log2(x))
PLAIN(tanh_f32, float, ptx_f32, FROM_F32, (float)tanh(x))
PLAIN(div_f64, double, ptx_f64, ptx_from_f64, x / y)
PLAIN(rcp_f64, double, ptx_f64, ptx_from_f64, 1.0 / x)
PLAIN(sqrt_f64, double, ptx_f64, ptx_from_f64, sqrt(x))
PLAIN(rsqrt_f64, double, ptx_f64, ptx_from_f64, 1.0 / sqrt(x))

// Out of range of a double only where the float is 0 or infinite anyway.
FUNCTION(ex2_f32)
{
    UNUSED;
    const double power = exp2(ptx_f32(a)), largest = 0x1.fffffefffffffp127;
    return ptx_from_f32(power > largest ? INFINITY : (float)power);
}

// Of .f64 with .approx.ftz: the upper 32 bits of the result, from those of the operand.
static double upper(double x)
{
    const uint64_t bits = ptx_raw_f64(x) & UINT64_C(0xffffffff00000000);
    return ptx_f64(fpclassify(ptx_f64(bits)) == FP_SUBNORMAL ? bits & UINT64_C(1) << 63 : bits);
}

#define GROSS(name, value) \
    FUNCTION(name) \
    { \
        const double x = upper(ptx_f64(a)); \
        (void)b, (void)c, (void)e; \
        return x != x ? ptx_from_f64(x, 0, 0, 0) : ptx_raw_f64(upper(value)); \
    }
GROSS(rcp_gross, 1.0 / x)
GROSS(rsqrt_gross, 1.0 / sqrt(x))

// By way of the reciprocal, which is 0 for the largest divisors.
FUNCTION(div_approx_f32)
{
    (void)c, (void)e;
    const float x = ptx_f32(a), y = ptx_f32(b);
    const bool lost = fabsf(y) > 0x1p126f && !isinf(y);
    return ptx_from_f32(lost ? x * copysignf(0, y) : x / y);
}

static const uint64_t SIGN_32 = UINT64_C(1) << 31, SIGN_64 = UINT64_C(1) << 63;

FUNCTION(abs_f32) { UNUSED; return a & ~SIGN_32; }
FUNCTION(neg_f32) { UNUSED; return a ^ SIGN_32; }
FUNCTION(abs_f64) { UNUSED; return a & ~SIGN_64; }
FUNCTION(neg_f64) { UNUSED; return a ^ SIGN_64; }

// A NaN loses against a number, and -0 is less than +0.
#define EXTREMES(width, type, load, nan) \
    static bool less_##width(uint64_t a, uint64_t b) { return load(a) < load(b) || (load(a) == load(b) && a >> (width - 1) > b >> (width - 1)); } \
    FUNCTION(min_f##width) \
    { \
        (void)c, (void)e; \
        if (load(a) != load(a)) return load(b) != load(b) ? (nan) : b; \
        return load(b) != load(b) || less_##width(a, b) ? a : b; \
    } \
    FUNCTION(max_f##width) \
    { \
        (void)c, (void)e; \
        if (load(a) != load(a)) return load(b) != load(b) ? (nan) : b; \
        return load(b) != load(b) || less_##width(b, a) ? a : b; \
    }

EXTREMES(32, float, ptx_f32, 0x7fffffffu)
EXTREMES(64, double, ptx_f64, ptx_from_f64(NAN, a, b, 0))

static bool is_nan_f32(uint64_t slot) { return (slot & ~SIGN_32) > 0x7f800000u; }

FUNCTION(min_nan_f32) { return is_nan_f32(a) || is_nan_f32(b) ? 0x7fffffffu : min_f32(a, b, c, e); }
FUNCTION(max_nan_f32) { return is_nan_f32(a) || is_nan_f32(b) ? 0x7fffffffu : max_f32(a, b, c, e); }

static const struct { const char *name; ptx_function *f32, *f64, *directed_f32, *directed_f64; } TABLE[] = {
    {"add", ptx_hot_add_f32, ptx_hot_add_f64, add_f32_directed, add_f64_directed},
    {"sub", ptx_hot_sub_f32, ptx_hot_sub_f64, sub_f32_directed, sub_f64_directed},
    {"mul", ptx_hot_mul_f32, ptx_hot_mul_f64, mul_f32_directed, mul_f64_directed},
    {"fma", ptx_hot_fma_f32, ptx_hot_fma_f64, fma_f32_directed, fma_f64_directed},
    {"div", div_f32, div_f64, div_f32_directed, div_f64_directed},
    {"div.approx", div_approx_f32, NULL, NULL, NULL},
    {"rcp", rcp_f32, rcp_f64, rcp_f32_directed, rcp_f64_directed},
    {"sqrt", sqrt_f32, sqrt_f64, sqrt_f32_directed, sqrt_f64_directed},
    {"rsqrt", rsqrt_f32, rsqrt_f64, NULL, NULL},
    {"rcp.gross", NULL, rcp_gross, NULL, NULL}, {"rsqrt.gross", NULL, rsqrt_gross, NULL, NULL},
    {"sin", sin_f32, NULL, NULL, NULL}, {"cos", cos_f32, NULL, NULL, NULL}, {"lg2", lg2_f32, NULL, NULL, NULL},
    {"ex2", ex2_f32, NULL, NULL, NULL}, {"tanh", tanh_f32, NULL, NULL, NULL},
    {"abs", abs_f32, abs_f64, NULL, NULL}, {"neg", neg_f32, neg_f64, NULL, NULL},
    {"min", min_f32, min_f64, NULL, NULL}, {"max", max_f32, max_f64, NULL, NULL},
    {"min.NaN", min_nan_f32, NULL, NULL, NULL}, {"max.NaN", max_nan_f32, NULL, NULL, NULL},
};

ptx_function *ptx_float_function(const char *operation, enum ptx_type type, bool directed)
{
    for (size_t row = 0; row < sizeof TABLE / sizeof *TABLE; row++) {
        if (strcmp(TABLE[row].name, operation)) continue;
        if (type == PTX_F32) return directed ? TABLE[row].directed_f32 : TABLE[row].f32;
        return type == PTX_F64 ? (directed ? TABLE[row].directed_f64 : TABLE[row].f64) : NULL;
    }
    return NULL;
}
