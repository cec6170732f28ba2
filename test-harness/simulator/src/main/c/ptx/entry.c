// entry.c: a kernel's head, its parameters and limits, and what is settled once the body of a kernel or function has been read.
#include "parser.h"

#include <string.h>

static const uint32_t MOST_PARAMETER_BYTES = 32764, MOST_LOCAL = 512 * 1024;

// .ptr [.space] [.align N], which tells an optimiser about the pointer.
bool ptx_skip_pointer(struct ptx_parser *parser)
{
    uint64_t ignored;
    if (!ptx_accept(parser, ".ptr")) return true;
    while (parser->token.kind == PTX_TOKEN_WORD && parser->token.text.at[0] == '.') {
        bool align = ptx_at(parser, ".align");
        ptx_next(parser);
        if (align && !ptx_take_integer(parser, 1 << 20, &ignored)) return false;
    }
    return true;
}

static bool parse_parameter(struct ptx_parser *parser)
{
    struct ptx_kernel *kernel = parser->kernel;
    uint64_t align = 0, elements = 1;
    struct ptx_slice name;
    if (!ptx_expect(parser, ".param")) return false;
    if (ptx_accept(parser, ".align") && !ptx_take_integer(parser, 128, &align)) return false;
    struct ptx_slice word = parser->token.text;
    enum ptx_type type = parser->token.kind == PTX_TOKEN_WORD && word.length > 1
        ? ptx_type_named((struct ptx_slice){word.at + 1, word.length - 1}) : PTX_NONE;
    if (type == PTX_NONE || type == PTX_PRED || (align & (align - 1)))
        return ptx_fail(parser, PTX_UNSUPPORTED, parser->token.line, ".param %.*s: the simulated GPU has no such parameters.",
            PTX_SHOWN(word));
    ptx_next(parser);
    if (!ptx_skip_pointer(parser) || !ptx_take_name(parser, &name)) return false;
    if (ptx_accept(parser, "[") && (!ptx_take_integer(parser, MOST_PARAMETER_BYTES, &elements) || !ptx_expect(parser, "]"))) return false;
    struct ptx_symbol *symbol = ptx_declare(parser, name, PTX_VARIABLE, parser->token.line);
    if (!symbol) return false;
    if (align < ptx_type_bytes(type)) align = ptx_type_bytes(type);
    uint64_t offset = (kernel->parameter_bytes + align - 1) / align * align, bytes = elements * ptx_type_bytes(type);
    if (offset + bytes > MOST_PARAMETER_BYTES)
        return ptx_fail(parser, PTX_INVALID, parser->token.line, "%s: more than %u bytes of parameters.", kernel->name,
            MOST_PARAMETER_BYTES);
    if (!ptx_grow((void **)&kernel->parameters, &kernel->parameter_capacity, kernel->parameter_count, sizeof *kernel->parameters))
        return ptx_no_memory(parser);
    symbol->type = type;
    symbol->space = PTX_PARAM;
    symbol->value = offset;
    symbol->bytes = bytes;
    kernel->parameters[kernel->parameter_count++] = (struct ptx_parameter){(uint32_t)offset, (uint32_t)bytes, (uint32_t)align};
    kernel->parameter_bytes = (uint32_t)(offset + bytes);
    return true;
}

static bool parse_parameters(struct ptx_parser *parser)
{
    if (!ptx_accept(parser, "(") || ptx_accept(parser, ")")) return true;
    do {
        if (!parse_parameter(parser)) return false;
    } while (ptx_accept(parser, ","));
    return ptx_expect(parser, ")");
}

// N [, N [, N]]
bool ptx_parse_extent(struct ptx_parser *parser, uint32_t extent[3])
{
    for (int i = 0; i < 3; i++) {
        uint64_t size;
        if (!ptx_take_integer(parser, UINT16_MAX, &size)) return false;
        extent[i] = (uint32_t)size;
        if (!ptx_accept(parser, ",")) break;
    }
    return true;
}

static bool parse_limits(struct ptx_parser *parser)
{
    struct ptx_kernel *kernel = parser->kernel;
    uint64_t ignored;
    while (parser->token.kind == PTX_TOKEN_WORD) {
        uint32_t extent[3] = {1, 1, 1};
        bool required = ptx_at(parser, ".reqntid");
        if (ptx_accept(parser, ".maxntid") || ptx_accept(parser, ".reqntid")) {
            if (!ptx_parse_extent(parser, extent)) return false;
            uint64_t threads = (uint64_t)extent[0] * extent[1];
            threads = threads > 1024 ? 1024 : threads * extent[2];
            kernel->max_threads = threads > 1024 ? 1024 : (uint32_t)threads;
            if (required) memcpy(kernel->required_block, extent, sizeof extent);
        } else if (ptx_accept(parser, ".minnctapersm") || ptx_accept(parser, ".maxnctapersm") || ptx_accept(parser, ".maxnreg")) {
            if (!ptx_take_integer(parser, UINT32_MAX, &ignored)) return false;
        } else {
            return ptx_fail(parser, PTX_UNSUPPORTED, parser->token.line,
                "%.*s: the simulated GPU does not know this directive of a kernel.", PTX_SHOWN(parser->token.text));
        }
    }
    return true;
}

static const struct ptx_symbol *find_label(const struct ptx_parser *parser, const struct ptx_label_use *use)
{
    for (uint32_t scope = use->scope; scope != 0; scope = parser->scope_parents[scope]) {
        const struct ptx_symbol *symbol = ptx_symbols_find(&parser->module->symbols, use->name, scope);
        if (symbol && symbol->kind == PTX_LABEL) return symbol;
    }
    return NULL;
}

static bool resolve_labels(struct ptx_parser *parser)
{
    struct ptx_kernel *kernel = parser->kernel;
    for (size_t i = 0; i < parser->label_use_count; i++) {
        const struct ptx_label_use *use = &parser->label_uses[i];
        const struct ptx_symbol *label = find_label(parser, use);
        if (!label) return ptx_fail(parser, PTX_INVALID, use->line, "bra: there is no label '%.*s' here.", PTX_SHOWN(use->name));
        struct ptx_insn *branch = &kernel->code[use->at];
        branch->offset = (int32_t)((int64_t)label->value - (int64_t)use->at);
        branch->weight = (int64_t)kernel->before[use->at] + 1 - (int64_t)kernel->before[label->value];
    }
    return true;
}

static bool settle_memory(struct ptx_parser *parser)
{
    struct ptx_kernel *kernel = parser->kernel;
    if (kernel->local_bytes > MOST_LOCAL || kernel->frame_bytes > MOST_LOCAL)
        return ptx_fail(parser, PTX_INVALID, parser->token.line, "%s uses %llu bytes of local memory a thread, %u are allowed.",
            kernel->name, (unsigned long long)(kernel->local_bytes + kernel->frame_bytes), MOST_LOCAL);
    return true;
}

static void forget_code(struct ptx_parser *parser)
{
    parser->kernel = NULL;
    parser->label_use_count = 0;
    parser->issued = parser->accesses = 0;
    parser->carry_slot = parser->sink_slot = parser->matrix_slot = 0;
    parser->scratch_known = parser->scratch_used = 0;
    parser->register_result_count = 0;
}

// A kernel or function of the module, with a scope of its own, ready for its head to be read.
struct ptx_kernel *ptx_open_code(struct ptx_parser *parser, struct ptx_slice name)
{
    struct ptx_module *module = parser->module;
    struct ptx_kernel *code = ptx_arena_take(&module->arena, sizeof *code);
    if (!code || !(code->name = ptx_arena_copy(&module->arena, name.at, name.length))) {
        ptx_no_memory(parser);
        return NULL;
    }
    code->module = module;
    code->next = module->kernels;
    module->kernels = code;
    code->max_threads = 1024;
    return code;
}

bool ptx_parse_code(struct ptx_parser *parser)
{
    if (!ptx_parse_body(parser) || !resolve_labels(parser) || !settle_memory(parser)) return false;
    parser->scope = parser->unit_scope;
    forget_code(parser);
    return true;
}

bool ptx_parse_entry(struct ptx_parser *parser, bool is_extern)
{
    struct ptx_slice name;
    uint16_t zero;
    uint32_t line = parser->token.line;
    if (!ptx_take_name(parser, &name)) return false;
    struct ptx_kernel *kernel = parser->kernel = ptx_open_code(parser, name);
    if (!kernel || !ptx_open_scope(parser)) return false;
    parser->kernel_scope = parser->scope;
    if (!ptx_new_slot(parser, 0, &zero) || !parse_parameters(parser) || !parse_limits(parser)) return false;
    kernel->frame_base = (kernel->parameter_bytes + 15) / 16 * 16;
    if (is_extern || ptx_at(parser, ";")) {
        parser->scope = parser->unit_scope;
        forget_code(parser);
        return ptx_expect(parser, ";");
    }
    if (!ptx_parse_code(parser)) return false;
    parser->scope = 0;
    bool declared = ptx_declare(parser, name, PTX_KERNEL_NAME, line) != NULL;
    parser->scope = parser->unit_scope;
    return declared;
}
