// special.c: values of the special registers.
#include <time.h>

#include "run.h"

static uint32_t linear_block(const struct ptx_run *run)
{
    const uint32_t *place = run->block->place, *grid = run->launch->grid;
    return (place[2] * grid[1] + place[1]) * grid[0] + place[0];
}

static uint64_t special(const struct ptx_run *run, uint32_t thread, enum ptx_special name)
{
    const uint32_t *block = run->launch->block, *grid = run->launch->grid;
    uint32_t lane = thread % PTX_WARP, threads = block[0] * block[1] * block[2], sms = run->launch->sms ? run->launch->sms : 1;
    switch (name) {
    case PTX_TID_X: return thread % block[0];
    case PTX_TID_Y: return thread / block[0] % block[1];
    case PTX_TID_Z: return thread / block[0] / block[1];
    case PTX_NTID_X: return block[0];
    case PTX_NTID_Y: return block[1];
    case PTX_NTID_Z: return block[2];
    case PTX_CTAID_X: return run->block->place[0];
    case PTX_CTAID_Y: return run->block->place[1];
    case PTX_CTAID_Z: return run->block->place[2];
    case PTX_NCTAID_X: return grid[0];
    case PTX_NCTAID_Y: return grid[1];
    case PTX_NCTAID_Z: return grid[2];
    case PTX_LANEID: return lane;
    case PTX_WARPID: return thread / PTX_WARP;
    case PTX_NWARPID: return (threads + PTX_WARP - 1) / PTX_WARP;
    case PTX_SMID: return linear_block(run) % sms;
    case PTX_NSMID: return sms;
    case PTX_GRIDID: return run->launch->grid_id;
    case PTX_ENVREG: return 0;
    case PTX_ENVREG_1: return run->launch->cooperative ? PTX_GRID_WINDOW >> 32 : 0;
    case PTX_ENVREG_2: return run->launch->cooperative ? (uint32_t)PTX_GRID_WINDOW : 0;
    case PTX_LANEMASK_EQ: return 1u << lane;
    case PTX_LANEMASK_LE: return UINT32_MAX >> (31 - lane);
    case PTX_LANEMASK_LT: return (1u << lane) - 1;
    case PTX_LANEMASK_GE: return UINT32_MAX << lane;
    case PTX_LANEMASK_GT: return lane == 31 ? 0 : UINT32_MAX << (lane + 1);
    case PTX_DYNAMIC_SMEM_SIZE: return run->launch->dynamic_shared_bytes;
    case PTX_TOTAL_SMEM_SIZE: return (uint32_t)run->shared_bytes;
    case PTX_DYNAMIC_SMEM_START: return run->kernel->shared_bytes;
    case PTX_SPECIALS: break;
    }
    return 0;
}

void ptx_fill_specials(const struct ptx_run *run, uint32_t thread, const struct ptx_kernel *code, uint64_t *slots)
{
    for (uint32_t i = 0; i < code->special_count; i++) slots[code->specials[i].slot] = special(run, thread, code->specials[i].special);
}

uint64_t ptx_timer(const struct ptx_run *run)
{
    if (run->launch->clock_ns) return run->launch->clock_ns(run->launch->clock_context);
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
