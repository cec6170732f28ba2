// run.h: a grid on its way.
#ifndef SLUICE_PTX_RUN_H
#define SLUICE_PTX_RUN_H

#include "program.h"

enum { PTX_WARP = 32, PTX_BARRIERS = 16, PTX_CACHED = 16 };

enum ptx_state { PTX_READY, PTX_AT_BARRIER, PTX_AT_WARP_BARRIER, PTX_DONE };

struct ptx_thread {
    uint64_t *slots; // registers and constants, local memory behind them. NULL before the thread's first and after its last instruction
    const struct ptx_insn *at;
    int64_t balance; // executed PTX instructions, less those that stand before `at`
    enum ptx_state state;
    uint32_t waits_for; // barrier, or lanes of the warp
    uint64_t offered;   // to the other lanes of the warp
};

// What is known of an allocation of device memory. Valid as long as the grid runs.
struct ptx_allocation { uint64_t base, bytes; uint8_t *host; };

struct ptx_barrier { uint32_t arrived, expected; };

struct ptx_register_file { struct ptx_register_file *next, *every; uint64_t slots[]; };

struct ptx_run {
    const struct ptx_kernel *kernel;
    struct ptx_launch *launch;
    struct ptx_memory memory;
    struct ptx_allocation cache[PTX_CACHED];

    uint8_t *shared;
    uint64_t shared_bytes;
    struct ptx_thread *threads; // of the block that runs
    uint32_t thread_count, done, block[3];
    struct ptx_barrier barriers[PTX_BARRIERS];
    struct ptx_register_file *free_files, *all_files;

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
uint8_t *ptx_atomic_place(struct ptx_run *run, struct ptx_thread *thread, const struct ptx_insn *insn, uint64_t address);

// barrier.c: sets the state of the thread that arrives, and of all that it releases. False: there is no such barrier.
bool ptx_arrive(struct ptx_run *run, struct ptx_thread *thread, const struct ptx_insn *insn, bool waits);
void ptx_leave(struct ptx_run *run, struct ptx_thread *thread);

// warp.c: the same for the lanes of a warp; insn is a WARP_BARRIER or WARP_EXCHANGE.
void ptx_arrive_at_warp(struct ptx_run *run, struct ptx_thread *thread, const struct ptx_insn *insn);
void ptx_leave_warp(struct ptx_run *run, const struct ptx_thread *thread);

// special.c
void ptx_fill_specials(const struct ptx_run *run, uint32_t thread, uint64_t *slots);
uint64_t ptx_timer(const struct ptx_run *run);

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

static inline uint8_t *ptx_local(struct ptx_run *run, struct ptx_thread *thread, uint64_t address, uint32_t bytes)
{
    return ptx_within(run, (uint8_t *)(thread->slots + run->kernel->slot_count), run->kernel->local_bytes, address, bytes, "local");
}

#endif
