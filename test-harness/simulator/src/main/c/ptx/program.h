// program.h: what loading makes of PTX text, and running reads.
//
// Loading: module -> parser -> entry, function -> body -> operand, statement -> decode_* (which function of functions.h) -> emit;
// resolve, once all is read, puts addresses where they are used.
// Running: run (blocks and turns of threads) -> step (the loop) -> frame (calls), memory, barrier, warp, special, builtin.
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
    X(EXIT) X(TRAP) X(SKIP_UNLESS) X(SKIP_IF) X(BRANCH) X(BRANCH_IF) X(BRANCH_UNLESS) X(CALL) X(INVOKE) X(RETURN) X(YIELD) \
    X(LOCATE) X(ATOMIC) X(COPY) X(FENCE) X(BARRIER) X(BARRIER_ARRIVE) X(BARRIER_REDUCE) X(WARP_BARRIER) X(WARP_EXCHANGE) \
    X(CLOCK) X(CLOCK_HIGH) X(TIMER) X(TIMER_HIGH) \
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
        const struct ptx_call *invoked;
        ptx_atomic_function *atomic;
        uint64_t mask;           // accesses: ones over the width of the address
        int64_t weight;          // branches: what the count of executed PTX instructions gains when taken
    };
};

// What lanes of a warp exchange: `offset` of a WARP_EXCHANGE. a: member mask, b: what the lane offers, c and e: the second and
// third operand of a shuffle. mask: the slot of the predicate that a shuffle, match.all or elect sets besides, or 0; and
// PTX_CONVERGED where no mask is given, but those lanes take part that come to the instruction together.
enum ptx_exchange {
    PTX_SHUFFLE_UP, PTX_SHUFFLE_DOWN, PTX_SHUFFLE_XOR, PTX_SHUFFLE_INDEX,
    PTX_VOTE_ALL, PTX_VOTE_ANY, PTX_VOTE_UNIFORM, PTX_VOTE_BALLOT,
    PTX_MATCH_ANY, PTX_MATCH_ALL, PTX_ELECT, PTX_ACTIVE,
    PTX_REDUCE_ADD, PTX_REDUCE_MIN_U, PTX_REDUCE_MAX_U, PTX_REDUCE_MIN_S, PTX_REDUCE_MAX_S, PTX_REDUCE_AND, PTX_REDUCE_OR, PTX_REDUCE_XOR,
    PTX_MULTIPLY, PTX_MATRICES, PTX_MATRICES_TRANSPOSED // of matrices, see matrix.h
};
#define PTX_CONVERGED UINT64_C(0x10000)

// What a barrier with .red tells about the predicates: `mask` of a BARRIER_REDUCE.
enum ptx_reduction { PTX_REDUCED_POPC, PTX_REDUCED_AND, PTX_REDUCED_OR };

enum ptx_special {
    PTX_TID_X, PTX_TID_Y, PTX_TID_Z, PTX_NTID_X, PTX_NTID_Y, PTX_NTID_Z,
    PTX_CTAID_X, PTX_CTAID_Y, PTX_CTAID_Z, PTX_NCTAID_X, PTX_NCTAID_Y, PTX_NCTAID_Z,
    PTX_LANEID, PTX_WARPID, PTX_NWARPID, PTX_SMID, PTX_NSMID, PTX_GRIDID, PTX_ENVREG, PTX_ENVREG_1, PTX_ENVREG_2,
    PTX_LANEMASK_EQ, PTX_LANEMASK_LE, PTX_LANEMASK_LT, PTX_LANEMASK_GE, PTX_LANEMASK_GT,
    PTX_DYNAMIC_SMEM_SIZE, PTX_TOTAL_SMEM_SIZE, PTX_DYNAMIC_SMEM_START,
    PTX_SPECIALS
};

struct ptx_special_slot { enum ptx_special special; uint16_t slot; };

// Functions of the module have addresses in a window of their own, this far apart.
#define PTX_CODE_WINDOW UINT64_C(0xffffd00000000000)
#define PTX_CODE_STEP 16

struct ptx_run;
struct ptx_thread;
struct ptx_call;
// A function that the GPU's runtime provides; tells by false that the thread has failed.
typedef bool ptx_builtin(struct ptx_run *run, struct ptx_thread *thread, const struct ptx_call *call);
ptx_builtin ptx_vprintf, ptx_assertfail; // print.c

// Results and arguments of a function: where each lies among the parameters of its frame.
struct ptx_shape {
    struct ptx_parameter *results, *arguments;
    size_t result_count, argument_count, result_capacity, argument_capacity;
};

// A call instruction: the same as the caller sees it.
struct ptx_call {
    struct ptx_kernel *target; // NULL: the slot holds its address
    uint16_t slot;
    struct ptx_shape shape;
};

struct ptx_call_record { struct ptx_call_record *next; struct ptx_call call; };

// An .entry, or a .func.
//
// Its parameter space: [0, parameter_bytes) are those of the launch, from frame_base on what lies in the frame of each call: results
// and arguments of a function, and .param variables of its body.
struct ptx_kernel {
    const struct ptx_module *module;
    struct ptx_kernel *next;
    const char *name;
    bool is_function, is_used; // used: called, or its address taken
    uint64_t address;          // of a function
    struct ptx_shape shape;    // of a function
    ptx_builtin *builtin;      // of a function that the runtime provides

    struct ptx_parameter *parameters; // of the launch
    size_t parameter_count, parameter_capacity;
    uint32_t parameter_bytes, frame_base;
    uint64_t frame_bytes;

    struct ptx_insn *code;
    uint32_t *lines;   // PTX line of each instruction
    uint32_t *before;  // PTX instructions before each instruction: one of them may be decoded to several
    size_t count, code_capacity, lines_capacity, before_capacity;

    uint64_t *slots;      // what the slots of a thread hold at its start: constants, and zeros
    size_t slot_count, slots_capacity;
    uint16_t *local_slots; // those that hold addresses of the function's own local variables, which each call moves
    size_t local_slot_count, local_slot_capacity;
    struct ptx_special_slot specials[PTX_SPECIALS];
    uint32_t special_count, register_count;

    uint64_t local_bytes, shared_bytes; // shared_bytes: static, then rounded up to where dynamic shared memory begins
    uint32_t static_shared_bytes, dynamic_align;
    uint32_t max_threads, required_block[3];
};

// Initial bytes of a variable, and addresses of others in it.
struct ptx_initial { uint64_t offset; const uint8_t *bytes; size_t length; };
struct ptx_relocation { uint64_t offset, distance; const struct ptx_symbol *target; };

struct ptx_module {
    struct ptx_arena arena;
    struct ptx_memory memory;
    struct ptx_symbols symbols;
    struct ptx_kernel *kernels;    // functions too
    struct ptx_kernel **functions; // by address
    size_t function_count, function_capacity;
    struct ptx_call_record *calls;
    uint64_t shared_bytes, shared_align; // of variables that functions reach: at the same place under every kernel
    bool has_functions;
    uint64_t address, bytes, align, const_bytes; // of all module variables together
    struct ptx_initial *initials;
    struct ptx_relocation *relocations;
    size_t initial_count, initial_capacity, relocation_count, relocation_capacity;
    uint32_t version, target;
};

#endif
