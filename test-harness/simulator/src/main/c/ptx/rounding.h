// rounding.h: computing in one of the four roundings. The operands and the result must be volatile variables, so that the
// computation stays between the two calls.
#ifndef SLUICE_PTX_ROUNDING_H
#define SLUICE_PTX_ROUNDING_H

#include <fenv.h>

#include "functions.h"

static inline void ptx_round_as(uint64_t rounding)
{
    static const int MODES[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD};
    if (rounding != PTX_ROUND_NEAREST) fesetround(MODES[rounding & 3]);
}

static inline void ptx_round_nearest_after(uint64_t rounding)
{
    if (rounding != PTX_ROUND_NEAREST) fesetround(FE_TONEAREST);
}

#endif
