// resolve.c: what can only be done once everything is read: places for variables, and their addresses where they are used.
#include "parser.h"

#include <string.h>

static const uint64_t MOST_STATIC_SHARED = 48 * 1024;

// Shared variables that functions reach come first, at the same place under every kernel; then the kernel's own.
static uint64_t shared_base(const struct ptx_module *module)
{
    uint64_t align = module->shared_align > 16 ? module->shared_align : 16;
    return (module->shared_bytes + align - 1) / align * align;
}

static bool settle_shared(struct ptx_parser *parser, struct ptx_kernel *kernel, uint64_t dynamic_align)
{
    kernel->shared_bytes = kernel->shared_bytes ? shared_base(parser->module) + kernel->shared_bytes : parser->module->shared_bytes;
    if (kernel->shared_bytes > MOST_STATIC_SHARED)
        return ptx_fail(parser, PTX_INVALID, parser->token.line, "%s uses %llu bytes of static shared memory, %llu are allowed.", kernel->name,
            (unsigned long long)kernel->shared_bytes, (unsigned long long)MOST_STATIC_SHARED);
    kernel->static_shared_bytes = (uint32_t)kernel->shared_bytes;
    kernel->shared_bytes = (kernel->shared_bytes + dynamic_align - 1) / dynamic_align * dynamic_align;
    return true;
}

static bool settle_kernels(struct ptx_parser *parser)
{
    uint64_t function_align = 16;
    for (const struct ptx_kernel *code = parser->module->kernels; code; code = code->next) {
        if (code->is_function && code->dynamic_align > function_align) function_align = code->dynamic_align;
        if (code->is_function && code->is_used && !code->count && !code->builtin)
            return ptx_fail(parser, PTX_UNRESOLVED, parser->token.line, "Unresolved extern function '%.100s'", code->name);
    }
    for (struct ptx_kernel *kernel = parser->module->kernels; kernel; kernel = kernel->next) {
        uint64_t align = kernel->dynamic_align > function_align ? kernel->dynamic_align : function_align;
        if (!kernel->is_function && !settle_shared(parser, kernel, align)) return false;
    }
    return true;
}

static bool address_of(struct ptx_parser *parser, const struct ptx_symbol *symbol, uint32_t line, uint64_t *address)
{
    const struct ptx_module *module = parser->module;
    if (symbol->kind == PTX_FUNCTION) {
        *address = symbol->function->address;
        return !symbol->function->builtin ||
            ptx_fail(parser, PTX_UNSUPPORTED, line, "'%.*s' has no address on the simulated GPU.", PTX_SHOWN(symbol->name));
    }
    if (symbol->undefined)
        return ptx_fail(parser, PTX_UNRESOLVED, line, "Unresolved extern variable '%.*s'", PTX_SHOWN(symbol->name));
    bool shared = symbol->space == PTX_SHARED;
    *address = symbol->value + (!shared ? module->address : symbol->of_kernel ? shared_base(module) : 0);
    return true;
}

static bool place_variables(struct ptx_parser *parser)
{
    struct ptx_module *module = parser->module;
    if (module->bytes == 0) return true;
    module->address = module->memory.alloc(module->memory.context, module->bytes, module->align > 256 ? module->align : 256);
    uint8_t *host = module->address ? module->memory.translate(module->memory.context, module->address, module->bytes) : NULL;
    if (!host)
        return ptx_fail(parser, PTX_OUT_OF_MEMORY, parser->token.line, "the device has no %llu bytes left for the module's variables.",
            (unsigned long long)module->bytes);
    memset(host, 0, module->bytes);
    for (size_t i = 0; i < module->initial_count; i++)
        memcpy(host + module->initials[i].offset, module->initials[i].bytes, module->initials[i].length);
    for (size_t i = 0; i < module->relocation_count; i++) {
        const struct ptx_relocation *relocation = &module->relocations[i];
        uint64_t address;
        if (!address_of(parser, relocation->target, parser->token.line, &address)) return false;
        address += relocation->distance;
        memcpy(host + relocation->offset, &address, sizeof address);
    }
    return true;
}

bool ptx_complete(struct ptx_parser *parser)
{
    uint64_t ignored;
    if (!settle_kernels(parser)) return false;
    for (size_t i = 0; i < parser->address_use_count; i++) {
        if (!address_of(parser, parser->address_uses[i].symbol, parser->address_uses[i].line, &ignored)) return false;
    }
    return true;
}

bool ptx_place(struct ptx_parser *parser)
{
    if (!place_variables(parser)) return false;
    for (size_t i = 0; i < parser->address_use_count; i++) {
        const struct ptx_address_use *use = &parser->address_uses[i];
        if (!address_of(parser, use->symbol, use->line, &use->code->slots[use->slot])) return false;
    }
    return true;
}
