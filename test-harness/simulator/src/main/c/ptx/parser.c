// parser.c: tokens, scopes and the directives of a module.
#include "parser.h"

#include <string.h>

void ptx_next(struct ptx_parser *parser) { parser->token = ptx_lex(&parser->lexer); }

bool ptx_at(const struct ptx_parser *parser, const char *word_or_mark) { return ptx_token_is(&parser->token, word_or_mark); }

bool ptx_accept(struct ptx_parser *parser, const char *word_or_mark)
{
    if (!ptx_at(parser, word_or_mark)) return false;
    ptx_next(parser);
    return true;
}

static bool unexpected(struct ptx_parser *parser, const char *wanted)
{
    if (parser->token.kind == PTX_TOKEN_END)
        return ptx_fail(parser, PTX_INVALID, parser->token.line, "the text ends where %s should stand.", wanted);
    return ptx_fail(parser, PTX_INVALID, parser->token.line, "'%.*s' stands where %s should.", PTX_SHOWN(parser->token.text), wanted);
}

bool ptx_expect(struct ptx_parser *parser, const char *mark)
{
    if (ptx_accept(parser, mark)) return true;
    char wanted[16] = "'";
    strncat(wanted, mark, 8);
    return unexpected(parser, strcat(wanted, "'"));
}

bool ptx_take_name(struct ptx_parser *parser, struct ptx_slice *name)
{
    if (parser->token.kind != PTX_TOKEN_WORD || parser->token.text.at[0] == '.') return unexpected(parser, "a name");
    *name = parser->token.text;
    ptx_next(parser);
    return true;
}

bool ptx_take_integer(struct ptx_parser *parser, uint64_t most, uint64_t *value)
{
    if (parser->token.kind != PTX_TOKEN_INTEGER) return unexpected(parser, "a whole number");
    if (parser->token.value > most)
        return ptx_fail(parser, PTX_INVALID, parser->token.line, "%.*s is more than the %llu allowed here.", PTX_SHOWN(parser->token.text),
            (unsigned long long)most);
    *value = parser->token.value;
    ptx_next(parser);
    return true;
}

bool ptx_skip_braces(struct ptx_parser *parser)
{
    if (!ptx_expect(parser, "{")) return false;
    while (!ptx_at(parser, "}")) {
        if (parser->token.kind == PTX_TOKEN_END) return unexpected(parser, "'}'");
        ptx_next(parser);
    }
    ptx_next(parser);
    return true;
}

bool ptx_skip_parentheses(struct ptx_parser *parser)
{
    unsigned depth = 0;
    do {
        if (parser->token.kind == PTX_TOKEN_END) return unexpected(parser, "')'");
        depth += ptx_at(parser, "(");
        if (depth == 0) return unexpected(parser, "'('");
        depth -= ptx_at(parser, ")");
        ptx_next(parser);
    } while (depth > 0);
    return true;
}

bool ptx_open_scope(struct ptx_parser *parser)
{
    if (!ptx_grow((void **)&parser->scope_parents, &parser->scope_capacity, parser->scope_count, sizeof *parser->scope_parents))
        return ptx_no_memory(parser);
    parser->scope_parents[parser->scope_count] = parser->scope;
    parser->scope = (uint32_t)parser->scope_count++;
    return true;
}

void ptx_close_scope(struct ptx_parser *parser) { parser->scope = parser->scope_parents[parser->scope]; }

struct ptx_symbol *ptx_declare(struct ptx_parser *parser, struct ptx_slice name, enum ptx_symbol_kind kind, uint32_t line)
{
    if (ptx_symbols_find(&parser->module->symbols, name, parser->scope)) {
        ptx_fail(parser, PTX_INVALID, line, "'%.*s' is declared a second time.", PTX_SHOWN(name));
        return NULL;
    }
    struct ptx_symbol *symbol = ptx_arena_take(&parser->module->arena, sizeof *symbol);
    char *copy = ptx_arena_copy(&parser->module->arena, name.at, name.length);
    if (symbol && copy) {
        *symbol = (struct ptx_symbol){.name = {copy, name.length}, .scope = parser->scope, .kind = kind};
        if (ptx_symbols_add(&parser->module->symbols, symbol)) return symbol;
    }
    ptx_no_memory(parser);
    return NULL;
}

// The register %r17 of a range %r<100>, declared in `scope` when it is first named.
static struct ptx_symbol *find_in_range(struct ptx_parser *parser, struct ptx_slice name, uint32_t scope)
{
    size_t digits = 0;
    while (digits < name.length && digits < 11 && name.at[name.length - digits - 1] >= '0' &&
        name.at[name.length - digits - 1] <= '9') digits++;
    if (digits == 0 || digits == 11 || digits == name.length) return NULL;
    const char *first = name.at + name.length - digits;
    struct ptx_slice prefix = {name.at, name.length - digits};
    uint64_t number = 0;
    for (size_t i = 0; i < digits; i++) number = number * 10 + (uint64_t)(first[i] - '0');
    const struct ptx_symbol *range = ptx_symbols_find(&parser->module->symbols, prefix, scope);
    if (!range || range->kind != PTX_REGISTER_RANGE || number >= range->value || (digits > 1 && *first == '0')) return NULL;
    uint32_t here = parser->scope;
    parser->scope = scope;
    struct ptx_symbol *symbol = ptx_declare(parser, name, PTX_REGISTER, parser->token.line);
    parser->scope = here;
    if (symbol) symbol->type = range->type;
    return symbol;
}

struct ptx_symbol *ptx_lookup(struct ptx_parser *parser, struct ptx_slice name)
{
    for (uint32_t scope = parser->scope;; scope = parser->scope_parents[scope]) {
        struct ptx_symbol *symbol = ptx_symbols_find(&parser->module->symbols, name, scope);
        if (!symbol) symbol = find_in_range(parser, name, scope);
        if (symbol || scope == 0 || parser->status != PTX_OK) return symbol;
    }
}

// "7.8" as 78.
static bool parse_version(struct ptx_parser *parser)
{
    if (!ptx_accept(parser, ".version")) return unexpected(parser, ".version, with which PTX begins,");
    struct ptx_slice text = parser->token.text;
    if (text.length != 3 || text.at[1] != '.' || parser->token.kind != PTX_TOKEN_FLOAT) return unexpected(parser, "a version like 7.8");
    uint32_t version = (uint32_t)(text.at[0] - '0') * 10 + (uint32_t)(text.at[2] - '0'), most = parser->limits->version;
    if (most && version > most)
        return ptx_fail(parser, PTX_TOO_NEW, parser->token.line, "Unsupported .version %.*s; current version is '%u.%u'", PTX_SHOWN(text),
            most / 10, most % 10);
    if (version > parser->module->version) parser->module->version = version;
    ptx_next(parser);
    return true;
}

static bool parse_target(struct ptx_parser *parser)
{
    uint32_t target = 0, line = parser->token.line, most = parser->limits->target;
    if (!ptx_accept(parser, ".target")) return unexpected(parser, ".target");
    do {
        struct ptx_slice name;
        if (!ptx_take_name(parser, &name)) return false;
        if (name.length >= 5 && name.length <= 7 && !memcmp(name.at, "sm_", 3)) {
            for (size_t i = 3; i < name.length && name.at[i] >= '0' && name.at[i] <= '9'; i++)
                target = target * 10 + (uint32_t)(name.at[i] - '0');
        } else if (!ptx_slice_is(name, "debug") && !ptx_slice_is(name, "texmode_independent") && !ptx_slice_is(name, "texmode_unified")) {
            return ptx_fail(parser, PTX_UNSUPPORTED, parser->token.line, ".target: the simulated GPU does not know '%.*s'.",
                PTX_SHOWN(name));
        }
    } while (ptx_accept(parser, ","));
    if (target > parser->module->target) parser->module->target = target;
    if (most && target > most)
        return ptx_fail(parser, PTX_INVALID, line, "SM version specified by .target is higher than the sm_%u of this GPU.", most);
    return target ? true : ptx_fail(parser, PTX_INVALID, line, ".target names no architecture such as sm_70.");
}

static bool parse_address_size(struct ptx_parser *parser)
{
    uint64_t bits;
    uint32_t line = parser->token.line;
    if (!ptx_take_integer(parser, 64, &bits)) return false;
    return bits == 64 || ptx_fail(parser, PTX_UNSUPPORTED, line, ".address_size %llu: the simulated GPU has 64 bit addresses.",
        (unsigned long long)bits);
}

static bool skip_statement(struct ptx_parser *parser)
{
    while (!ptx_at(parser, ";")) {
        if (parser->token.kind == PTX_TOKEN_END) return unexpected(parser, "';'");
        ptx_next(parser);
    }
    ptx_next(parser);
    return true;
}

// .alias name, function;
static bool parse_alias(struct ptx_parser *parser)
{
    struct ptx_slice name, of;
    uint32_t line = parser->token.line;
    if (!ptx_take_name(parser, &name) || !ptx_expect(parser, ",") || !ptx_take_name(parser, &of)) return false;
    struct ptx_symbol *function = ptx_lookup(parser, of), *alias = ptx_lookup(parser, name);
    if (!function || function->kind != PTX_FUNCTION || (alias && alias->kind != PTX_FUNCTION))
        return ptx_fail(parser, PTX_INVALID, line, ".alias: '%.*s' is no function.", PTX_SHOWN(of));
    if (!alias && !(alias = ptx_declare(parser, name, PTX_FUNCTION, line))) return false;
    alias->function = function->function;
    return ptx_expect(parser, ";");
}

static bool parse_directive(struct ptx_parser *parser)
{
    bool is_extern = false, is_weak = false, is_shown = false;
    for (; ptx_is_linkage(parser); ptx_next(parser)) {
        is_extern |= ptx_at(parser, ".extern");
        is_weak |= ptx_at(parser, ".weak") || ptx_at(parser, ".common");
        is_shown = true;
    }
    if (ptx_is_variable(parser)) return ptx_parse_variable(parser, is_extern, is_weak, is_shown);
    if (ptx_accept(parser, ".func")) return ptx_parse_function(parser, is_weak, is_shown);
    if (ptx_accept(parser, ".alias")) return parse_alias(parser);
    if (ptx_accept(parser, ".entry")) return ptx_parse_entry(parser, is_extern);
    if (ptx_accept(parser, ".address_size")) return parse_address_size(parser);
    if (ptx_accept(parser, ".pragma")) return skip_statement(parser);
    if (ptx_accept(parser, ".section")) {
        ptx_next(parser);
        return ptx_skip_braces(parser);
    }
    if (ptx_at(parser, ".file") || ptx_at(parser, "@")) {
        ptx_lex_skip_line(&parser->lexer);
        ptx_next(parser);
        return true;
    }
    if (parser->token.kind == PTX_TOKEN_WORD && parser->token.text.at[0] == '.')
        return ptx_fail(parser, PTX_UNSUPPORTED, parser->token.line, "%.*s: the simulated GPU does not know this directive here.",
            PTX_SHOWN(parser->token.text));
    return unexpected(parser, "a directive");
}

bool ptx_parse_module(struct ptx_parser *parser)
{
    ptx_next(parser);
    if (!parse_version(parser) || !parse_target(parser)) return false;
    while (parser->token.kind != PTX_TOKEN_END) {
        if (!parse_directive(parser)) return false;
    }
    return true;
}
