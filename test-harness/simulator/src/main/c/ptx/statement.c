// statement.c: modifiers and operands of an instruction, as its decoder asks for them.
#include "parser.h"

bool ptx_take(struct ptx_statement *statement, const char *part)
{
    for (unsigned i = 1; i < statement->part_count; i++) {
        if (statement->used[i] || !ptx_slice_is(statement->parts[i], part)) continue;
        return statement->used[i] = true;
    }
    return false;
}

enum ptx_type ptx_take_type(struct ptx_statement *statement)
{
    for (unsigned i = 1; i < statement->part_count; i++) {
        enum ptx_type type = statement->used[i] ? PTX_NONE : ptx_type_named(statement->parts[i]);
        if (type == PTX_NONE) continue;
        statement->used[i] = true;
        return type;
    }
    return PTX_NONE;
}

bool ptx_need_type(struct ptx_parser *parser, struct ptx_statement *statement, enum ptx_type *type)
{
    *type = ptx_take_type(statement);
    return *type != PTX_NONE || ptx_refuse(parser, statement, "this instruction without one of the types that it knows");
}

bool ptx_all_taken(struct ptx_parser *parser, const struct ptx_statement *statement)
{
    for (unsigned i = 1; i < statement->part_count; i++) {
        struct ptx_slice part = statement->parts[i];
        if (!statement->used[i])
            return ptx_fail(parser, PTX_UNSUPPORTED, statement->line, "%.*s: the simulated GPU does not run this instruction with .%.*s.",
                PTX_SHOWN(statement->opcode), PTX_SHOWN(part));
    }
    return true;
}

bool ptx_operands_are(struct ptx_parser *parser, const struct ptx_statement *statement, unsigned least, unsigned most)
{
    if (statement->operand_count >= least && statement->operand_count <= most) return true;
    return ptx_fail(parser, PTX_INVALID, statement->line, "%.*s: has %u operands, %u are needed.", PTX_SHOWN(statement->opcode),
        statement->operand_count, least);
}

static bool mismatch(struct ptx_parser *parser, const struct ptx_statement *statement, enum ptx_type type)
{
    return ptx_fail(parser, PTX_INVALID, statement->line, "%.*s: an operand is not of the type .%s that the instruction needs.",
        PTX_SHOWN(statement->opcode), ptx_type_name(type));
}

static uint64_t cut(uint64_t value, enum ptx_type type)
{
    uint32_t bytes = ptx_type_bytes(type);
    return type == PTX_PRED ? value != 0 : bytes == 8 ? value : value & ((UINT64_C(1) << (8 * bytes)) - 1);
}

static bool constant_slot(struct ptx_parser *parser, const struct ptx_statement *statement, const struct ptx_value *value,
    enum ptx_type type, uint16_t *slot)
{
    if (value->kind == PTX_OPERAND_INTEGER) {
        if (ptx_type_is_float(type)) return mismatch(parser, statement, type);
        return ptx_constant(parser, cut(value->number, type), slot);
    }
    bool narrow = ptx_type_bytes(type) == 4;
    if (type == PTX_PRED || ptx_type_is_half(type) || ptx_type_bytes(type) < 4 || ptx_type_is_integer(type))
        return mismatch(parser, statement, type);
    uint64_t bits = value->number;
    if (value->single && !narrow) bits = ptx_raw_f64(ptx_f32(bits));
    if (!value->single && narrow) bits = ptx_f64_to_f32(bits, 0, 0, PTX_ROUND_NEAREST);
    return ptx_constant(parser, bits, slot);
}

static bool fits(enum ptx_type held, enum ptx_type wanted, bool wider)
{
    if (ptx_type_agrees(held, wanted)) return true;
    if (!wider || held == PTX_PRED || wanted == PTX_PRED || ptx_type_bytes(held) < ptx_type_bytes(wanted)) return false;
    if (ptx_type_bytes(held) == ptx_type_bytes(wanted)) return false;
    return ptx_type_is_float(wanted) ? ptx_type_is_bits(held) : !ptx_type_is_float(held);
}

bool ptx_value_slot(struct ptx_parser *parser, const struct ptx_statement *statement, const struct ptx_value *value, enum ptx_type type,
    bool wider, uint16_t *slot)
{
    switch (value->kind) {
    case PTX_OPERAND_REGISTER:
        *slot = value->slot;
        return fits(value->type, type, wider) || mismatch(parser, statement, type);
    case PTX_OPERAND_INTEGER:
    case PTX_OPERAND_FLOAT:
        return constant_slot(parser, statement, value, type, slot);
    case PTX_OPERAND_LABEL:
        return ptx_fail(parser, PTX_INVALID, statement->line, "%.*s: '%.*s' is not declared.", PTX_SHOWN(statement->opcode),
            PTX_SHOWN(value->name));
    default:
        return mismatch(parser, statement, type);
    }
}

bool ptx_source(struct ptx_parser *parser, const struct ptx_statement *statement, unsigned index, enum ptx_type type, uint16_t *slot)
{
    const struct ptx_operand *operand = &statement->operands[index];
    if (operand->has_second) return mismatch(parser, statement, type);
    if (!ptx_value_slot(parser, statement, &operand->value, type, false, slot)) return false;
    if (!operand->negated) return true;
    if (type != PTX_PRED) return mismatch(parser, statement, type);
    return ptx_apply_one(parser, statement, ptx_bits_function("not", PTX_PRED), slot);
}

bool ptx_target(struct ptx_parser *parser, const struct ptx_statement *statement, const struct ptx_value *value, enum ptx_type type,
    bool wider, uint16_t *slot)
{
    if (value->kind == PTX_OPERAND_SINK) {
        if (!parser->sink_slot && !ptx_new_slot(parser, 0, &parser->sink_slot)) return false;
        *slot = parser->sink_slot;
        return true;
    }
    if (value->kind != PTX_OPERAND_REGISTER) return mismatch(parser, statement, type);
    if (value->name.at[0] == '%' && !ptx_lookup(parser, value->name))
        return ptx_fail(parser, PTX_INVALID, statement->line, "%.*s: a special register cannot be written.", PTX_SHOWN(statement->opcode));
    *slot = value->slot;
    return fits(value->type, type, wider) || mismatch(parser, statement, type);
}

bool ptx_destination(struct ptx_parser *parser, const struct ptx_statement *statement, unsigned index, enum ptx_type type, uint16_t *slot)
{
    const struct ptx_operand *operand = &statement->operands[index];
    if (operand->negated || operand->has_second) return mismatch(parser, statement, type);
    return ptx_target(parser, statement, &operand->value, type, false, slot);
}
