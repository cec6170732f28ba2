// bits.h: floats in slots.
#ifndef SLUICE_PTX_BITS_H
#define SLUICE_PTX_BITS_H

#include <stdint.h>
#include <string.h>

static inline float ptx_f32(uint64_t slot)
{
    uint32_t bits = (uint32_t)slot;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline double ptx_f64(uint64_t slot)
{
    double value;
    memcpy(&value, &slot, sizeof value);
    return value;
}

static inline uint64_t ptx_raw_f32(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline uint64_t ptx_raw_f64(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

// The result of f32 arithmetic: its NaN is always 0x7fffffff.
static inline uint64_t ptx_from_f32(float value) { return value != value ? 0x7fffffffu : ptx_raw_f32(value); }

// The result of f64 arithmetic: the first NaN among the operands, made quiet, or else the NaN that the operation makes.
static inline uint64_t ptx_from_f64(double value, uint64_t a, uint64_t b, uint64_t c)
{
    if (value == value) return ptx_raw_f64(value);
    const uint64_t quiet = UINT64_C(1) << 51, infinity = UINT64_C(0x7ff) << 52, magnitude = ~(UINT64_C(1) << 63);
    if ((a & magnitude) > infinity) return a | quiet;
    if ((b & magnitude) > infinity) return b | quiet;
    if ((c & magnitude) > infinity) return c | quiet;
    return UINT64_C(0xfff8) << 48;
}

#endif
