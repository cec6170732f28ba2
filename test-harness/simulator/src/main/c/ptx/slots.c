// slots.c: gives registers, constants, addresses of variables and special registers their slots.
#include "parser.h"

#include <stdio.h>

static const size_t MOST_SLOTS = 65000;

static const struct { const char *name; enum ptx_special special; } SPECIALS[] = {
    {"%tid.x", PTX_TID_X}, {"%tid.y", PTX_TID_Y}, {"%tid.z", PTX_TID_Z},
    {"%ntid.x", PTX_NTID_X}, {"%ntid.y", PTX_NTID_Y}, {"%ntid.z", PTX_NTID_Z},
    {"%ctaid.x", PTX_CTAID_X}, {"%ctaid.y", PTX_CTAID_Y}, {"%ctaid.z", PTX_CTAID_Z},
    {"%nctaid.x", PTX_NCTAID_X}, {"%nctaid.y", PTX_NCTAID_Y}, {"%nctaid.z", PTX_NCTAID_Z},
    {"%laneid", PTX_LANEID}, {"%warpid", PTX_WARPID}, {"%nwarpid", PTX_NWARPID},
    {"%lanemask_eq", PTX_LANEMASK_EQ}, {"%lanemask_le", PTX_LANEMASK_LE}, {"%lanemask_lt", PTX_LANEMASK_LT},
    {"%lanemask_ge", PTX_LANEMASK_GE}, {"%lanemask_gt", PTX_LANEMASK_GT},
    {"%smid", PTX_SMID}, {"%nsmid", PTX_NSMID}, {"%gridid", PTX_GRIDID}, {"%envreg1", PTX_ENVREG_1}, {"%envreg2", PTX_ENVREG_2},
    {"%dynamic_smem_size", PTX_DYNAMIC_SMEM_SIZE}, {"%total_smem_size", PTX_TOTAL_SMEM_SIZE},
};

static const struct { const char *name; enum ptx_op op; enum ptx_type type; } CLOCKS[] = {
    {"%clock", PTX_OP_CLOCK, PTX_U32}, {"%clock_hi", PTX_OP_CLOCK_HIGH, PTX_U32}, {"%clock64", PTX_OP_CLOCK, PTX_U64},
    {"%globaltimer", PTX_OP_TIMER, PTX_U64}, {"%globaltimer_lo", PTX_OP_TIMER, PTX_U32}, {"%globaltimer_hi", PTX_OP_TIMER_HIGH, PTX_U32},
};

bool ptx_new_slot(struct ptx_parser *parser, uint64_t initial, uint16_t *slot)
{
    struct ptx_kernel *kernel = parser->kernel;
    if (kernel->slot_count >= MOST_SLOTS)
        return ptx_fail(parser, PTX_UNSUPPORTED, parser->token.line,
            "%s: the simulated GPU has room for %zu registers and constants per kernel.", kernel->name, MOST_SLOTS);
    if (!ptx_grow((void **)&kernel->slots, &kernel->slots_capacity, kernel->slot_count, sizeof *kernel->slots))
        return ptx_no_memory(parser);
    *slot = (uint16_t)kernel->slot_count++;
    kernel->slots[*slot] = initial;
    return true;
}

// Equal constants share a slot: they are symbols of the kernel's scope, under names that no text can spell.
static bool shared_slot(struct ptx_parser *parser, char kind, uint64_t value, uint16_t *slot, bool *fresh)
{
    char spelled[24];
    int length = snprintf(spelled, sizeof spelled, "%c%llx", kind, (unsigned long long)value);
    struct ptx_slice name = {spelled, (size_t)length};
    struct ptx_symbol *symbol = ptx_symbols_find(&parser->module->symbols, name, parser->kernel_scope);
    *fresh = !symbol;
    if (!symbol) {
        uint32_t here = parser->scope;
        parser->scope = parser->kernel_scope;
        symbol = ptx_declare(parser, name, PTX_CONSTANT, parser->token.line);
        parser->scope = here;
        if (!symbol || !ptx_new_slot(parser, value, slot)) return false;
        symbol->slot = *slot;
    }
    *slot = (uint16_t)symbol->slot;
    return true;
}

bool ptx_constant(struct ptx_parser *parser, uint64_t value, uint16_t *slot)
{
    bool fresh;
    *slot = 0;
    return value == 0 || shared_slot(parser, '#', value, slot, &fresh);
}

// A shared variable outside of functions gets its place in each kernel that names it; but one place for all where functions could
// name it too.
static bool place_shared(struct ptx_parser *parser, struct ptx_symbol *variable)
{
    struct ptx_module *module = parser->module;
    bool common = module->has_functions && !variable->of_kernel;
    const void *owner = common ? (const void *)module : parser->kernel;
    if (variable->owner == owner) return true;
    uint64_t *end = common ? &module->shared_bytes : &parser->kernel->shared_bytes;
    uint64_t at = (*end + variable->align - 1) / variable->align * variable->align;
    if (variable->align > module->shared_align) module->shared_align = variable->align;
    variable->owner = owner;
    variable->value = at;
    *end = at + variable->bytes;
    return true;
}

static bool special_slot(struct ptx_parser *parser, enum ptx_special special, uint16_t *slot)
{
    struct ptx_kernel *kernel = parser->kernel;
    for (uint32_t i = 0; i < kernel->special_count; i++) {
        if (kernel->specials[i].special != special) continue;
        *slot = kernel->specials[i].slot;
        return true;
    }
    if (!ptx_new_slot(parser, 0, slot)) return false;
    kernel->specials[kernel->special_count++] = (struct ptx_special_slot){special, *slot};
    return true;
}

// The slot gets the symbol's address when the whole module is read.
static bool later_address(struct ptx_parser *parser, struct ptx_symbol *symbol, uint16_t *slot)
{
    bool fresh;
    if (!shared_slot(parser, '@', (uintptr_t)symbol, slot, &fresh)) return false;
    if (!fresh) return true;
    parser->kernel->slots[*slot] = 0;
    if (!ptx_grow((void **)&parser->address_uses, &parser->address_use_capacity, parser->address_use_count, sizeof *parser->address_uses))
        return ptx_no_memory(parser);
    parser->address_uses[parser->address_use_count++] = (struct ptx_address_use){parser->kernel, symbol, parser->token.line, *slot};
    return true;
}

static bool local_address(struct ptx_parser *parser, const struct ptx_symbol *variable, uint16_t *slot)
{
    struct ptx_kernel *kernel = parser->kernel;
    bool fresh;
    if (!kernel->is_function) return ptx_constant(parser, variable->value, slot);
    if (!shared_slot(parser, '^', variable->value, slot, &fresh)) return false;
    if (!fresh) return true;
    if (!ptx_grow((void **)&kernel->local_slots, &kernel->local_slot_capacity, kernel->local_slot_count, sizeof *kernel->local_slots))
        return ptx_no_memory(parser);
    kernel->local_slots[kernel->local_slot_count++] = *slot;
    return true;
}

bool ptx_variable_address(struct ptx_parser *parser, struct ptx_symbol *variable, uint16_t *slot)
{
    if (variable->dynamic_shared) {
        if (variable->align > parser->kernel->dynamic_align) parser->kernel->dynamic_align = (uint32_t)variable->align;
        return special_slot(parser, PTX_DYNAMIC_SMEM_START, slot);
    }
    if (variable->space == PTX_LOCAL) return local_address(parser, variable, slot);
    if (variable->space == PTX_PARAM) return ptx_constant(parser, variable->value, slot);
    if (variable->space == PTX_SHARED && !place_shared(parser, variable)) return false;
    if (variable->space == PTX_SHARED && !parser->module->has_functions) return ptx_constant(parser, variable->value, slot);
    return later_address(parser, variable, slot);
}

bool ptx_function_address(struct ptx_parser *parser, struct ptx_symbol *function, uint16_t *slot)
{
    function->function->is_used = true;
    return later_address(parser, function, slot);
}

bool ptx_register_slot(struct ptx_parser *parser, struct ptx_symbol *symbol, uint16_t *slot)
{
    if (!symbol->slot) {
        if (!ptx_new_slot(parser, 0, slot)) return false;
        symbol->slot = *slot;
        parser->kernel->register_count += symbol->type == PTX_PRED ? 0 : ptx_type_bytes(symbol->type) == 8 ? 2 : 1;
    }
    *slot = (uint16_t)symbol->slot;
    return true;
}

// Scratch slots hold what one PTX instruction computes on its way; the next instruction reuses them.
bool ptx_scratch(struct ptx_parser *parser, uint16_t *slot)
{
    unsigned most = sizeof parser->scratch / sizeof *parser->scratch;
    if (parser->scratch_used == most)
        return ptx_fail(parser, PTX_UNSUPPORTED, parser->token.line, "the instruction needs more than %u intermediate values.", most);
    if (parser->scratch_used == parser->scratch_known) {
        if (!ptx_new_slot(parser, 0, &parser->scratch[parser->scratch_known])) return false;
        parser->scratch_known++;
    }
    *slot = parser->scratch[parser->scratch_used++];
    return true;
}

bool ptx_special_value(struct ptx_parser *parser, struct ptx_slice name, struct ptx_value *value, bool *known)
{
    *known = true;
    value->kind = PTX_OPERAND_REGISTER;
    value->type = PTX_U32;
    if (ptx_slice_is(name, "%gridid")) value->type = PTX_U64;
    for (size_t i = 0; i < sizeof SPECIALS / sizeof *SPECIALS; i++) {
        if (ptx_slice_is(name, SPECIALS[i].name)) return special_slot(parser, SPECIALS[i].special, &value->slot);
    }
    if (name.length > 7 && !memcmp(name.at, "%envreg", 7)) return special_slot(parser, PTX_ENVREG, &value->slot);
    for (size_t i = 0; i < sizeof CLOCKS / sizeof *CLOCKS; i++) {
        if (!ptx_slice_is(name, CLOCKS[i].name)) continue;
        value->type = CLOCKS[i].type;
        struct ptx_insn read = {.op = (uint16_t)CLOCKS[i].op, .mask = value->type == PTX_U32 ? UINT32_MAX : UINT64_MAX};
        if (!ptx_scratch(parser, &value->slot)) return false;
        read.d = value->slot;
        return ptx_emit(parser, NULL, read);
    }
    *known = false;
    return true;
}
