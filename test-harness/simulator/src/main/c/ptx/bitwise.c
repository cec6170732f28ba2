// bitwise.c: logic, shifts and bit fields on .b types (and .u, .s where the sign matters).
#include "hot.h"
#include "ptx.h"

#define FUNCTION(name) static uint64_t name(uint64_t a, uint64_t b, uint64_t c, uint64_t e)
#define UNUSED (void)a, (void)b, (void)c, (void)e

static uint64_t mask_of(uint64_t width) { return width >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << width) - 1; }

static uint64_t shift_left(uint64_t value, uint64_t by) { return by > 63 ? 0 : value << by; }

static uint64_t shift_right(uint64_t value, uint64_t by) { return by > 63 ? 0 : value >> by; }

FUNCTION(not_pred) { UNUSED; return !a; }
FUNCTION(not_16) { UNUSED; return (uint16_t)~a; }
FUNCTION(not_64) { UNUSED; return ~a; }
FUNCTION(cnot) { UNUSED; return a == 0; }
FUNCTION(shl_16) { UNUSED; return (uint16_t)shift_left(a, (uint32_t)b); }
FUNCTION(shr_s16) { UNUSED; return (uint16_t)((int16_t)(uint16_t)a >> ((uint32_t)b > 15 ? 15 : (uint32_t)b)); }
FUNCTION(shr_s64) { UNUSED; return (uint64_t)((int64_t)a >> ((uint32_t)b > 63 ? 63 : (uint32_t)b)); }
FUNCTION(popc) { UNUSED; return (uint64_t)__builtin_popcountll(a); }
FUNCTION(clz_32) { UNUSED; return a == 0 ? 32 : (uint64_t)__builtin_clz((uint32_t)a); }
FUNCTION(clz_64) { UNUSED; return a == 0 ? 64 : (uint64_t)__builtin_clzll(a); }

FUNCTION(brev_64)
{
    UNUSED;
    uint64_t reversed = 0;
    for (int bit = 0; bit < 64; bit++) reversed = reversed << 1 | (a >> bit & 1);
    return reversed;
}

FUNCTION(brev_32) { return brev_64(a, b, c, e) >> 32; }

// The highest bit that differs from the sign, or all ones when none does.
FUNCTION(bfind_u) { UNUSED; return a == 0 ? UINT32_MAX : 63 - (uint64_t)__builtin_clzll(a); }
FUNCTION(bfind_s32) { return bfind_u(a >> 31 ? (uint32_t)~a : a, b, c, e); }
FUNCTION(bfind_s64) { return bfind_u(a >> 63 ? ~a : a, b, c, e); }
FUNCTION(shiftamt_32) { UNUSED; return a == UINT32_MAX ? a : 31 - a; }
FUNCTION(shiftamt_64) { UNUSED; return a == UINT32_MAX ? a : 63 - a; }

// c bits of a from bit b on; a signed field repeats its highest bit that lies within the register.
static uint64_t extract(uint64_t a, uint64_t b, uint64_t c, uint64_t width, bool is_signed)
{
    uint64_t position = b & 0xff, length = c & 0xff;
    uint64_t field = shift_right(a, position) & mask_of(length);
    uint64_t top = position + length - 1 < width - 1 ? position + length - 1 : width - 1;
    bool fill = is_signed && length != 0 && (a >> top & 1);
    uint64_t known = top >= position ? mask_of(top - position + 1) : 0;
    return (fill ? field | ~known : field) & mask_of(width);
}

FUNCTION(bfe_u32) { UNUSED; return extract(a, b, c, 32, false); }
FUNCTION(bfe_u64) { UNUSED; return extract(a, b, c, 64, false); }
FUNCTION(bfe_s32) { UNUSED; return extract(a, b, c, 32, true); }
FUNCTION(bfe_s64) { UNUSED; return extract(a, b, c, 64, true); }

// The low e bits of a put into b from bit c on.
static uint64_t insert(uint64_t a, uint64_t b, uint64_t position, uint64_t length, uint64_t width)
{
    uint64_t field = shift_left(mask_of(length & 0xff), position & 0xff) & mask_of(width);
    return (b & ~field) | (shift_left(a, position & 0xff) & field);
}

FUNCTION(bfi_32) { return insert(a, b, c, e, 32); }
FUNCTION(bfi_64) { return insert(a, b, c, e, 64); }

FUNCTION(lop3)
{
    uint64_t result = 0;
    for (unsigned row = 0; row < 8; row++) {
        if (!(e >> row & 1)) continue;
        result |= (row & 4 ? a : ~a) & (row & 2 ? b : ~b) & (row & 1 ? c : ~c);
    }
    return (uint32_t)result;
}

// Funnel shifts of b:a; clamp limits the amount to 32, wrap takes it modulo 32.
FUNCTION(shf_l_wrap) { UNUSED; return (b << 32 | a) << (c & 31) >> 32; }
FUNCTION(shf_r_wrap) { UNUSED; return (uint32_t)((b << 32 | a) >> (c & 31)); }
FUNCTION(shf_l_clamp) { UNUSED; return c > 31 ? a : (b << 32 | a) << c >> 32; }
FUNCTION(shf_r_clamp) { UNUSED; return c > 31 ? b : (uint32_t)((b << 32 | a) >> c); }

// Generic form: each nibble of c picks one byte of b:a, its highest bit asks for the sign of that byte instead.
FUNCTION(prmt)
{
    (void)e;
    uint64_t bytes = b << 32 | a, result = 0;
    for (unsigned i = 0; i < 4; i++) {
        uint64_t pick = c >> (4 * i) & 15, byte = bytes >> (8 * (pick & 7)) & 0xff;
        result |= (pick & 8 ? (byte & 0x80 ? 0xffu : 0u) : byte) << (8 * i);
    }
    return result;
}

// Which window of the generic addresses an address lies in.
FUNCTION(in_window) { UNUSED; return a - b < PTX_WINDOW_BYTES; }
FUNCTION(in_no_window) { UNUSED; return !in_window(a, PTX_SHARED_WINDOW, 0, 0) && !in_window(a, PTX_LOCAL_WINDOW, 0, 0); }

static const struct { const char *name; enum ptx_type type; ptx_function *call; } TABLE[] = {
    {"and", PTX_PRED, ptx_hot_and}, {"and", PTX_B16, ptx_hot_and}, {"and", PTX_B32, ptx_hot_and}, {"and", PTX_B64, ptx_hot_and},
    {"or", PTX_PRED, ptx_hot_or}, {"or", PTX_B16, ptx_hot_or}, {"or", PTX_B32, ptx_hot_or}, {"or", PTX_B64, ptx_hot_or},
    {"xor", PTX_PRED, ptx_hot_xor}, {"xor", PTX_B16, ptx_hot_xor}, {"xor", PTX_B32, ptx_hot_xor}, {"xor", PTX_B64, ptx_hot_xor},
    {"not", PTX_PRED, not_pred}, {"not", PTX_B16, not_16}, {"not", PTX_B32, ptx_hot_not_32}, {"not", PTX_B64, not_64},
    {"cnot", PTX_B16, cnot}, {"cnot", PTX_B32, cnot}, {"cnot", PTX_B64, cnot},
    {"shl", PTX_B16, shl_16}, {"shl", PTX_B32, ptx_hot_shl_32}, {"shl", PTX_B64, ptx_hot_shl_64},
    {"shr", PTX_B16, ptx_hot_shr_u}, {"shr", PTX_B32, ptx_hot_shr_u}, {"shr", PTX_B64, ptx_hot_shr_u},
    {"shr", PTX_U16, ptx_hot_shr_u}, {"shr", PTX_U32, ptx_hot_shr_u}, {"shr", PTX_U64, ptx_hot_shr_u},
    {"shr", PTX_S16, shr_s16}, {"shr", PTX_S32, ptx_hot_shr_s32}, {"shr", PTX_S64, shr_s64},
    {"popc", PTX_B32, popc}, {"popc", PTX_B64, popc},
    {"clz", PTX_B32, clz_32}, {"clz", PTX_B64, clz_64},
    {"brev", PTX_B32, brev_32}, {"brev", PTX_B64, brev_64},
    {"bfind", PTX_U32, bfind_u}, {"bfind", PTX_U64, bfind_u}, {"bfind", PTX_S32, bfind_s32}, {"bfind", PTX_S64, bfind_s64},
    {"shiftamt", PTX_U32, shiftamt_32}, {"shiftamt", PTX_S32, shiftamt_32},
    {"shiftamt", PTX_U64, shiftamt_64}, {"shiftamt", PTX_S64, shiftamt_64},
    {"bfe", PTX_U32, bfe_u32}, {"bfe", PTX_U64, bfe_u64}, {"bfe", PTX_S32, bfe_s32}, {"bfe", PTX_S64, bfe_s64},
    {"bfi", PTX_B32, bfi_32}, {"bfi", PTX_B64, bfi_64},
    {"lop3", PTX_B32, lop3}, {"prmt", PTX_B32, prmt},
    {"shf.l.wrap", PTX_B32, shf_l_wrap}, {"shf.r.wrap", PTX_B32, shf_r_wrap},
    {"shf.l.clamp", PTX_B32, shf_l_clamp}, {"shf.r.clamp", PTX_B32, shf_r_clamp},
    {"in_window", PTX_B64, in_window}, {"in_no_window", PTX_B64, in_no_window},
    {"zext", PTX_B8, ptx_zero_extend_8}, {"zext", PTX_B16, ptx_zero_extend_16}, {"zext", PTX_B32, ptx_hot_zero_extend_32},
    {"sext", PTX_B8, ptx_sign_extend_8}, {"sext", PTX_B16, ptx_sign_extend_16}, {"sext", PTX_B32, ptx_hot_sign_extend_32},
    {"zext", PTX_B64, ptx_hot_mov}, {"sext", PTX_B64, ptx_hot_mov},
};

ptx_function *ptx_bits_function(const char *operation, enum ptx_type type)
{
    for (size_t row = 0; row < sizeof TABLE / sizeof *TABLE; row++) {
        if (TABLE[row].type == type && !strcmp(TABLE[row].name, operation)) return TABLE[row].call;
    }
    return NULL;
}
