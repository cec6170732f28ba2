// ptx.h: reads PTX text and runs its kernels on the CPU. Knows nothing of contexts, streams or processes.
#ifndef SLUICE_PTX_H
#define SLUICE_PTX_H

#include <stddef.h>
#include <stdint.h>

struct ptx_module;
struct ptx_kernel;

// Generic addresses: shared and local memory appear in these two windows, so no device memory may lie there. All other
// addresses are global.
#define PTX_SHARED_WINDOW UINT64_C(0xffffe00000000000)
#define PTX_LOCAL_WINDOW UINT64_C(0xfffff00000000000)
#define PTX_WINDOW_BYTES UINT64_C(0x100000000)
// Where a cooperative grid finds the memory that its blocks meet by (%envreg1 and %envreg2); also no device memory.
#define PTX_GRID_WINDOW UINT64_C(0xffffc00000000000)

// Where a failure is told: a sentence with line and opcode, as the driver's JIT log would have it. Always terminated.
struct ptx_log { char *text; size_t size; };

enum ptx_status {
    PTX_OK = 0,
    PTX_INVALID,          // not PTX, or malformed: CUDA_ERROR_INVALID_PTX (218)
    PTX_UNSUPPORTED,      // well formed, beyond this interpreter: also 218, the log names line and opcode
    PTX_ILLEGAL_ADDRESS,  // 700
    PTX_MISALIGNED,       // 716
    PTX_ILLEGAL_INSTRUCTION, // 715 (trap, brk …)
    PTX_OUT_OF_MEMORY,       // the host's, the context's (from alloc), or more registers x threads than can be held
    PTX_INVALID_LAUNCH,      // block larger than .maxntid, not the .reqntid, or empty: 1 or 701
    PTX_CANCELLED,           // *cancel was set
    PTX_ASSERTED,            // 710: a device-side assert, already printed
    PTX_STACK_OVERFLOW,      // 714: runaway recursion
    PTX_TOO_NEW,             // a .version later than ptx_limits.version: 222
    PTX_UNRESOLVED           // an .extern that nothing defines: 218
};

// Parses and decodes once. The module owns host copies of nothing: global and constant variables get memory from `alloc`
// (device memory of the context that loads it; returns 0 when there is none) and are initialised there.
struct ptx_memory {
    void *context;
    uint64_t (*alloc)(void *context, uint64_t bytes, uint64_t align);
    void (*release)(void *context, uint64_t address);
    // Host pointer for [address, address+bytes) of device memory, or NULL if any byte of it is not allocated. Thread-safe, hot.
    void *(*translate)(void *context, uint64_t address, uint64_t bytes);
    // The allocation that holds address: sets [*base, *end) so that the interpreter can cache it; 0 if none. `host` = host pointer of *base.
    int (*range)(void *context, uint64_t address, uint64_t *base, uint64_t *end, void **host);
};
// What the driver and the GPU can do at most; 0 for no limit. version: as 82 for 8.2. target: as 80 for sm_80.
struct ptx_limits { uint32_t version, target; };
enum ptx_status ptx_load(const char *text, size_t length, const struct ptx_memory *memory, struct ptx_module **module, struct ptx_log *log);
// The same of several texts, linked: what one declares .extern another may define as .visible.
struct ptx_text { const char *at; size_t length; };
enum ptx_status ptx_load_linked(const struct ptx_text *texts, size_t count, const struct ptx_memory *memory, const struct ptx_limits *limits,
    struct ptx_module **module, struct ptx_log *log);
// Reads texts as loading them would, and keeps nothing. complete: what is .extern must be there, too.
enum ptx_status ptx_check(const struct ptx_text *texts, size_t count, const struct ptx_limits *limits, int complete, struct ptx_log *log);
void ptx_unload(struct ptx_module *module);

struct ptx_kernel *ptx_find_kernel(const struct ptx_module *module, const char *name);      // NULL if absent
int ptx_find_global(const struct ptx_module *module, const char *name, uint64_t *address, uint64_t *bytes); // 0 if absent

struct ptx_parameter { uint32_t offset, size, align; };
uint32_t ptx_parameter_count(const struct ptx_kernel *kernel);
const struct ptx_parameter *ptx_parameters(const struct ptx_kernel *kernel);
uint32_t ptx_parameter_bytes(const struct ptx_kernel *kernel);
struct ptx_attributes { uint32_t static_shared_bytes, local_bytes, const_bytes, registers, max_threads, ptx_version, target; };
void ptx_kernel_attributes(const struct ptx_kernel *kernel, struct ptx_attributes *attributes);

struct ptx_launch {
    uint32_t grid[3], block[3], dynamic_shared_bytes;
    const void *parameters;       // packed as ptx_parameters() says, ptx_parameter_bytes() long
    int cooperative;              // all blocks live at once, and may wait for each other
    uint32_t sms;                 // of the GPU, for %nsmid; 0 means 1
    uint64_t grid_id;             // %gridid
    uint64_t (*clock_ns)(void *); void *clock_context; // %globaltimer; may be NULL
    void (*print)(void *, const char *text, size_t length); void *print_context; // what a thread printed; may be NULL
    const volatile int *cancel;   // polled every few thousand instructions; not 0: ptx_run ends with PTX_CANCELLED. May be NULL
    uint64_t instructions;        // out: executed thread-instructions, for the cost model
    char error[256];              // out: kernel, block, thread, PTX line and address of a fault
};
// Runs a whole grid on the calling thread; re-entrant (several kernels may run at once on different threads).
enum ptx_status ptx_run(const struct ptx_kernel *kernel, struct ptx_launch *launch);

#endif
