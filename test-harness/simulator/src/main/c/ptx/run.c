// run.c: blocks one after another, the threads of a block in turns: each runs until it ends, waits, or has had its turn.
#include "run.h"

#include <stdio.h>
#include <stdlib.h>

static const uint64_t MOST_SHARED = 1u << 20;

static bool cancelled(struct ptx_run *run)
{
    if (!run->launch->cancel || !__atomic_load_n(run->launch->cancel, __ATOMIC_RELAXED)) return false;
    run->status = PTX_CANCELLED;
    run->fault_text = "it was cancelled";
    return true;
}

// Registers of threads that have ended serve the next ones, so that a kernel without barriers keeps to one warm file.
static bool start_thread(struct ptx_run *run, struct ptx_thread *thread)
{
    const struct ptx_kernel *kernel = run->kernel;
    size_t bytes = kernel->slot_count * sizeof(uint64_t);
    struct ptx_register_file *file = run->free_files;
    if (file) {
        run->free_files = file->next;
    } else {
        file = calloc(1, sizeof *file + bytes + kernel->local_bytes);
        if (!file) {
            run->status = PTX_OUT_OF_MEMORY;
            run->fault_text = "the host has no memory left for its registers";
            return false;
        }
        file->every = run->all_files;
        run->all_files = file;
    }
    memcpy(file->slots, kernel->slots, bytes);
    thread->slots = file->slots;
    thread->at = kernel->code;
    ptx_fill_specials(run, (uint32_t)(thread - run->threads), file->slots);
    return true;
}

static void end_thread(struct ptx_run *run, struct ptx_thread *thread)
{
    struct ptx_register_file *file = (struct ptx_register_file *)(void *)((uint8_t *)thread->slots - offsetof(struct ptx_register_file,
        slots));
    run->launch->instructions += (uint64_t)(run->kernel->before[thread->at - run->kernel->code] + thread->balance);
    file->next = run->free_files;
    run->free_files = file;
    thread->slots = NULL;
}

static void tell_fault(struct ptx_run *run, const struct ptx_thread *thread)
{
    struct ptx_launch *launch = run->launch;
    const struct ptx_kernel *kernel = run->kernel;
    uint32_t index = (uint32_t)(thread - run->threads), line = thread->at ? kernel->lines[thread->at - kernel->code] : 0;
    int at = snprintf(launch->error, sizeof launch->error, "%.80s: block (%u,%u,%u), thread (%u,%u,%u), PTX line %u: ", kernel->name,
        run->block[0], run->block[1], run->block[2],
                      index % launch->block[0], index / launch->block[0] % launch->block[1], index / launch->block[0] / launch->block[1],
                          line);
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
    if (!thread->slots && !start_thread(run, thread)) {
        tell_fault(run, thread);
        return false;
    }
    enum ptx_stop stop = ptx_step(run, thread);
    if (stop == PTX_STOP_FAULT || (stop == PTX_STOP_TURN && cancelled(run))) {
        tell_fault(run, thread);
        end_thread(run, thread);
        return false;
    }
    if (stop == PTX_STOP_EXIT) {
        end_thread(run, thread);
        ptx_leave(run, thread);
    }
    return true;
}

static bool run_block(struct ptx_run *run)
{
    memset(run->threads, 0, run->thread_count * sizeof *run->threads);
    memset(run->barriers, 0, sizeof run->barriers);
    memset(run->shared, 0xcd, run->shared_bytes); // what a program finds there that it has not written is not zero
    run->done = 0;
    while (run->done < run->thread_count) {
        bool moved = false;
        for (uint32_t i = 0; i < run->thread_count; i++) {
            if (run->threads[i].state != PTX_READY) continue;
            moved = true;
            if (!run_thread(run, &run->threads[i])) return false;
        }
        if (cancelled(run) || !moved) {
            if (!moved) {
                run->status = PTX_ILLEGAL_INSTRUCTION;
                run->fault_text = "all threads of the block wait at barriers that none will complete; a GPU would hang";
            }
            uint32_t waiting = 0;
            while (waiting + 1 < run->thread_count && run->threads[waiting].state == PTX_DONE) waiting++;
            tell_fault(run, &run->threads[waiting]);
            return false;
        }
    }
    return true;
}

static void run_grid(struct ptx_run *run)
{
    const uint32_t *grid = run->launch->grid;
    for (run->block[2] = 0; run->block[2] < grid[2]; run->block[2]++) {
        for (run->block[1] = 0; run->block[1] < grid[1]; run->block[1]++) {
            for (run->block[0] = 0; run->block[0] < grid[0]; run->block[0]++) {
                if (!run_block(run)) return;
            }
        }
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

static void free_run(struct ptx_run *run)
{
    while (run->all_files) {
        struct ptx_register_file *next = run->all_files->every;
        free(run->all_files);
        run->all_files = next;
    }
    free(run->threads);
    free(run->shared);
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
    run.threads = calloc(run.thread_count, sizeof *run.threads);
    run.shared = run.shared_bytes <= MOST_SHARED ? malloc(run.shared_bytes + 1) : NULL;
    if (!run.threads || !run.shared) {
        snprintf(launch->error, sizeof launch->error, "%.80s: no room for %llu bytes of shared memory.", kernel->name,
            (unsigned long long)run.shared_bytes);
        run.status = PTX_OUT_OF_MEMORY;
    } else {
        run_grid(&run);
    }
    free_run(&run);
    return run.status;
}
