// run.c: blocks one after another, the threads of a block in turns: each runs until it ends, waits, or has had its turn. The blocks
// of a cooperative grid are all there at once and take turns too.
#include "run.h"

#include <stdio.h>
#include <stdlib.h>

static const uint64_t MOST_SHARED = 1u << 20, MOST_TOGETHER = 1u << 16;

static bool cancelled(struct ptx_run *run)
{
    if (!run->launch->cancel || !__atomic_load_n(run->launch->cancel, __ATOMIC_RELAXED)) return false;
    run->status = PTX_CANCELLED;
    run->fault_text = "it was cancelled";
    return true;
}

static void tell_fault(struct ptx_run *run, const struct ptx_thread *thread)
{
    struct ptx_launch *launch = run->launch;
    const struct ptx_kernel *code = thread->frame ? thread->frame->code : run->kernel;
    const uint32_t *place = run->block->place, *block = launch->block;
    uint32_t index = (uint32_t)(thread - run->block->threads), line = thread->frame ? code->lines[thread->at - code->code] : 0;
    int at = snprintf(launch->error, sizeof launch->error, "%.80s: block (%u,%u,%u), thread (%u,%u,%u), PTX line %u: ", code->name, place[0],
        place[1], place[2], index % block[0], index / block[0] % block[1], index / block[0] / block[1], line);
    if (at < 0 || (size_t)at >= sizeof launch->error) return;
    size_t left = sizeof launch->error - (size_t)at;
    if (run->status == PTX_ILLEGAL_ADDRESS)
        snprintf(launch->error + at, left, "%u bytes at 0x%llx are no allocated %s memory.", run->fault_bytes,
            (unsigned long long)run->fault_address, run->fault_text);
    else if (run->status == PTX_MISALIGNED)
        snprintf(launch->error + at, left, "0x%llx is no address for an access of %u bytes (misaligned).",
            (unsigned long long)run->fault_address, run->fault_bytes);
    else
        snprintf(launch->error + at, left, "%s.", run->fault_text);
}

// Gives the thread its turn. False when the grid must end.
static bool run_thread(struct ptx_run *run, struct ptx_thread *thread)
{
    if (!thread->frame && !ptx_start_thread(run, thread)) {
        tell_fault(run, thread);
        return false;
    }
    enum ptx_stop stop = ptx_step(run, thread);
    if (stop == PTX_STOP_FAULT || (stop == PTX_STOP_TURN && cancelled(run))) {
        tell_fault(run, thread);
        ptx_end_thread(run, thread);
        return false;
    }
    if (stop == PTX_STOP_EXIT) {
        ptx_end_thread(run, thread);
        ptx_leave(run, thread);
    }
    return true;
}

static void begin_block(struct ptx_run *run, struct ptx_block *block, uint32_t x, uint32_t y, uint32_t z)
{
    memset(block->threads, 0, run->thread_count * sizeof *block->threads);
    memset(block->barriers, 0, sizeof block->barriers);
    memset(block->shared, 0xcd, run->shared_bytes); // what a program finds there that it has not written is not zero
    block->done = block->converging = 0;
    block->place[0] = x;
    block->place[1] = y;
    block->place[2] = z;
}

// Gives each thread of the block that can run its turn. *moved: whether there was one. False when the grid must end.
static bool run_round(struct ptx_run *run, struct ptx_block *block, bool *moved)
{
    run->block = block;
    for (uint32_t i = 0; i < run->thread_count; i++) {
        if (block->threads[i].state != PTX_READY) continue;
        *moved = true;
        if (!run_thread(run, &block->threads[i])) return false;
    }
    if (block->converging) {
        *moved = true;
        ptx_converge(run);
    }
    return true;
}

// Ends the grid where it stands: when it was cancelled, or when no thread can ever go on. True: it may go on.
static bool may_go_on(struct ptx_run *run, bool moved)
{
    if (moved && !cancelled(run)) return true;
    if (!moved) {
        run->status = PTX_ILLEGAL_INSTRUCTION;
        run->fault_text = "all threads wait at barriers that none will complete; a GPU would hang";
    }
    uint32_t waiting = 0;
    while (waiting + 1 < run->thread_count && run->block->threads[waiting].state == PTX_DONE) waiting++;
    tell_fault(run, &run->block->threads[waiting]);
    return false;
}

static bool run_block(struct ptx_run *run, struct ptx_block *block, uint32_t x, uint32_t y, uint32_t z)
{
    begin_block(run, block, x, y, z);
    while (block->done < run->thread_count) {
        bool moved = false;
        if (!run_round(run, block, &moved) || !may_go_on(run, moved)) return false;
    }
    return true;
}

static void run_one_by_one(struct ptx_run *run, struct ptx_block *block)
{
    const uint32_t *grid = run->launch->grid;
    for (uint32_t z = 0; z < grid[2]; z++) {
        for (uint32_t y = 0; y < grid[1]; y++) {
            for (uint32_t x = 0; x < grid[0]; x++) {
                if (!run_block(run, block, x, y, z)) return;
            }
        }
    }
}

static void run_together(struct ptx_run *run, struct ptx_block *blocks, uint32_t count)
{
    const uint32_t *grid = run->launch->grid;
    for (uint32_t i = 0; i < count; i++) begin_block(run, &blocks[i], i % grid[0], i / grid[0] % grid[1], i / grid[0] / grid[1]);
    for (uint32_t live = count; live > 0;) {
        bool moved = false;
        live = 0;
        for (uint32_t i = 0; i < count; i++) {
            if (blocks[i].done == run->thread_count) continue;
            if (!run_round(run, &blocks[i], &moved)) return;
            live += blocks[i].done < run->thread_count;
        }
        if (live && !may_go_on(run, moved)) return;
    }
}

static enum ptx_status check_shape(const struct ptx_kernel *kernel, struct ptx_launch *launch)
{
    const uint32_t *block = launch->block, *required = kernel->required_block;
    bool empty = !launch->grid[0] || !launch->grid[1] || !launch->grid[2] || !block[0] || !block[1] || !block[2];
    bool large = block[0] > 1024 || block[1] > 1024 || block[2] > 1024 || (uint64_t)block[0] * block[1] * block[2] > kernel->max_threads;
    bool other = required[0] && (block[0] != required[0] || block[1] != required[1] || block[2] != required[2]);
    if (!empty && !large && !other) return PTX_OK;
    snprintf(launch->error, sizeof launch->error,
        "%.80s: a grid of %ux%ux%u blocks of %ux%ux%u threads cannot be launched; the kernel takes blocks of at most %u threads%s.",
        kernel->name,
             launch->grid[0], launch->grid[1], launch->grid[2], block[0], block[1], block[2], kernel->max_threads, other
                 ? ", in the shape that its .reqntid says" : "");
    return PTX_INVALID_LAUNCH;
}

static bool make_blocks(struct ptx_run *run, struct ptx_block *blocks, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        blocks[i].threads = calloc(run->thread_count, sizeof *blocks[i].threads);
        blocks[i].shared = run->shared_bytes <= MOST_SHARED ? malloc(run->shared_bytes + 1) : NULL;
        if (!blocks[i].threads || !blocks[i].shared) return false;
    }
    return true;
}

static void free_blocks(struct ptx_block *blocks, uint32_t count)
{
    for (uint32_t i = 0; blocks && i < count; i++) {
        free(blocks[i].threads);
        free(blocks[i].shared);
    }
    free(blocks);
}

static void run_grid(struct ptx_run *run, uint64_t count)
{
    struct ptx_launch *launch = run->launch;
    struct ptx_block *blocks = count <= MOST_TOGETHER ? calloc(count, sizeof *blocks) : NULL;
    if (!blocks || !make_blocks(run, blocks, (uint32_t)count)) {
        snprintf(launch->error, sizeof launch->error, "%.80s: no room for %llu blocks at once, with %llu bytes of shared memory each.",
            run->kernel->name, (unsigned long long)count, (unsigned long long)run->shared_bytes);
        run->status = PTX_OUT_OF_MEMORY;
    } else if (launch->cooperative) {
        run_together(run, blocks, (uint32_t)count);
    } else {
        run_one_by_one(run, blocks);
    }
    free_blocks(blocks, (uint32_t)count);
    ptx_free_frames(run);
}

enum ptx_status ptx_run(const struct ptx_kernel *kernel, struct ptx_launch *launch)
{
    launch->instructions = 0;
    launch->error[0] = 0;
    enum ptx_status shape = check_shape(kernel, launch);
    if (shape != PTX_OK) return shape;
    struct ptx_run run = {.kernel = kernel, .launch = launch, .memory = kernel->module->memory};
    run.thread_count = launch->block[0] * launch->block[1] * launch->block[2];
    run.shared_bytes = launch->dynamic_shared_bytes ? kernel->shared_bytes + launch->dynamic_shared_bytes : kernel->static_shared_bytes;
    unsigned __int128 blocks = (unsigned __int128)launch->grid[0] * launch->grid[1] * launch->grid[2];
    run_grid(&run, !launch->cooperative ? 1 : blocks > UINT32_MAX ? UINT32_MAX : (uint64_t)blocks);
    return run.status;
}
