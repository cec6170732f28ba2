// program.h: what loading makes of PTX text, and running reads.
//
// Loading: module -> parser -> entry -> body -> operand, statement -> decode_* (which function of functions.h) -> emit.
// Running: run (blocks and turns of threads) -> step (the loop) -> memory, barrier, warp, special.
#ifndef SLUICE_PTX_PROGRAM_H
#define SLUICE_PTX_PROGRAM_H

#include "arena.h"
#include "hot.h"
#include "ptx.h"
#include "symbols.h"

// X(name) for each instruction that is not a function of its operands. `a` is mostly a slot that holds an address.
#define PTX_ACCESSES(X, space) \
    X(LOAD_##space##_1) X(LOAD_##space##_2) X(LOAD_##space##_4) X(LOAD_##space##_8) \
    X(STORE_##space##_1) X(STORE_##space##_2) X(STORE_##space##_4) X(STORE_##space##_8)
#define PTX_CONTROLS(X) \
    X(EXIT) X(TRAP) X(SKIP_UNLESS) X(SKIP_IF) X(BRANCH) X(BRANCH_IF) X(BRANCH_UNLESS) X(CALL) \
    X(LOCATE) X(ATOMIC) X(FENCE) X(BARRIER) X(BARRIER_ARRIVE) X(WARP_BARRIER) X(WARP_EXCHANGE) X(CLOCK) X(CLOCK_HIGH) X(TIMER) X(TIMER_HIGH) \
    PTX_ACCESSES(X, GLOBAL) PTX_ACCESSES(X, SHARED) PTX_ACCESSES(X, LOCAL) PTX_ACCESSES(X, PARAM) PTX_ACCESSES(X, GENERIC)

enum ptx_op {
#define PTX_CONTROL_OP(name) PTX_OP_##name,
#define PTX_HOT_OP(name, value) PTX_OP_HOT_##name,
    PTX_CONTROLS(PTX_CONTROL_OP) PTX_HOT(PTX_HOT_OP)
#undef PTX_CONTROL_OP
#undef PTX_HOT_OP
    PTX_OPS
};

// 24 bytes. d, a, b, c, e are slots of the thread, whether they hold a register, a constant or a special register.
struct ptx_insn {
    uint16_t op, d, a, b, c, e;  // e of a global access: its line in the cache of allocations
    int32_t offset;              // accesses: bytes to add to the address. Branches and skips: instructions to go on
    union {
        ptx_function *call;
        ptx_atomic_function *atomic;
        uint64_t mask;           // accesses: ones over the width of the address
        int64_t weight;          // branches: what the count of executed PTX instructions gains when taken
    };
};

// What lanes of a warp exchange: `offset` of a WARP_EXCHANGE. a: member mask, b: what the lane offers, c and e: the second and
// third operand of a shuffle, mask: the slot of its predicate, or 0.
enum ptx_exchange {
    PTX_SHUFFLE_UP, PTX_SHUFFLE_DOWN, PTX_SHUFFLE_XOR, PTX_SHUFFLE_INDEX,
    PTX_VOTE_ALL, PTX_VOTE_ANY, PTX_VOTE_UNIFORM, PTX_VOTE_BALLOT
};

enum ptx_special {
    PTX_TID_X, PTX_TID_Y, PTX_TID_Z, PTX_NTID_X, PTX_NTID_Y, PTX_NTID_Z,
    PTX_CTAID_X, PTX_CTAID_Y, PTX_CTAID_Z, PTX_NCTAID_X, PTX_NCTAID_Y, PTX_NCTAID_Z,
    PTX_LANEID, PTX_WARPID, PTX_NWARPID,
    PTX_LANEMASK_EQ, PTX_LANEMASK_LE, PTX_LANEMASK_LT, PTX_LANEMASK_GE, PTX_LANEMASK_GT,
    PTX_DYNAMIC_SMEM_SIZE, PTX_TOTAL_SMEM_SIZE,
    PTX_SPECIALS
};

struct ptx_special_slot { enum ptx_special special; uint16_t slot; };

struct ptx_kernel {
    const struct ptx_module *module;
    struct ptx_kernel *next;
    const char *name;

    struct ptx_parameter *parameters;
    size_t parameter_count, parameter_capacity;
    uint32_t parameter_bytes;

    struct ptx_insn *code;
    uint32_t *lines;   // PTX line of each instruction
    uint32_t *before;  // PTX instructions before each instruction: one of them may be decoded to several
    size_t count, code_capacity, lines_capacity, before_capacity;

    uint64_t *slots;      // what the slots of a thread hold at its start: constants, and zeros
    uint8_t *slot_places; // 1 where the slot holds the address of a module variable, 2 of the dynamic shared memory
    size_t slot_count, slots_capacity, places_capacity;
    struct ptx_special_slot specials[PTX_SPECIALS];
    uint32_t special_count, register_count;

    uint64_t local_bytes, shared_bytes; // shared_bytes: static, then rounded up to where dynamic shared memory begins
    uint32_t static_shared_bytes, dynamic_align;
    uint32_t max_threads, required_block[3];
};

// Initial bytes of a variable, and addresses of others in it.
struct ptx_initial { uint64_t offset; const uint8_t *bytes; size_t length; };
struct ptx_relocation { uint64_t offset, target; };

struct ptx_module {
    struct ptx_arena arena;
    struct ptx_memory memory;
    struct ptx_symbols symbols;
    struct ptx_kernel *kernels;
    uint64_t address, bytes, align, const_bytes; // of all module variables together
    struct ptx_initial *initials;
    struct ptx_relocation *relocations;
    size_t initial_count, initial_capacity, relocation_count, relocation_capacity;
    uint32_t version, target;
};

#endif
