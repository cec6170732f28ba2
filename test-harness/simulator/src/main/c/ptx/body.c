// body.c: the statements of a kernel.
#include "parser.h"

enum { MOST_NESTING = 256 };

// .reg .type name, name<count>, ... ;
static bool parse_registers(struct ptx_parser *parser)
{
    struct ptx_slice word = parser->token.text;
    enum ptx_type type = parser->token.kind == PTX_TOKEN_WORD && word.length > 1
        ? ptx_type_named((struct ptx_slice){word.at + 1, word.length - 1}) : PTX_NONE;
    if (type == PTX_NONE)
        return ptx_fail(parser, PTX_UNSUPPORTED, parser->token.line, ".reg %.*s: the simulated GPU has no such registers.",
            PTX_SHOWN(word));
    ptx_next(parser);
    do {
        struct ptx_slice name;
        uint32_t line = parser->token.line;
        uint64_t count = 0;
        if (!ptx_take_name(parser, &name)) return false;
        bool range = ptx_accept(parser, "<");
        if (range && (!ptx_take_integer(parser, UINT32_MAX, &count) || !ptx_expect(parser, ">"))) return false;
        struct ptx_symbol *symbol = ptx_declare(parser, name, range ? PTX_REGISTER_RANGE : PTX_REGISTER, line);
        if (!symbol) return false;
        symbol->type = type;
        symbol->value = count;
    } while (ptx_accept(parser, ","));
    return ptx_expect(parser, ";");
}

static void split_opcode(struct ptx_statement *statement, bool *fits)
{
    const char *at = statement->opcode.at, *end = at + statement->opcode.length;
    *fits = true;
    while (at <= end && *fits) {
        const char *stop = at;
        while (stop < end && *stop != '.') stop++;
        if (statement->part_count == PTX_MOST_PARTS)
            *fits = false;
        else
            statement->parts[statement->part_count++] = (struct ptx_slice){at, (size_t)(stop - at)};
        at = stop + 1;
    }
}

static bool parse_guard(struct ptx_parser *parser, struct ptx_statement *statement)
{
    struct ptx_operand operand = {0};
    statement->guarded = true;
    statement->guard_negated = ptx_accept(parser, "!");
    if (!ptx_parse_operand(parser, &operand)) return false;
    if (operand.value.kind != PTX_OPERAND_REGISTER || operand.value.type != PTX_PRED)
        return ptx_fail(parser, PTX_INVALID, statement->line, "the guard of an instruction is not a predicate register.");
    statement->guard_slot = operand.value.slot;
    return true;
}

static bool parse_operands(struct ptx_parser *parser, struct ptx_statement *statement)
{
    if (ptx_accept(parser, ";")) return true;
    do {
        if (statement->operand_count == PTX_MOST_OPERANDS) return ptx_refuse(parser, statement, "so many operands");
        if (!ptx_parse_operand(parser, &statement->operands[statement->operand_count++])) return false;
    } while (ptx_accept(parser, ","));
    return ptx_expect(parser, ";");
}

// ld.const[3].u32: the rest of the opcode comes after a bank of old, see variables.c.
static bool skip_bank(struct ptx_parser *parser, struct ptx_statement *statement)
{
    uint64_t bank;
    bool fits = true;
    if (!ptx_accept(parser, "[")) return true;
    if (!ptx_take_integer(parser, 10, &bank) || !ptx_expect(parser, "]")) return false;
    if (parser->token.kind != PTX_TOKEN_WORD || parser->token.text.at[0] != '.') return ptx_refuse(parser, statement, "this instruction");
    struct ptx_slice rest = statement->opcode;
    statement->opcode = (struct ptx_slice){parser->token.text.at + 1, parser->token.text.length - 1};
    split_opcode(statement, &fits);
    statement->opcode = rest;
    ptx_next(parser);
    return fits || ptx_refuse(parser, statement, "this instruction");
}

// A guarded instruction is decoded to a skip over what it is decoded to. A branch has its guard within itself.
static bool parse_instruction(struct ptx_parser *parser, struct ptx_statement *statement)
{
    bool fits;
    statement->opcode = parser->token.text;
    statement->line = parser->token.line;
    if (parser->token.kind != PTX_TOKEN_WORD || statement->opcode.at[0] == '.')
        return ptx_fail(parser, PTX_INVALID, statement->line, "'%.*s' stands where an instruction should.", PTX_SHOWN(statement->opcode));
    split_opcode(statement, &fits);
    ptx_decoder *decoder = ptx_find_decoder(statement->parts[0]);
    if (!decoder || !fits) return ptx_refuse(parser, statement, "this instruction");
    ptx_next(parser);
    if (ptx_slice_is(statement->opcode, "ld.const") && !skip_bank(parser, statement)) return false;
    struct ptx_kernel *kernel = parser->kernel;
    size_t skip_at = kernel->count;
    bool skips = statement->guarded && decoder != ptx_decode_branch;
    struct ptx_insn skip = {.op = statement->guard_negated ? PTX_OP_SKIP_IF : PTX_OP_SKIP_UNLESS, .a = statement->guard_slot};
    if (skips && !ptx_emit(parser, statement, skip)) return false;
    bool calls = decoder == ptx_parse_call;
    if ((!calls && !parse_operands(parser, statement)) || !decoder(parser, statement)) return false;
    if (skips) kernel->code[skip_at].offset = (int32_t)(kernel->count - skip_at);
    parser->issued++;
    parser->scratch_used = 0;
    return true;
}

static bool parse_label(struct ptx_parser *parser, struct ptx_slice name, uint32_t line)
{
    struct ptx_symbol *label = ptx_declare(parser, name, PTX_LABEL, line);
    if (!label) return false;
    label->value = parser->kernel->count;
    return true;
}

static bool is_label(struct ptx_parser *parser)
{
    struct ptx_lexer ahead = parser->lexer;
    struct ptx_token token = ptx_lex(&ahead);
    return parser->token.kind == PTX_TOKEN_WORD && ptx_token_is(&token, ":");
}

static bool parse_body_directive(struct ptx_parser *parser)
{
    if (ptx_accept(parser, ".reg")) return parse_registers(parser);
    if (ptx_at(parser, ".param")) return ptx_parse_frame_variable(parser);
    if (ptx_is_variable(parser)) return ptx_parse_variable(parser, false, false, false);
    if (ptx_at(parser, ".loc") || ptx_at(parser, ".file")) {
        ptx_lex_skip_line(&parser->lexer);
        ptx_next(parser);
        return true;
    }
    if (ptx_accept(parser, ".pragma")) {
        while (parser->token.kind == PTX_TOKEN_STRING || ptx_at(parser, ",")) ptx_next(parser);
        return ptx_expect(parser, ";");
    }
    return ptx_fail(parser, PTX_UNSUPPORTED, parser->token.line, "%.*s: the simulated GPU does not know this directive in a kernel.",
        PTX_SHOWN(parser->token.text));
}

static bool parse_statement(struct ptx_parser *parser)
{
    if (is_label(parser)) {
        struct ptx_slice name = parser->token.text;
        uint32_t line = parser->token.line;
        ptx_next(parser);
        ptx_next(parser);
        if (ptx_at(parser, ".callprototype") || ptx_at(parser, ".calltargets")) return ptx_parse_prototype(parser, name, line);
        if (ptx_at(parser, ".branchtargets")) return ptx_parse_label_list(parser, name, line);
        return parse_label(parser, name, line);
    }
    if (parser->token.kind == PTX_TOKEN_WORD && parser->token.text.at[0] == '.') return parse_body_directive(parser);
    struct ptx_statement statement = {.line = parser->token.line};
    if (ptx_accept(parser, "@") && !parse_guard(parser, &statement)) return false;
    return parse_instruction(parser, &statement);
}

bool ptx_parse_body(struct ptx_parser *parser)
{
    unsigned depth = 1;
    if (!ptx_expect(parser, "{")) return false;
    while (depth > 0) {
        if (parser->token.kind == PTX_TOKEN_END) return ptx_expect(parser, "}");
        if (ptx_accept(parser, "{")) {
            if (++depth > MOST_NESTING)
                return ptx_fail(parser, PTX_INVALID, parser->token.line, "blocks are nested more than %d deep.", MOST_NESTING);
            if (!ptx_open_scope(parser)) return false;
        } else if (ptx_at(parser, "}")) {
            if (--depth > 0) {
                ptx_close_scope(parser);
                ptx_next(parser);
            }
        } else if (!ptx_accept(parser, ";") && !parse_statement(parser)) {
            return false;
        }
    }
    struct ptx_statement end = {.opcode = {"ret", 3}, .parts = {{"ret", 3}}, .part_count = 1, .line = parser->token.line};
    if (!ptx_decode_exit(parser, &end)) return false;
    ptx_next(parser);
    return true;
}
