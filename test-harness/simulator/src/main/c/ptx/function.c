// function.c: .func, declared or defined, and what tells the form of calls by address.
#include "parser.h"

#include <string.h>

static const uint64_t MOST_FORMAL_BYTES = 32764;

static const struct { const char *name; size_t arguments; ptx_builtin *call; } BUILTINS[] = {
    {"vprintf", 2, ptx_vprintf}, {"__assertfail", 5, ptx_assertfail},
};

struct formal { struct ptx_slice name; enum ptx_type type; uint64_t align, bytes; bool is_register; uint32_t line; };

// .param [.align N] .type name[N] or .reg .type name
static bool parse_formal(struct ptx_parser *parser, struct formal *formal)
{
    uint64_t elements = 1;
    formal->line = parser->token.line;
    formal->is_register = ptx_accept(parser, ".reg");
    if (!formal->is_register && !ptx_expect(parser, ".param")) return false;
    if (ptx_accept(parser, ".align") && !ptx_take_integer(parser, 128, &formal->align)) return false;
    struct ptx_slice word = parser->token.text;
    formal->type = parser->token.kind == PTX_TOKEN_WORD && word.length > 1 ? ptx_type_named((struct ptx_slice){word.at + 1, word.length - 1})
        : PTX_NONE;
    if (formal->type == PTX_NONE || (formal->type == PTX_PRED && !formal->is_register) || (formal->align & (formal->align - 1)))
        return ptx_fail(parser, PTX_UNSUPPORTED, formal->line, ".param %.*s: the simulated GPU has no such parameters.", PTX_SHOWN(word));
    ptx_next(parser);
    if (!ptx_skip_pointer(parser) || !ptx_take_name(parser, &formal->name)) return false;
    if (ptx_accept(parser, "[") && !ptx_accept(parser, "]") &&
        (!ptx_take_integer(parser, MOST_FORMAL_BYTES, &elements) || !ptx_expect(parser, "]")))
        return false;
    formal->bytes = elements * ptx_type_bytes(formal->type);
    if (formal->align < ptx_type_bytes(formal->type)) formal->align = ptx_type_bytes(formal->type);
    return true;
}

static bool take_frame(struct ptx_parser *parser, struct ptx_kernel *code, uint64_t bytes, uint64_t align, uint64_t *offset)
{
    *offset = (code->frame_bytes + align - 1) / align * align;
    if (*offset + bytes > 4 * MOST_FORMAL_BYTES) return ptx_fail(parser, PTX_INVALID, parser->token.line, "%s: too many bytes of parameters.", code->name);
    code->frame_bytes = *offset + bytes;
    return true;
}

static bool declare_register(struct ptx_parser *parser, const struct formal *formal, uint64_t offset, bool is_result, struct ptx_symbol *symbol)
{
    uint16_t slot;
    symbol->kind = PTX_REGISTER;
    if (!ptx_register_slot(parser, symbol, &slot)) return false;
    if (is_result) {
        if (parser->register_result_count == PTX_MOST_REGISTER_RESULTS)
            return ptx_fail(parser, PTX_UNSUPPORTED, formal->line, "a function with more than %d registers as results.", PTX_MOST_REGISTER_RESULTS);
        parser->register_results[parser->register_result_count++] = (struct ptx_register_result){slot, (uint32_t)offset, formal->type};
        return true;
    }
    struct ptx_insn load = {.op = ptx_access_op(PTX_PARAM, ptx_type_bytes(formal->type), false), .d = slot, .offset = (int32_t)offset,
        .mask = UINT64_MAX};
    return ptx_emit(parser, NULL, load);
}

static bool declare_formal(struct ptx_parser *parser, const struct formal *formal, uint64_t offset, bool is_result)
{
    if (ptx_slice_is(formal->name, "_")) return true;
    struct ptx_symbol *symbol = ptx_declare(parser, formal->name, PTX_VARIABLE, formal->line);
    if (!symbol) return false;
    symbol->type = formal->type;
    symbol->space = PTX_PARAM;
    symbol->value = offset;
    symbol->bytes = formal->bytes;
    return !formal->is_register || declare_register(parser, formal, offset, is_result, symbol);
}

bool ptx_parse_formals(struct ptx_parser *parser, struct ptx_kernel *code, bool results, bool declares)
{
    struct ptx_shape *shape = &code->shape;
    struct ptx_parameter **list = results ? &shape->results : &shape->arguments;
    size_t *count = results ? &shape->result_count : &shape->argument_count;
    size_t *capacity = results ? &shape->result_capacity : &shape->argument_capacity;
    if (!ptx_accept(parser, "(") || ptx_accept(parser, ")")) return true;
    do {
        struct formal formal = {.align = 0};
        uint64_t offset;
        if (*count == PTX_MOST_CALL_OPERANDS) return ptx_fail(parser, PTX_INVALID, parser->token.line, "too many parameters.");
        if (!parse_formal(parser, &formal) || !take_frame(parser, code, formal.bytes, formal.align, &offset)) return false;
        if (!ptx_grow((void **)list, capacity, *count, sizeof **list)) return ptx_no_memory(parser);
        (*list)[(*count)++] = (struct ptx_parameter){(uint32_t)offset, (uint32_t)formal.bytes, (uint32_t)formal.align};
        if (declares && !declare_formal(parser, &formal, offset, results)) return false;
    } while (ptx_accept(parser, ","));
    return ptx_expect(parser, ")");
}

// The function of that name, which an earlier directive may have declared.
static struct ptx_kernel *find_or_declare(struct ptx_parser *parser, struct ptx_slice name, bool is_shown, uint32_t line)
{
    struct ptx_module *module = parser->module;
    uint32_t scope = is_shown ? 0 : parser->unit_scope;
    struct ptx_symbol *symbol = ptx_symbols_find(&module->symbols, name, scope);
    if (symbol && symbol->kind == PTX_FUNCTION) return symbol->function;
    parser->scope = scope;
    symbol = ptx_declare(parser, name, PTX_FUNCTION, line);
    parser->scope = parser->unit_scope;
    if (!symbol || !(symbol->function = ptx_open_code(parser, name))) return NULL;
    symbol->function->is_function = true;
    symbol->function->address = PTX_CODE_WINDOW + module->function_count * PTX_CODE_STEP;
    if (!ptx_grow((void **)&module->functions, &module->function_capacity, module->function_count, sizeof *module->functions)) {
        ptx_no_memory(parser);
        return NULL;
    }
    return module->functions[module->function_count++] = symbol->function;
}

static bool skip_attributes(struct ptx_parser *parser)
{
    uint64_t ignored;
    while (parser->token.kind == PTX_TOKEN_WORD) {
        if (ptx_accept(parser, ".noreturn")) continue;
        if (!ptx_accept(parser, ".abi_preserve") && !ptx_accept(parser, ".abi_preserve_control"))
            return ptx_fail(parser, PTX_UNSUPPORTED, parser->token.line, "%.*s: the simulated GPU does not know this directive of a function.",
                PTX_SHOWN(parser->token.text));
        if (!ptx_take_integer(parser, UINT32_MAX, &ignored)) return false;
    }
    return true;
}

// What the head of a declaration or definition said last is what counts; its first reading only has the shape.
static void start_again(struct ptx_kernel *code)
{
    code->shape.result_count = code->shape.argument_count = 0;
    code->frame_bytes = 0;
    code->slot_count = code->count = 0;
    code->special_count = code->register_count = 0;
}

static void find_builtin(struct ptx_kernel *code)
{
    for (size_t i = 0; i < sizeof BUILTINS / sizeof *BUILTINS; i++) {
        bool fits = code->shape.argument_count == BUILTINS[i].arguments && !strcmp(code->name, BUILTINS[i].name);
        bool answers = code->shape.result_count == 0 || (code->shape.result_count == 1 && code->shape.results[0].size == 4);
        if (fits && answers) code->builtin = BUILTINS[i].call;
    }
}

// Skips the second definition of a .weak function.
static bool skip_body(struct ptx_parser *parser)
{
    unsigned depth = 0;
    do {
        if (parser->token.kind == PTX_TOKEN_END) return ptx_expect(parser, "}");
        depth += ptx_at(parser, "{");
        depth -= ptx_at(parser, "}");
        ptx_next(parser);
    } while (depth > 0);
    return true;
}

// Results stand before the name, which tells whose they are: the head is read once to find it.
static bool read_name(struct ptx_parser *parser, struct ptx_slice *name)
{
    struct ptx_lexer lexer = parser->lexer;
    struct ptx_token token = parser->token;
    while (ptx_at(parser, "(")) {
        while (!ptx_at(parser, ")") && parser->token.kind != PTX_TOKEN_END) ptx_next(parser);
        ptx_next(parser);
    }
    if (!ptx_take_name(parser, name)) return false;
    parser->lexer = lexer;
    parser->token = token;
    return true;
}

bool ptx_parse_function(struct ptx_parser *parser, bool is_weak, bool is_shown)
{
    struct ptx_slice name;
    uint16_t zero;
    uint32_t line = parser->token.line;
    if (ptx_accept(parser, ".attribute") && !ptx_skip_parentheses(parser)) return false;
    if (!read_name(parser, &name)) return false;
    struct ptx_kernel *code = find_or_declare(parser, name, is_shown, line), spare = {.name = "", .module = parser->module, .is_function = true};
    if (!code) return false;
    bool defined = code->count > 0;
    parser->kernel = defined ? &spare : code;
    if (!defined) start_again(code);
    if (!ptx_open_scope(parser)) return false;
    parser->kernel_scope = parser->scope;
    bool read = ptx_new_slot(parser, 0, &zero) && ptx_parse_formals(parser, parser->kernel, true, true) && ptx_take_name(parser, &name) &&
        ptx_parse_formals(parser, parser->kernel, false, true) && skip_attributes(parser);
    if (defined) ptx_free_code(&spare);
    if (!read) return false;
    if (!defined && !ptx_at(parser, ";")) return ptx_parse_code(parser);
    if (!defined) code->count = 0; // what loads its registers waits for the definition
    if (!defined) find_builtin(code);
    parser->scope = parser->unit_scope;
    parser->kernel = NULL;
    parser->register_result_count = 0;
    if (ptx_accept(parser, ";")) return true;
    return is_weak ? skip_body(parser) : ptx_fail(parser, PTX_INVALID, line, "'%.*s' is defined a second time.", PTX_SHOWN(name));
}

// name: .callprototype (results) _ (arguments); and name: .calltargets function, function;
bool ptx_parse_prototype(struct ptx_parser *parser, struct ptx_slice name, uint32_t line)
{
    struct ptx_slice word;
    bool lists = ptx_accept(parser, ".calltargets");
    struct ptx_symbol *symbol = ptx_declare(parser, name, PTX_PROTOTYPE, line);
    if (!symbol) return false;
    if (lists) {
        do {
            if (!ptx_take_name(parser, &word)) return false;
            const struct ptx_symbol *target = ptx_lookup(parser, word);
            if (!target || target->kind != PTX_FUNCTION)
                return ptx_fail(parser, PTX_INVALID, line, ".calltargets: '%.*s' is no function.", PTX_SHOWN(word));
            symbol->function = target->function;
        } while (ptx_accept(parser, ","));
        return ptx_expect(parser, ";");
    }
    ptx_next(parser);
    symbol->function = ptx_open_code(parser, name);
    return symbol->function && ptx_parse_formals(parser, symbol->function, true, false) && ptx_take_name(parser, &word) &&
        ptx_parse_formals(parser, symbol->function, false, false) && skip_attributes(parser) && ptx_expect(parser, ";");
}

// A .param variable of a body: what a call hands over, or gets back.
bool ptx_parse_frame_variable(struct ptx_parser *parser)
{
    struct ptx_kernel *code = parser->kernel;
    struct formal formal = {.align = 0};
    uint64_t offset;
    return parse_formal(parser, &formal) && take_frame(parser, code, formal.bytes, formal.align, &offset) &&
        declare_formal(parser, &formal, code->frame_base + offset, false) && ptx_expect(parser, ";");
}
