// operand.c: reads what stands between the commas of an instruction.
#include "parser.h"

static bool parse_name(struct ptx_parser *parser, struct ptx_value *value)
{
    bool known;
    value->name = parser->token.text;
    uint32_t line = parser->token.line;
    if (value->name.at[0] == '.') return ptx_fail(parser, PTX_INVALID, line, "'%.*s' is no operand.", PTX_SHOWN(value->name));
    if (ptx_slice_is(value->name, "_")) {
        value->kind = PTX_OPERAND_SINK;
    } else if (ptx_slice_is(value->name, "WARP_SZ")) {
        value->kind = PTX_OPERAND_INTEGER;
        value->number = 32;
    } else {
        struct ptx_symbol *symbol = ptx_lookup(parser, value->name);
        if (parser->status != PTX_OK) return false;
        if (symbol && symbol->kind == PTX_REGISTER) {
            value->kind = PTX_OPERAND_REGISTER;
            value->type = symbol->type;
            if (!ptx_register_slot(parser, symbol, &value->slot)) return false;
        } else if (symbol && symbol->kind == PTX_VARIABLE) {
            value->kind = PTX_OPERAND_VARIABLE;
            value->symbol = symbol;
        } else if (symbol && symbol->kind == PTX_FUNCTION) {
            value->kind = PTX_OPERAND_FUNCTION;
            value->symbol = symbol;
        } else if (value->name.at[0] == '%') {
            if (!ptx_special_value(parser, value->name, value, &known)) return false;
            if (!known)
                return ptx_fail(parser, PTX_INVALID, line, "'%.*s' is not declared, and no special register of the simulated GPU.",
                    PTX_SHOWN(value->name));
        } else {
            value->kind = PTX_OPERAND_LABEL;
        }
    }
    ptx_next(parser);
    return true;
}

bool ptx_parse_number(struct ptx_parser *parser, struct ptx_value *value)
{
    bool negative = ptx_accept(parser, "-"), inverted = !negative && ptx_accept(parser, "~");
    if (parser->token.kind == PTX_TOKEN_INTEGER) {
        value->kind = PTX_OPERAND_INTEGER;
        value->number = negative ? 0 - parser->token.value : inverted ? ~parser->token.value : parser->token.value;
    } else if (parser->token.kind == PTX_TOKEN_FLOAT && !inverted) {
        value->kind = PTX_OPERAND_FLOAT;
        value->single = parser->token.single;
        uint64_t sign = value->single ? UINT64_C(1) << 31 : UINT64_C(1) << 63;
        value->number = parser->token.value ^ (negative ? sign : 0);
    } else if (ptx_at(parser, "(")) {
        return ptx_fail(parser, PTX_UNSUPPORTED, parser->token.line,
            "the simulated GPU does not read constant expressions in parentheses.");
    } else {
        int length = parser->token.text.length < 60 ? (int)parser->token.text.length : 60;
        return ptx_fail(parser, PTX_INVALID, parser->token.line, "'%.*s' is no operand.", length, parser->token.text.at);
    }
    ptx_next(parser);
    return true;
}

static bool parse_value(struct ptx_parser *parser, struct ptx_value *value)
{
    return parser->token.kind == PTX_TOKEN_WORD ? parse_name(parser, value) : ptx_parse_number(parser, value);
}

// "+ 4", "- 4", "+ -4" or nothing.
static bool parse_offset(struct ptx_parser *parser, int64_t *offset)
{
    *offset = 0;
    if (!ptx_at(parser, "+") && !ptx_at(parser, "-")) return true;
    bool negative = ptx_at(parser, "-");
    ptx_next(parser);
    if (!negative) negative = ptx_accept(parser, "-");
    uint64_t distance;
    if (!ptx_take_integer(parser, INT32_MAX, &distance)) return false;
    *offset = negative ? -(int64_t)distance : (int64_t)distance;
    return true;
}

static bool parse_vector(struct ptx_parser *parser, struct ptx_operand *operand)
{
    operand->value.kind = PTX_OPERAND_VECTOR;
    do {
        if (operand->element_count == PTX_MOST_ELEMENTS)
            return ptx_fail(parser, PTX_UNSUPPORTED, parser->token.line, "a vector of more than %d elements.", PTX_MOST_ELEMENTS);
        if (!parse_value(parser, &operand->elements[operand->element_count++])) return false;
    } while (ptx_accept(parser, ","));
    return ptx_expect(parser, "}");
}

bool ptx_parse_operand(struct ptx_parser *parser, struct ptx_operand *operand)
{
    if (ptx_accept(parser, "{")) return parse_vector(parser, operand);
    if (ptx_accept(parser, "[")) {
        operand->value.kind = PTX_OPERAND_ADDRESS;
        return parse_value(parser, &operand->base) && parse_offset(parser, &operand->offset) && ptx_expect(parser, "]");
    }
    operand->negated = ptx_accept(parser, "!");
    if (!parse_value(parser, &operand->value)) return false;
    if (ptx_accept(parser, "|")) {
        operand->has_second = true;
        return parse_value(parser, &operand->second);
    }
    return operand->value.kind != PTX_OPERAND_VARIABLE || parse_offset(parser, &operand->offset);
}
