// atomic.c: atomic operations on bytes of the host, atomic also against kernels that other threads of the host run.
#include "half.h"
#include "hot.h"

#define FUNCTION(name) static uint64_t name(void *at, uint64_t b, uint64_t c)

// Tries until nobody came in between. `old` is what was there, the result what shall be there.
#define RETRY(name, type, value) \
    FUNCTION(name) \
    { \
        type old = __atomic_load_n((type *)at, __ATOMIC_RELAXED); \
        (void)b, (void)c; \
        while (!__atomic_compare_exchange_n((type *)at, &old, (type)(value), true, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {} \
        return old; \
    }
#define BOTH(name, value) RETRY(name##_32, uint32_t, value) RETRY(name##_64, uint64_t, value)

BOTH(add, old + b)
BOTH(and, old &b)
BOTH(or, old | b)
BOTH(xor, old ^ b)
BOTH(exch, b)
BOTH(min_u, old < b ? old : b)
BOTH(max_u, old > b ? old : b)
RETRY(min_s32, uint32_t, S32(old) < S32(b) ? old : b)
RETRY(max_s32, uint32_t, S32(old) > S32(b) ? old : b)
RETRY(min_s64, uint64_t, S64(old) < S64(b) ? old : b)
RETRY(max_s64, uint64_t, S64(old) > S64(b) ? old : b)
RETRY(inc, uint32_t, old >= b ? 0 : old + 1)
RETRY(dec, uint32_t, old == 0 || old > b ? b : old - 1)
BOTH(cas, old == b ? c : old)
RETRY(add_f32, uint32_t, ptx_from_f32(ptx_f32(old) + ptx_f32(b)))
RETRY(add_f64, uint64_t, ptx_from_f64(ptx_f64(old) + ptx_f64(b), old, b, 0))

RETRY(cas_16, uint16_t, old == b ? c : old)
#define ADD_HALVES(name, integer, type) \
    RETRY(name, integer, ptx_half_function("add", type)(old, b, 0, 0))
ADD_HALVES(add_f16, uint16_t, PTX_F16)
ADD_HALVES(add_bf16, uint16_t, PTX_BF16)
ADD_HALVES(add_f16x2, uint32_t, PTX_F16X2)
ADD_HALVES(add_bf16x2, uint32_t, PTX_BF16X2)

static const struct { const char *name; enum ptx_type type; ptx_atomic_function *call; } TABLE[] = {
    {"add", PTX_U32, add_32}, {"add", PTX_S32, add_32}, {"add", PTX_U64, add_64}, {"add", PTX_S64, add_64}, {"add", PTX_F32, add_f32}, {"add", PTX_F64, add_f64},
    {"and", PTX_B32, and_32}, {"and", PTX_B64, and_64}, {"or", PTX_B32, or_32}, {"or", PTX_B64, or_64}, {"xor", PTX_B32, xor_32}, {"xor", PTX_B64, xor_64},
    {"exch", PTX_B32, exch_32}, {"exch", PTX_B64, exch_64}, {"cas", PTX_B32, cas_32}, {"cas", PTX_B64, cas_64},
    {"cas", PTX_B16, cas_16}, {"add", PTX_F16, add_f16}, {"add", PTX_BF16, add_bf16}, {"add", PTX_F16X2, add_f16x2},
    {"add", PTX_BF16X2, add_bf16x2},
    {"inc", PTX_U32, inc}, {"dec", PTX_U32, dec},
    {"min", PTX_U32, min_u_32}, {"min", PTX_U64, min_u_64}, {"min", PTX_S32, min_s32}, {"min", PTX_S64, min_s64},
    {"max", PTX_U32, max_u_32}, {"max", PTX_U64, max_u_64}, {"max", PTX_S32, max_s32}, {"max", PTX_S64, max_s64},
};

ptx_atomic_function *ptx_atomic_operation(struct ptx_slice operation, enum ptx_type type)
{
    for (size_t row = 0; row < sizeof TABLE / sizeof *TABLE; row++) {
        if (TABLE[row].type == type && ptx_slice_is(operation, TABLE[row].name)) return TABLE[row].call;
    }
    return NULL;
}
