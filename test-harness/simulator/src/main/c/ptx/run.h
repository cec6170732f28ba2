// run.h: a grid on its way.
#ifndef SLUICE_PTX_RUN_H
#define SLUICE_PTX_RUN_H

#include "program.h"

enum { PTX_WARP = 32, PTX_BARRIERS = 16, PTX_CACHED = 16 };

enum ptx_state { PTX_READY, PTX_AT_BARRIER, PTX_AT_WARP_BARRIER, PTX_CONVERGING, PTX_DONE };

// What one call of a kernel or function has: its registers and constants, and behind them its part of the parameter space.
struct ptx_frame {
    struct ptx_frame *next, *every; // among the free ones, among all of the run
    uint32_t size_class;
    struct ptx_frame *caller;       // NULL: the kernel's own
    const struct ptx_kernel *code;
    const struct ptx_call *call;    // how it came to be, and where it goes on afterwards
    const struct ptx_insn *back;
    uint64_t local_base;            // bytes of local memory that its callers have
    uint32_t depth_bytes;           // of the stack, up to and with this frame
    uint64_t slots[];
};

struct ptx_thread {
    struct ptx_frame *frame; // NULL before the thread's first and after its last instruction
    uint64_t *slots;         // of the frame
    const struct ptx_insn *at;
    int64_t balance;   // executed PTX instructions, less those that stand before `at`
    uint8_t *local;    // local memory of all frames
    uint64_t local_bytes, local_room;
    struct ptx_frame *local_block; // what holds it, where the kernel's frame is too small
    enum ptx_state state;
    uint32_t waits_for; // barrier, or lanes of the warp
    uint64_t offered;   // to the other lanes of the warp, or to a barrier that reduces
};

// What is known of an allocation of device memory. Valid as long as the grid runs.
struct ptx_allocation { uint64_t base, bytes; uint8_t *host; };

struct ptx_barrier { uint32_t arrived, set, expected; };

struct ptx_block {
    struct ptx_thread *threads;
    uint8_t *shared;
    uint32_t done, converging, place[3];
    struct ptx_barrier barriers[PTX_BARRIERS];
};

enum { PTX_FRAME_CLASSES = 40 };

struct ptx_run {
    const struct ptx_kernel *kernel;
    struct ptx_launch *launch;
    struct ptx_memory memory;
    struct ptx_allocation cache[PTX_CACHED];

    struct ptx_block *block; // the one that runs
    uint32_t thread_count;   // of a block
    uint64_t shared_bytes;
    struct ptx_frame *free_frames[PTX_FRAME_CLASSES], *all_frames;
    uint64_t grid_words[8];  // what the blocks of a cooperative grid meet by

    enum ptx_status status;
    uint64_t fault_address;
    uint32_t fault_bytes;
    const char *fault_text;
};

// step.c: runs a thread until it ends, waits, has had its turn, or fails.
enum ptx_stop { PTX_STOP_EXIT, PTX_STOP_TURN, PTX_STOP_WAIT, PTX_STOP_FAULT };
enum ptx_stop ptx_step(struct ptx_run *run, struct ptx_thread *thread);

// memory.c: finds the host's bytes, or records the fault and returns NULL.
uint8_t *ptx_find_allocation(struct ptx_run *run, struct ptx_allocation *cached, uint64_t address, uint32_t bytes);
uint8_t *ptx_generic(struct ptx_run *run, struct ptx_thread *thread, const struct ptx_insn *insn, uint64_t address, uint32_t bytes);
uint8_t *ptx_access_fault(struct ptx_run *run, uint64_t address, uint32_t bytes, const char *memory);
bool ptx_copy(struct ptx_run *run, struct ptx_thread *thread, const struct ptx_insn *insn);
uint8_t *ptx_atomic_place(struct ptx_run *run, struct ptx_thread *thread, const struct ptx_insn *insn, uint64_t address);

// barrier.c: sets the state of the thread that arrives, and of all that it releases. False: there is no such barrier.
bool ptx_arrive(struct ptx_run *run, struct ptx_thread *thread, const struct ptx_insn *insn);
void ptx_leave(struct ptx_run *run, struct ptx_thread *thread);

// warp.c: the same for the lanes of a warp; insn is a WARP_BARRIER or WARP_EXCHANGE.
void ptx_arrive_at_warp(struct ptx_run *run, struct ptx_thread *thread, const struct ptx_insn *insn);
void ptx_leave_warp(struct ptx_run *run, const struct ptx_thread *thread);
// Lets those of the block go on that wait at an instruction without a mask, each with those that came to the same.
void ptx_converge(struct ptx_run *run);

// special.c
void ptx_fill_specials(const struct ptx_run *run, uint32_t thread, const struct ptx_kernel *code, uint64_t *slots);
uint64_t ptx_timer(const struct ptx_run *run);

// frame.c: beginning and end of threads, calls and returns. False, or NULL: the fault is recorded.
bool ptx_start_thread(struct ptx_run *run, struct ptx_thread *thread);
void ptx_end_thread(struct ptx_run *run, struct ptx_thread *thread);
bool ptx_invoke(struct ptx_run *run, struct ptx_thread *thread, const struct ptx_insn *insn);
void ptx_return(struct ptx_run *run, struct ptx_thread *thread);
void ptx_free_frames(struct ptx_run *run);
// Executed PTX instructions since the thread began.
uint64_t ptx_executed(const struct ptx_thread *thread, const struct ptx_insn *at, int64_t balance);

static inline uint8_t *ptx_within(struct ptx_run *run, uint8_t *memory, uint64_t size, uint64_t address, uint32_t bytes, const char *name)
{
    if (__builtin_expect((address & (bytes - 1)) == 0 && address < size && size - address >= bytes, 1)) return memory + address;
    return ptx_access_fault(run, address, bytes, name);
}

static inline uint8_t *ptx_global(struct ptx_run *run, const struct ptx_insn *insn, uint64_t address, uint32_t bytes)
{
    struct ptx_allocation *cached = &run->cache[insn->e];
    uint64_t into = address - cached->base;
    if (__builtin_expect((address & (bytes - 1)) == 0 && into < cached->bytes && cached->bytes - into >= bytes, 1))
        return cached->host + into;
    return ptx_find_allocation(run, cached, address, bytes);
}

static inline uint8_t *ptx_shared(struct ptx_run *run, uint64_t address, uint32_t bytes)
{
    return ptx_within(run, run->block->shared, run->shared_bytes, address, bytes, "shared");
}

static inline uint8_t *ptx_local(struct ptx_run *run, struct ptx_thread *thread, uint64_t address, uint32_t bytes)
{
    return ptx_within(run, thread->local, thread->local_bytes, address, bytes, "local");
}

// The parameters of a frame; those of the launch are looked up where this is called.
static inline uint8_t *ptx_frame_parameters(const struct ptx_frame *frame) { return (uint8_t *)(uintptr_t)(frame->slots + frame->code->slot_count); }

static inline uint8_t *ptx_parameter(struct ptx_run *run, struct ptx_thread *thread, uint64_t address, uint32_t bytes)
{
    const struct ptx_kernel *code = thread->frame->code;
    if (address < code->parameter_bytes)
        return ptx_within(run, (uint8_t *)(uintptr_t)run->launch->parameters, code->parameter_bytes, address, bytes, "parameter");
    if (address & (bytes - 1)) return ptx_access_fault(run, address, bytes, "parameter");
    return ptx_within(run, ptx_frame_parameters(thread->frame), code->frame_bytes, address - code->frame_base, bytes, "parameter");
}

#endif
