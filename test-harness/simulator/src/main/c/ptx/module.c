// module.c: loading and unloading, and what a driver asks about kernels and variables.
#define _GNU_SOURCE // memmem
#include "parser.h"

#include <stdlib.h>
#include <string.h>

static bool mentions_functions(const struct ptx_text *text) { return memmem(text->at, text->length, ".func", 5) != NULL; }

static bool parse_texts(struct ptx_parser *parser, const struct ptx_text *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) parser->module->has_functions |= mentions_functions(&texts[i]);
    if (!ptx_open_scope(parser)) return false;
    for (size_t i = 0; i < count; i++) {
        size_t length = texts[i].length;
        while (length > 0 && texts[i].at[length - 1] == 0) length--;
        parser->lexer = (struct ptx_lexer){texts[i].at, texts[i].at + length, 1};
        parser->scope = 0;
        if (count > 1 && !ptx_open_scope(parser)) return false;
        parser->unit_scope = parser->scope;
        if (!ptx_parse_module(parser)) return false;
    }
    return true;
}

// How far a module is taken.
enum extent { READ, COMPLETE, LOADED };

static enum ptx_status load(const struct ptx_text *texts, size_t count, enum extent extent, const struct ptx_memory *memory,
    const struct ptx_limits *limits, struct ptx_module **module, struct ptx_log *log)
{
    if (log && log->text && log->size) log->text[0] = 0;
    *module = calloc(1, sizeof **module);
    struct ptx_parser *parser = calloc(1, sizeof *parser);
    enum ptx_status status = PTX_OUT_OF_MEMORY;
    if (*module && parser) {
        if (memory) (*module)->memory = *memory;
        *parser = (struct ptx_parser){.module = *module, .log = log, .limits = limits};
        bool read = parse_texts(parser, texts, count) && (extent == READ || ptx_complete(parser)) && (extent != LOADED || ptx_place(parser));
        if (!read) ptx_fail(parser, PTX_INVALID, parser->token.line, "cannot be read."); // whoever failed has said more
        status = parser->status;
        free(parser->scope_parents);
        free(parser->label_uses);
        free(parser->address_uses);
    }
    free(parser);
    if (status == PTX_OK && extent == LOADED) return status;
    ptx_unload(*module);
    *module = NULL;
    return status;
}

enum ptx_status ptx_load_linked(const struct ptx_text *texts, size_t count, const struct ptx_memory *memory, const struct ptx_limits *limits,
    struct ptx_module **module, struct ptx_log *log)
{
    return load(texts, count, LOADED, memory, limits, module, log);
}

enum ptx_status ptx_check(const struct ptx_text *texts, size_t count, const struct ptx_limits *limits, int complete, struct ptx_log *log)
{
    struct ptx_module *module;
    return load(texts, count, complete ? COMPLETE : READ, NULL, limits, &module, log);
}

enum ptx_status ptx_load(const char *text, size_t length, const struct ptx_memory *memory, struct ptx_module **module, struct ptx_log *log)
{
    return ptx_load_linked(&(struct ptx_text){text, length}, 1, memory, &(struct ptx_limits){0, 0}, module, log);
}

void ptx_free_code(struct ptx_kernel *code)
{
    free(code->shape.results);
    free(code->shape.arguments);
    free(code->parameters);
    free(code->code);
    free(code->lines);
    free(code->before);
    free(code->slots);
    free(code->local_slots);
}

void ptx_unload(struct ptx_module *module)
{
    if (!module) return;
    if (module->address) module->memory.release(module->memory.context, module->address);
    while (module->calls) {
        struct ptx_call_record *record = module->calls;
        module->calls = record->next;
        free(record->call.shape.results);
        free(record->call.shape.arguments);
    }
    for (struct ptx_kernel *kernel = module->kernels; kernel; kernel = kernel->next) ptx_free_code(kernel);
    free(module->functions);
    free(module->initials);
    free(module->relocations);
    ptx_symbols_free(&module->symbols);
    ptx_arena_free(&module->arena);
    free(module);
}

struct ptx_kernel *ptx_find_kernel(const struct ptx_module *module, const char *name)
{
    for (struct ptx_kernel *kernel = module->kernels; kernel; kernel = kernel->next) {
        if (kernel->count && !kernel->is_function && !strcmp(kernel->name, name)) return kernel; // without code it is only declared
    }
    return NULL;
}

int ptx_find_global(const struct ptx_module *module, const char *name, uint64_t *address, uint64_t *bytes)
{
    const struct ptx_symbol *symbol = ptx_symbols_find(&module->symbols, (struct ptx_slice){name, strlen(name)}, 0);
    if (!symbol || symbol->kind != PTX_VARIABLE || symbol->undefined || (symbol->space != PTX_GLOBAL && symbol->space != PTX_CONST)) return 0;
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
