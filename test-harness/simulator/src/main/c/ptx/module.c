// module.c: loading and unloading, and what a driver asks about kernels and variables.
#include "parser.h"

#include <stdlib.h>
#include <string.h>

// Gives the module's variables their memory and initial values, and kernels the addresses.
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
    for (size_t i = 0; i < module->initial_count; i++) memcpy(host + module->initials[i].offset, module->initials[i].bytes,
        module->initials[i].length);
    for (size_t i = 0; i < module->relocation_count; i++) {
        uint64_t address = module->address + module->relocations[i].target;
        memcpy(host + module->relocations[i].offset, &address, sizeof address);
    }
    for (struct ptx_kernel *kernel = module->kernels; kernel; kernel = kernel->next) {
        for (size_t slot = 0; slot < kernel->slot_count; slot++) {
            if (kernel->slot_places[slot] == 1) kernel->slots[slot] += module->address;
        }
    }
    return true;
}

enum ptx_status ptx_load(const char *text, size_t length, const struct ptx_memory *memory, struct ptx_module **module, struct ptx_log *log)
{
    while (length > 0 && text[length - 1] == 0) length--;
    if (log && log->text && log->size) log->text[0] = 0;
    *module = calloc(1, sizeof **module);
    struct ptx_parser *parser = calloc(1, sizeof *parser);
    enum ptx_status status = PTX_OUT_OF_MEMORY;
    if (*module && parser) {
        (*module)->memory = *memory;
        *parser = (struct ptx_parser){.lexer = {text, text + length, 1}, .module = *module, .log = log};
        if (ptx_parse_module(parser)) place_variables(parser);
        status = parser->status;
        free(parser->scope_parents);
        free(parser->label_uses);
    }
    free(parser);
    if (status == PTX_OK) return status;
    ptx_unload(*module);
    *module = NULL;
    return status;
}

void ptx_unload(struct ptx_module *module)
{
    if (!module) return;
    if (module->address) module->memory.release(module->memory.context, module->address);
    for (struct ptx_kernel *kernel = module->kernels; kernel; kernel = kernel->next) {
        free(kernel->parameters);
        free(kernel->code);
        free(kernel->lines);
        free(kernel->before);
        free(kernel->slots);
        free(kernel->slot_places);
    }
    free(module->initials);
    free(module->relocations);
    ptx_symbols_free(&module->symbols);
    ptx_arena_free(&module->arena);
    free(module);
}

struct ptx_kernel *ptx_find_kernel(const struct ptx_module *module, const char *name)
{
    for (struct ptx_kernel *kernel = module->kernels; kernel; kernel = kernel->next) {
        if (kernel->count && !strcmp(kernel->name, name)) return kernel; // without code it is only declared
    }
    return NULL;
}

int ptx_find_global(const struct ptx_module *module, const char *name, uint64_t *address, uint64_t *bytes)
{
    const struct ptx_symbol *symbol = ptx_symbols_find(&module->symbols, (struct ptx_slice){name, strlen(name)}, 0);
    if (!symbol || symbol->kind != PTX_VARIABLE || (symbol->space != PTX_GLOBAL && symbol->space != PTX_CONST)) return 0;
    *address = module->address + symbol->value;
    *bytes = symbol->bytes;
    return 1;
}

uint32_t ptx_parameter_count(const struct ptx_kernel *kernel) { return (uint32_t)kernel->parameter_count; }

const struct ptx_parameter *ptx_parameters(const struct ptx_kernel *kernel) { return kernel->parameters; }

uint32_t ptx_parameter_bytes(const struct ptx_kernel *kernel) { return kernel->parameter_bytes; }

void ptx_kernel_attributes(const struct ptx_kernel *kernel, struct ptx_attributes *attributes)
{
    *attributes = (struct ptx_attributes){
        .static_shared_bytes = kernel->static_shared_bytes,
        .local_bytes = (uint32_t)kernel->local_bytes,
        .const_bytes = (uint32_t)kernel->module->const_bytes,
        .registers = kernel->register_count < 255 ? kernel->register_count : 255,
        .max_threads = kernel->max_threads,
        .ptx_version = kernel->module->version,
        .target = kernel->module->target,
    };
}
