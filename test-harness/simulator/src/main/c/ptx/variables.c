// variables.c: .global, .const, .shared and .local variables with their initial values, and .reg.
#include "parser.h"

#include <string.h>

static const uint64_t MOST_BYTES = UINT64_C(1) << 40;
static const uint64_t MOST_INITIAL_BYTES = UINT64_C(1) << 28;
enum { MOST_DIMENSIONS = 8 };

struct declaration {
    enum ptx_space space;
    enum ptx_type type;
    uint64_t align, dimensions[MOST_DIMENSIONS], elements; // elements: of the whole array
    unsigned dimension_count;
    bool is_extern, is_weak, unsized;
    uint8_t *bytes; // initial values
    uint64_t offset;
};

bool ptx_is_linkage(const struct ptx_parser *parser)
{
    return ptx_at(parser, ".visible") || ptx_at(parser, ".extern") || ptx_at(parser, ".weak") || ptx_at(parser, ".common");
}

static enum ptx_space space_named(const struct ptx_parser *parser)
{
    return ptx_at(parser, ".global") ? PTX_GLOBAL : ptx_at(parser, ".const") ? PTX_CONST : ptx_at(parser, ".shared") ? PTX_SHARED
        : ptx_at(parser, ".local") ? PTX_LOCAL : PTX_NO_SPACE;
}

bool ptx_is_variable(const struct ptx_parser *parser) { return space_named(parser) != PTX_NO_SPACE; }

// .const[3]: ten banks of constants, as PTX before 2.2 had them. Here they are one.
static bool skip_bank(struct ptx_parser *parser, enum ptx_space space)
{
    uint64_t bank;
    return space != PTX_CONST || !ptx_accept(parser, "[") || (ptx_take_integer(parser, 10, &bank) && ptx_expect(parser, "]"));
}

static bool parse_align(struct ptx_parser *parser, uint64_t *align)
{
    uint32_t line = parser->token.line;
    if (!ptx_take_integer(parser, 1024, align)) return false;
    return (*align && !(*align & (*align - 1))) ||
        ptx_fail(parser, PTX_INVALID, line, ".align %llu is not a power of two.", (unsigned long long)*align);
}

// [.align N] [.v2 | .v4] .type
static bool parse_type(struct ptx_parser *parser, struct declaration *declared, uint64_t *vector)
{
    if (ptx_accept(parser, ".align") && !parse_align(parser, &declared->align)) return false;
    *vector = ptx_accept(parser, ".v2") ? 2 : ptx_accept(parser, ".v4") ? 4 : 1;
    struct ptx_slice name = parser->token.text;
    bool dotted = parser->token.kind == PTX_TOKEN_WORD && name.at[0] == '.';
    declared->type = dotted ? ptx_type_named((struct ptx_slice){name.at + 1, name.length - 1}) : PTX_NONE;
    if (declared->type == PTX_NONE || declared->type == PTX_PRED)
        return ptx_fail(parser, PTX_UNSUPPORTED, parser->token.line, "%.*s: the simulated GPU has no variables of this type.",
            PTX_SHOWN(name));
    ptx_next(parser);
    uint64_t natural = ptx_type_bytes(declared->type) * *vector;
    if (declared->align < natural) declared->align = natural;
    return true;
}

static bool parse_dimensions(struct ptx_parser *parser, struct declaration *declared, uint64_t vector)
{
    declared->elements = vector;
    while (ptx_accept(parser, "[")) {
        uint64_t size = 0;
        if (declared->dimension_count == MOST_DIMENSIONS)
            return ptx_fail(parser, PTX_UNSUPPORTED, parser->token.line, "an array of more than %d dimensions.", MOST_DIMENSIONS);
        if (ptx_at(parser, "]"))
            declared->unsized = true;
        else if (!ptx_take_integer(parser, MOST_BYTES, &size))
            return false;
        if (!ptx_expect(parser, "]")) return false;
        if (size > MOST_BYTES / declared->elements / 8 && size)
            return ptx_fail(parser, PTX_INVALID, parser->token.line, "the array is too large.");
        declared->dimensions[declared->dimension_count++] = size;
        declared->elements *= size ? size : 1;
    }
    if (vector > 1 && declared->dimension_count < MOST_DIMENSIONS) declared->dimensions[declared->dimension_count++] = vector;
    return true;
}

// The address of another variable of the module, or of a function: name, generic(name), either with + number.
static bool parse_address(struct ptx_parser *parser, const struct declaration *declared, uint64_t at)
{
    struct ptx_module *module = parser->module;
    struct ptx_slice name;
    uint64_t distance = 0;
    bool generic = ptx_accept(parser, "generic") && ptx_expect(parser, "(");
    uint32_t line = parser->token.line;
    if (!ptx_take_name(parser, &name) || (generic && !ptx_expect(parser, ")"))) return false;
    if (ptx_accept(parser, "+") && !ptx_take_integer(parser, INT32_MAX, &distance)) return false;
    const struct ptx_symbol *target = ptx_lookup(parser, name);
    bool variable = target && target->kind == PTX_VARIABLE && (target->space == PTX_GLOBAL || target->space == PTX_CONST);
    bool function = target && target->kind == PTX_FUNCTION && distance == 0;
    if (!variable && !function)
        return ptx_fail(parser, PTX_UNSUPPORTED, line,
            "'%.*s' is no earlier .global or .const variable and no function, whose address could be an initial value.", PTX_SHOWN(name));
    if (ptx_type_bytes(declared->type) != 8)
        return ptx_fail(parser, PTX_UNSUPPORTED, line, "an address as initial value of a type that is not 64 bits wide.");
    if (function) target->function->is_used = true;
    if (!ptx_grow((void **)&module->relocations, &module->relocation_capacity, module->relocation_count, sizeof *module->relocations))
        return ptx_no_memory(parser);
    module->relocations[module->relocation_count++] = (struct ptx_relocation){declared->offset + at, distance, target};
    return true;
}

static bool parse_element(struct ptx_parser *parser, const struct declaration *declared, uint64_t at)
{
    struct ptx_value value = {0};
    if (parser->token.kind == PTX_TOKEN_WORD) return parse_address(parser, declared, at);
    uint32_t line = parser->token.line;
    if (!ptx_parse_number(parser, &value)) return false;
    uint64_t bits = value.number;
    uint32_t bytes = ptx_type_bytes(declared->type);
    if (value.kind == PTX_OPERAND_FLOAT) {
        if (bytes < 4 || ptx_type_is_integer(declared->type))
            return ptx_fail(parser, PTX_INVALID, line, "a float as initial value of .%s.", ptx_type_name(declared->type));
        if (value.single && bytes == 8) bits = ptx_raw_f64(ptx_f32(bits));
        if (!value.single && bytes == 4) bits = ptx_f64_to_f32(bits, 0, 0, PTX_ROUND_NEAREST);
    } else if (value.kind != PTX_OPERAND_INTEGER || ptx_type_is_float(declared->type)) {
        return ptx_fail(parser, PTX_INVALID, line, "no initial value for .%s.", ptx_type_name(declared->type));
    }
    memcpy(declared->bytes + at, &bits, bytes);
    return true;
}

// Values of the array's dimensions from `depth` on, in braces, from element `first` on. Recursion is bounded by the dimensions.
static bool parse_values(struct ptx_parser *parser, const struct declaration *declared, unsigned depth, uint64_t first)
{
    if (depth == declared->dimension_count) return parse_element(parser, declared, first * ptx_type_bytes(declared->type));
    uint64_t inner = 1;
    for (unsigned i = depth + 1; i < declared->dimension_count; i++) inner *= declared->dimensions[i];
    if (!ptx_expect(parser, "{")) return false;
    for (uint64_t i = 0; !ptx_at(parser, "}"); i++) {
        bool nested = ptx_at(parser, "{");
        uint64_t step = nested ? inner : 1, most = nested ? declared->dimensions[depth] : declared->dimensions[depth] * inner;
        if (i >= most) return ptx_fail(parser, PTX_INVALID, parser->token.line, "more initial values than the variable has elements.");
        if (!parse_values(parser, declared, nested ? depth + 1 : declared->dimension_count, first + i * step)) return false;
        if (!ptx_accept(parser, ",")) break;
    }
    return ptx_expect(parser, "}");
}

static bool parse_initial(struct ptx_parser *parser, struct declaration *declared)
{
    uint64_t bytes = declared->elements * ptx_type_bytes(declared->type);
    struct ptx_module *module = parser->module;
    if (declared->space != PTX_GLOBAL && declared->space != PTX_CONST)
        return ptx_fail(parser, PTX_INVALID, parser->token.line, "only .global and .const variables have initial values.");
    if (bytes > MOST_INITIAL_BYTES || declared->unsized)
        return ptx_fail(parser, PTX_UNSUPPORTED, parser->token.line, "initial values of an array that is unsized or larger than 256 MiB.");
    declared->bytes = ptx_arena_take(&module->arena, bytes);
    if (!declared->bytes || !ptx_grow((void **)&module->initials, &module->initial_capacity, module->initial_count,
        sizeof *module->initials))
        return ptx_no_memory(parser);
    module->initials[module->initial_count++] = (struct ptx_initial){declared->offset, declared->bytes, bytes};
    return parse_values(parser, declared, 0, 0);
}

// Gives the variable its place in its space.
static bool place(struct ptx_parser *parser, struct ptx_symbol *symbol, struct declaration *declared)
{
    struct ptx_module *module = parser->module;
    symbol->type = declared->type;
    symbol->space = declared->space;
    symbol->align = declared->align;
    symbol->bytes = declared->unsized ? 0 : declared->elements * ptx_type_bytes(declared->type);
    symbol->undefined = declared->is_extern && declared->space != PTX_SHARED;
    if (declared->space == PTX_SHARED) {
        symbol->dynamic_shared = declared->is_extern;
        symbol->of_kernel = parser->kernel && !parser->kernel->is_function;
        return true; // its place is found by the kernel that names it
    }
    if (symbol->undefined) return true;
    if (declared->unsized)
        return ptx_fail(parser, PTX_UNSUPPORTED, parser->token.line, "'%.*s': unsized arrays outside .shared are not supported.",
            PTX_SHOWN(symbol->name));
    if (declared->space == PTX_LOCAL && !parser->kernel)
        return ptx_fail(parser, PTX_UNSUPPORTED, parser->token.line, ".local: the simulated GPU has no .local variables outside kernels.");
    uint64_t *end = declared->space == PTX_LOCAL ? &parser->kernel->local_bytes : &module->bytes;
    symbol->value = (*end + declared->align - 1) / declared->align * declared->align;
    if (symbol->bytes > MOST_BYTES || symbol->value > MOST_BYTES)
        return ptx_fail(parser, PTX_INVALID, parser->token.line, "'%.*s' is too large.", PTX_SHOWN(symbol->name));
    *end = symbol->value + symbol->bytes;
    declared->offset = symbol->value;
    if (declared->space == PTX_LOCAL) return true;
    if (declared->align > module->align) module->align = declared->align;
    if (declared->space == PTX_CONST) module->const_bytes += symbol->bytes;
    return true;
}

// The variable's symbol, which another text, or this one, may have declared as .extern. NULL: it is to be passed over, as it is known.
static bool find_or_declare(struct ptx_parser *parser, struct ptx_slice name, const struct declaration *declared, uint32_t line, bool is_shown,
    struct ptx_symbol **symbol)
{
    uint32_t here = parser->scope;
    if (is_shown && !parser->kernel) parser->scope = 0;
    *symbol = ptx_symbols_find(&parser->module->symbols, name, parser->scope);
    bool same = *symbol && (*symbol)->kind == PTX_VARIABLE && (*symbol)->space == declared->space;
    bool known = same && (declared->is_extern || declared->is_weak) && !((*symbol)->undefined && !declared->is_extern);
    bool fresh = !(same && (*symbol)->undefined && !declared->is_extern);
    if (known) *symbol = NULL;
    else if (fresh) *symbol = ptx_declare(parser, name, PTX_VARIABLE, line);
    parser->scope = here;
    return known || *symbol;
}

// An initial value that is passed over: all up to the next comma or semicolon outside of braces.
static bool skip_initial(struct ptx_parser *parser)
{
    while (!ptx_at(parser, ",") && !ptx_at(parser, ";")) {
        if (parser->token.kind == PTX_TOKEN_END) return ptx_expect(parser, ";");
        if (!ptx_at(parser, "{")) {
            ptx_next(parser);
            continue;
        }
        for (unsigned depth = 0;; ptx_next(parser)) {
            if (parser->token.kind == PTX_TOKEN_END) return ptx_expect(parser, "}");
            depth += ptx_at(parser, "{");
            if (ptx_at(parser, "}") && --depth == 0) break;
        }
        ptx_next(parser);
    }
    return true;
}

bool ptx_parse_variable(struct ptx_parser *parser, bool is_extern, bool is_weak, bool is_shown)
{
    struct declaration shape = {.space = space_named(parser), .is_extern = is_extern, .is_weak = is_weak};
    uint64_t vector;
    ptx_next(parser);
    if (!skip_bank(parser, shape.space) || !parse_type(parser, &shape, &vector)) return false;
    do {
        struct declaration declared = shape;
        struct ptx_slice name;
        struct ptx_symbol *symbol;
        uint32_t line = parser->token.line;
        if (!ptx_take_name(parser, &name) || !parse_dimensions(parser, &declared, vector)) return false;
        if (!find_or_declare(parser, name, &declared, line, is_shown, &symbol)) return false;
        if (symbol && !place(parser, symbol, &declared)) return false;
        if (ptx_accept(parser, "=") && !(symbol ? parse_initial(parser, &declared) : skip_initial(parser))) return false;
    } while (ptx_accept(parser, ","));
    return ptx_expect(parser, ";");
}
