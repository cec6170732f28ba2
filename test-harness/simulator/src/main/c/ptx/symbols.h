// symbols.h: names of one module, each in its scope. Scope 0 is the module, a kernel and each block in it open one of their own.
#ifndef SLUICE_PTX_SYMBOLS_H
#define SLUICE_PTX_SYMBOLS_H

#include "types.h"

enum ptx_space { PTX_NO_SPACE, PTX_GENERIC, PTX_GLOBAL, PTX_CONST, PTX_SHARED, PTX_LOCAL, PTX_PARAM };

enum ptx_symbol_kind { PTX_REGISTER, PTX_REGISTER_RANGE, PTX_VARIABLE, PTX_LABEL, PTX_CONSTANT, PTX_KERNEL_NAME, PTX_FUNCTION,
    PTX_PROTOTYPE, PTX_LABEL_LIST };

struct ptx_kernel;

struct ptx_symbol {
    struct ptx_slice name;
    uint32_t scope;
    enum ptx_symbol_kind kind;
    enum ptx_type type;
    enum ptx_space space;  // of a variable
    bool dynamic_shared;   // .extern .shared name[]
    uint32_t slot;         // register: its slot, 0 until first used. Constant: its slot
    uint64_t value;        // variable: its address in its space. Label: its instruction. Range: how many
    uint64_t bytes, align; // variable
    const void *owner;     // shared variable: the kernel, or the module, for which value is its address
    bool of_kernel;        // shared variable: declared in a kernel's body
    bool undefined;        // variable: .extern, and not yet found elsewhere
    struct ptx_kernel *function;   // function or prototype
    struct ptx_slice *labels;      // label list: value says how many
};

struct ptx_symbols {
    struct ptx_symbol **table;
    size_t capacity, count;
};

struct ptx_symbol *ptx_symbols_find(const struct ptx_symbols *symbols, struct ptx_slice name, uint32_t scope);
// Takes a symbol whose name and scope are set and not yet known. False when there is no memory.
bool ptx_symbols_add(struct ptx_symbols *symbols, struct ptx_symbol *symbol);
void ptx_symbols_free(struct ptx_symbols *symbols);

#endif
