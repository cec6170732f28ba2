// small.c: instructions that are one function each, by their whole opcode.
#include <math.h>

#include "bits.h"
#include "small.h"

#define FUNCTION(name, value) \
    static uint64_t name(uint64_t a, uint64_t b, uint64_t c, uint64_t e) \
    { \
        (void)a, (void)b, (void)c, (void)e; \
        return (value); \
    }

// 24 bit factors: the 48 bits of their product begin at bit 0 for .lo, end at bit 47 for .hi.
static uint64_t unsigned_24(uint64_t x) { return x & 0xffffff; }

static int64_t signed_24(uint64_t x) { return (int64_t)(x << 40) >> 40; }

FUNCTION(mul24_lo_u, (uint32_t)(unsigned_24(a) * unsigned_24(b)))
FUNCTION(mul24_hi_u, (uint32_t)(unsigned_24(a) * unsigned_24(b) >> 16))
FUNCTION(mul24_lo_s, (uint32_t)(signed_24(a) * signed_24(b)))
FUNCTION(mul24_hi_s, (uint32_t)(signed_24(a) * signed_24(b) >> 16))
FUNCTION(mad24_lo_u, (uint32_t)(mul24_lo_u(a, b, 0, 0) + c))
FUNCTION(mad24_hi_u, (uint32_t)(mul24_hi_u(a, b, 0, 0) + c))
FUNCTION(mad24_lo_s, (uint32_t)(mul24_lo_s(a, b, 0, 0) + c))
FUNCTION(mad24_hi_s, (uint32_t)(mul24_hi_s(a, b, 0, 0) + c))

static uint64_t saturating_mad24(uint64_t a, uint64_t b, uint64_t c, uint64_t e)
{
    (void)e;
    int64_t sum = (int32_t)(uint32_t)mul24_hi_s(a, b, 0, 0) + (int64_t)(int32_t)(uint32_t)c;
    return (uint32_t)(sum > INT32_MAX ? INT32_MAX : sum < INT32_MIN ? INT32_MIN : sum);
}

static int64_t part(uint64_t x, unsigned index, unsigned bits, bool is_signed)
{
    uint64_t value = x >> (index * bits) & ((1u << bits) - 1);
    return is_signed && value >> (bits - 1) ? (int64_t)value - (1 << bits) : (int64_t)value;
}

// dp4a: four bytes by four bytes. dp2a: two halves by the lower or upper two bytes.
static uint64_t dot4(uint64_t a, uint64_t b, uint64_t c, bool a_signed, bool b_signed)
{
    int64_t sum = (int64_t)c;
    for (unsigned i = 0; i < 4; i++) sum += part(a, i, 8, a_signed) * part(b, i, 8, b_signed);
    return (uint32_t)sum;
}

static uint64_t dot2(uint64_t a, uint64_t b, uint64_t c, bool a_signed, bool b_signed, unsigned first)
{
    int64_t sum = (int64_t)c;
    for (unsigned i = 0; i < 2; i++) sum += part(a, i, 16, a_signed) * part(b, first + i, 8, b_signed);
    return (uint32_t)sum;
}

FUNCTION(dp4a_uu, dot4(a, b, c, false, false))
FUNCTION(dp4a_us, dot4(a, b, c, false, true))
FUNCTION(dp4a_su, dot4(a, b, c, true, false))
FUNCTION(dp4a_ss, dot4(a, b, c, true, true))
FUNCTION(dp2a_lo_uu, dot2(a, b, c, false, false, 0))
FUNCTION(dp2a_lo_us, dot2(a, b, c, false, true, 0))
FUNCTION(dp2a_lo_su, dot2(a, b, c, true, false, 0))
FUNCTION(dp2a_lo_ss, dot2(a, b, c, true, true, 0))
FUNCTION(dp2a_hi_uu, dot2(a, b, c, false, false, 2))
FUNCTION(dp2a_hi_us, dot2(a, b, c, false, true, 2))
FUNCTION(dp2a_hi_su, dot2(a, b, c, true, false, 2))
FUNCTION(dp2a_hi_ss, dot2(a, b, c, true, true, 2))

static const uint64_t SIGN_32 = UINT64_C(1) << 31, SIGN_64 = UINT64_C(1) << 63;

FUNCTION(copysign_f32, (a & SIGN_32) | (b & ~SIGN_32))
FUNCTION(copysign_f64, (a & SIGN_64) | (b & ~SIGN_64))
#define TESTS(type) \
    FUNCTION(finite_##type, isfinite(ptx_##type(a)) != 0) \
    FUNCTION(infinite_##type, isinf(ptx_##type(a)) != 0) \
    FUNCTION(number_##type, !isnan(ptx_##type(a))) \
    FUNCTION(notanumber_##type, isnan(ptx_##type(a)) != 0) \
    FUNCTION(normal_##type, isnormal(ptx_##type(a)) != 0) \
    FUNCTION(subnormal_##type, fpclassify(ptx_##type(a)) == FP_SUBNORMAL)
TESTS(f32)
TESTS(f64)

// b ones from bit a on; a and b limited to 32 by .clamp, taken modulo 32 by .wrap.
static uint64_t ones(uint64_t from, uint64_t count)
{
    uint64_t mask = count > 31 ? UINT32_MAX : (UINT64_C(1) << count) - 1;
    return from > 31 ? 0 : (uint32_t)(mask << from);
}

FUNCTION(bmsk_clamp, ones(a, b))
FUNCTION(bmsk_wrap, ones(a & 31, b & 31))

// The low b bits of a, extended by their sign or by zeros.
static uint64_t extend(uint64_t a, uint64_t width, bool is_signed)
{
    if (width > 31) return a;
    uint64_t mask = (UINT64_C(1) << width) - 1, low = a & mask;
    return is_signed && width && low >> (width - 1) ? (uint32_t)(low | ~mask) : low;
}

FUNCTION(szext_clamp_u, extend(a, b, false))
FUNCTION(szext_clamp_s, extend(a, b, true))
FUNCTION(szext_wrap_u, extend(a, b & 31, false))
FUNCTION(szext_wrap_s, extend(a, b & 31, true))

// The other modes of prmt: which of the eight bytes b:a stands in place i, for a selector of two bits.
static uint64_t permute(uint64_t a, uint64_t b, const uint8_t places[4])
{
    uint64_t bytes = b << 32 | a, result = 0;
    for (unsigned i = 0; i < 4; i++) result |= (bytes >> (8 * places[i]) & 0xff) << (8 * i);
    return result;
}

#define PERMUTE(name, p0, p1, p2, p3) \
    static uint64_t prmt_##name(uint64_t a, uint64_t b, uint64_t c, uint64_t e) \
    { \
        const uint8_t s = c & 3, places[4] = {p0, p1, p2, p3}; \
        (void)e; \
        return permute(a, b, places); \
    }
PERMUTE(f4e, s, s + 1, s + 2, s + 3)
PERMUTE(b4e, s, (s + 7) & 7, (s + 6) & 7, (s + 5) & 7)
PERMUTE(rc8, s, s, s, s)
PERMUTE(ecl, s, s > 1 ? s : 1, s > 2 ? s : 2, 3)
PERMUTE(ecr, 0, s < 1 ? s : 1, s < 2 ? s : 2, s)
PERMUTE(rc16, 2 * (s & 1), 2 * (s & 1) + 1, 2 * (s & 1), 2 * (s & 1) + 1)

// The nearest with ten bits of fraction, ties away from zero.
static uint64_t tensor_float(uint64_t a, uint64_t b, uint64_t c, uint64_t e)
{
    (void)b, (void)c, (void)e;
    if (isnan(ptx_f32(a))) return 0x7fffffff;
    return isinf(ptx_f32(a)) ? a : (a + 0x1000) & 0xffffe000;
}

#define TESTP(name) \
    {"testp." #name ".f32", PTX_PRED, {PTX_F32}, name##_f32}, {"testp." #name ".f64", PTX_PRED, {PTX_F64}, name##_f64}
#define PRMT(name) {"prmt.b32." #name, PTX_B32, {PTX_B32, PTX_B32, PTX_B32}, prmt_##name}

static const struct ptx_small TABLE[] = {
    {"mul24.lo.u32", PTX_U32, {PTX_U32, PTX_U32}, mul24_lo_u}, {"mul24.hi.u32", PTX_U32, {PTX_U32, PTX_U32}, mul24_hi_u},
    {"mul24.lo.s32", PTX_S32, {PTX_S32, PTX_S32}, mul24_lo_s}, {"mul24.hi.s32", PTX_S32, {PTX_S32, PTX_S32}, mul24_hi_s},
    {"mad24.lo.u32", PTX_U32, {PTX_U32, PTX_U32, PTX_U32}, mad24_lo_u}, {"mad24.hi.u32", PTX_U32, {PTX_U32, PTX_U32, PTX_U32}, mad24_hi_u},
    {"mad24.lo.s32", PTX_S32, {PTX_S32, PTX_S32, PTX_S32}, mad24_lo_s}, {"mad24.hi.s32", PTX_S32, {PTX_S32, PTX_S32, PTX_S32}, mad24_hi_s},
    {"mad24.hi.sat.s32", PTX_S32, {PTX_S32, PTX_S32, PTX_S32}, saturating_mad24},
    {"dp4a.u32.u32", PTX_U32, {PTX_U32, PTX_U32, PTX_U32}, dp4a_uu}, {"dp4a.u32.s32", PTX_S32, {PTX_U32, PTX_S32, PTX_S32}, dp4a_us},
    {"dp4a.s32.u32", PTX_S32, {PTX_S32, PTX_U32, PTX_S32}, dp4a_su}, {"dp4a.s32.s32", PTX_S32, {PTX_S32, PTX_S32, PTX_S32}, dp4a_ss},
    {"dp2a.lo.u32.u32", PTX_U32, {PTX_U32, PTX_U32, PTX_U32}, dp2a_lo_uu}, {"dp2a.lo.u32.s32", PTX_S32, {PTX_U32, PTX_S32, PTX_S32}, dp2a_lo_us},
    {"dp2a.lo.s32.u32", PTX_S32, {PTX_S32, PTX_U32, PTX_S32}, dp2a_lo_su}, {"dp2a.lo.s32.s32", PTX_S32, {PTX_S32, PTX_S32, PTX_S32}, dp2a_lo_ss},
    {"dp2a.hi.u32.u32", PTX_U32, {PTX_U32, PTX_U32, PTX_U32}, dp2a_hi_uu}, {"dp2a.hi.u32.s32", PTX_S32, {PTX_U32, PTX_S32, PTX_S32}, dp2a_hi_us},
    {"dp2a.hi.s32.u32", PTX_S32, {PTX_S32, PTX_U32, PTX_S32}, dp2a_hi_su}, {"dp2a.hi.s32.s32", PTX_S32, {PTX_S32, PTX_S32, PTX_S32}, dp2a_hi_ss},
    {"copysign.f32", PTX_F32, {PTX_F32, PTX_F32}, copysign_f32}, {"copysign.f64", PTX_F64, {PTX_F64, PTX_F64}, copysign_f64},
    TESTP(finite), TESTP(infinite), TESTP(number), TESTP(notanumber), TESTP(normal), TESTP(subnormal),
    {"bmsk.clamp.b32", PTX_B32, {PTX_U32, PTX_U32}, bmsk_clamp}, {"bmsk.wrap.b32", PTX_B32, {PTX_U32, PTX_U32}, bmsk_wrap},
    {"szext.clamp.u32", PTX_U32, {PTX_U32, PTX_U32}, szext_clamp_u}, {"szext.clamp.s32", PTX_S32, {PTX_S32, PTX_U32}, szext_clamp_s},
    {"szext.wrap.u32", PTX_U32, {PTX_U32, PTX_U32}, szext_wrap_u}, {"szext.wrap.s32", PTX_S32, {PTX_S32, PTX_U32}, szext_wrap_s},
    {"cvt.rna.tf32.f32", PTX_B32, {PTX_F32}, tensor_float},
    PRMT(f4e), PRMT(b4e), PRMT(rc8), PRMT(ecl), PRMT(ecr), PRMT(rc16),
};

const struct ptx_small *ptx_find_small(struct ptx_slice opcode)
{
    for (size_t row = 0; row < sizeof TABLE / sizeof *TABLE; row++) {
        if (ptx_slice_is(opcode, TABLE[row].opcode)) return &TABLE[row];
    }
    return NULL;
}
