// special.c: values of the special registers.
#include <time.h>

#include "run.h"

static uint32_t special(const struct ptx_run *run, uint32_t thread, enum ptx_special name)
{
    const uint32_t *block = run->launch->block, *grid = run->launch->grid;
    uint32_t lane = thread % PTX_WARP, threads = block[0] * block[1] * block[2];
    switch (name) {
    case PTX_TID_X: return thread % block[0];
    case PTX_TID_Y: return thread / block[0] % block[1];
    case PTX_TID_Z: return thread / block[0] / block[1];
    case PTX_NTID_X: return block[0];
    case PTX_NTID_Y: return block[1];
    case PTX_NTID_Z: return block[2];
    case PTX_CTAID_X: return run->block[0];
    case PTX_CTAID_Y: return run->block[1];
    case PTX_CTAID_Z: return run->block[2];
    case PTX_NCTAID_X: return grid[0];
    case PTX_NCTAID_Y: return grid[1];
    case PTX_NCTAID_Z: return grid[2];
    case PTX_LANEID: return lane;
    case PTX_WARPID: return thread / PTX_WARP;
    case PTX_NWARPID: return (threads + PTX_WARP - 1) / PTX_WARP;
    case PTX_LANEMASK_EQ: return 1u << lane;
    case PTX_LANEMASK_LE: return UINT32_MAX >> (31 - lane);
    case PTX_LANEMASK_LT: return (1u << lane) - 1;
    case PTX_LANEMASK_GE: return UINT32_MAX << lane;
    case PTX_LANEMASK_GT: return lane == 31 ? 0 : UINT32_MAX << (lane + 1);
    case PTX_DYNAMIC_SMEM_SIZE: return run->launch->dynamic_shared_bytes;
    case PTX_TOTAL_SMEM_SIZE: return (uint32_t)run->shared_bytes;
    case PTX_SPECIALS: break;
    }
    return 0;
}

void ptx_fill_specials(const struct ptx_run *run, uint32_t thread, uint64_t *slots)
{
    const struct ptx_kernel *kernel = run->kernel;
    for (uint32_t i = 0; i < kernel->special_count; i++) slots[kernel->specials[i].slot] = special(run, thread,
        kernel->specials[i].special);
}

uint64_t ptx_timer(const struct ptx_run *run)
{
    if (run->launch->clock_ns) return run->launch->clock_ns(run->launch->clock_context);
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
