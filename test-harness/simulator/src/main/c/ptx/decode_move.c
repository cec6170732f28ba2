// decode_move.c: mov, selp and slct.
#include "parser.h"

// mov.b64 %rd, {%r1, %r2} and back: parts from the lowest on.
static bool pack(struct ptx_parser *parser, struct ptx_statement *statement, enum ptx_type type, enum ptx_type part, uint16_t d)
{
    const struct ptx_operand *from = &statement->operands[1];
    uint16_t packed = 0, shift, moved;
    for (unsigned i = 0; i < from->element_count; i++) {
        if (!ptx_value_slot(parser, statement, &from->elements[i], part, false, &moved)) return false;
        if (!ptx_constant(parser, i * 8 * ptx_type_bytes(part), &shift)) return false;
        if (!ptx_apply(parser, statement, ptx_hot_shl_64, (uint16_t[4]){moved, shift}, &moved)) return false;
        if (!ptx_apply(parser, statement, ptx_hot_or, (uint16_t[4]){packed, moved}, &packed)) return false;
    }
    (void)type;
    return ptx_apply_to(parser, statement, ptx_hot_mov, (uint16_t[4]){packed}, d);
}

static bool unpack(struct ptx_parser *parser, struct ptx_statement *statement, enum ptx_type type, enum ptx_type part)
{
    const struct ptx_operand *into = &statement->operands[0];
    uint16_t source, shift, moved, d;
    if (!ptx_source(parser, statement, 1, type, &source) || !ptx_apply_one(parser, statement, ptx_hot_mov, &source)) return false;
    for (unsigned i = 0; i < into->element_count; i++) {
        if (!ptx_target(parser, statement, &into->elements[i], part, false, &d)) return false;
        if (!ptx_constant(parser, i * 8 * ptx_type_bytes(part), &shift)) return false;
        if (!ptx_apply(parser, statement, ptx_hot_shr_u, (uint16_t[4]){source, shift}, &moved)) return false;
        if (!ptx_apply_to(parser, statement, ptx_bits_function("zext", part), (uint16_t[4]){moved}, d)) return false;
    }
    return true;
}

static bool move_vector(struct ptx_parser *parser, struct ptx_statement *statement, enum ptx_type type)
{
    bool packs = statement->operands[1].value.kind == PTX_OPERAND_VECTOR;
    unsigned elements = statement->operands[packs ? 1 : 0].element_count;
    uint32_t bytes = elements ? ptx_type_bytes(type) / elements : 0;
    enum ptx_type part = bytes == 1 ? PTX_B8 : bytes == 2 ? PTX_B16 : bytes == 4 ? PTX_B32 : PTX_NONE;
    if (part == PTX_NONE || elements == 3 || !ptx_type_is_bits(type)) return ptx_refuse(parser, statement, "this packing");
    uint16_t d;
    if (!packs) return unpack(parser, statement, type, part);
    return ptx_destination(parser, statement, 0, type, &d) && pack(parser, statement, type, part, d);
}

// The address of a function.
static bool move_function(struct ptx_parser *parser, struct ptx_statement *statement, enum ptx_type type, uint16_t d)
{
    uint16_t a;
    if (ptx_type_bytes(type) != 8 || ptx_type_is_float(type)) return ptx_refuse(parser, statement, "addresses of this type");
    return ptx_function_address(parser, statement->operands[1].value.symbol, &a) &&
        ptx_apply_to(parser, statement, ptx_hot_mov, (uint16_t[4]){a}, d);
}

// The address of a variable, in its own state space, plus the offset.
static bool move_address(struct ptx_parser *parser, struct ptx_statement *statement, enum ptx_type type, uint16_t d)
{
    const struct ptx_operand *from = &statement->operands[1];
    uint16_t base;
    if (ptx_type_bytes(type) < 4 || ptx_type_is_float(type)) return ptx_refuse(parser, statement, "addresses of this type");
    if (!ptx_variable_address(parser, from->value.symbol, &base)) return false;
    struct ptx_insn locate = {.op = PTX_OP_LOCATE, .d = d, .a = base, .b = 1, .offset = (int32_t)from->offset};
    locate.mask = ptx_type_bytes(type) == 4 ? UINT32_MAX : UINT64_MAX;
    return ptx_emit(parser, statement, locate);
}

bool ptx_decode_move(struct ptx_parser *parser, struct ptx_statement *statement)
{
    enum ptx_type type;
    uint16_t d, a;
    if (!ptx_need_type(parser, statement, &type) || !ptx_all_taken(parser, statement) || !ptx_operands_are(parser, statement, 2, 2))
        return false;
    if (statement->operands[0].value.kind == PTX_OPERAND_VECTOR || statement->operands[1].value.kind == PTX_OPERAND_VECTOR)
        return move_vector(parser, statement, type);
    if (!ptx_destination(parser, statement, 0, type, &d)) return false;
    if (statement->operands[1].value.kind == PTX_OPERAND_VARIABLE) return move_address(parser, statement, type, d);
    if (statement->operands[1].value.kind == PTX_OPERAND_FUNCTION) return move_function(parser, statement, type, d);
    return ptx_source(parser, statement, 1, type, &a) && ptx_apply_to(parser, statement, ptx_hot_mov, (uint16_t[4]){a}, d);
}

// selp d, a, b, p: a if p. slct d, a, b, c: a if c >= 0.
bool ptx_decode_select(struct ptx_parser *parser, struct ptx_statement *statement)
{
    bool by_sign = ptx_slice_is(statement->parts[0], "slct"), flush = ptx_take(statement, "ftz");
    enum ptx_type type, condition = PTX_PRED;
    uint16_t d, operands[4] = {0};
    if (!ptx_need_type(parser, statement, &type) || (by_sign && !ptx_need_type(parser, statement, &condition))) return false;
    if (!ptx_all_taken(parser, statement) || !ptx_operands_are(parser, statement, 4, 4)) return false;
    bool known = !by_sign || condition == PTX_S32 || condition == PTX_F32;
    if (!known || type == PTX_PRED || ptx_type_bytes(type) == 1 || (flush && condition != PTX_F32))
        return ptx_refuse(parser, statement, "this selection");
    if (!ptx_destination(parser, statement, 0, type, &d)) return false;
    for (unsigned i = 0; i < 3; i++) {
        if (!ptx_source(parser, statement, i + 1, i == 2 ? condition : type, &operands[i])) return false;
    }
    if (by_sign) {
        uint16_t chosen = operands[2];
        if (flush && !ptx_apply_one(parser, statement, ptx_flush_f32, &chosen)) return false;
        ptx_function *at_least_zero = ptx_compare_function((struct ptx_slice){"ge", 2}, condition);
        if (!ptx_apply(parser, statement, at_least_zero, (uint16_t[4]){chosen}, &operands[2])) return false;
    }
    return ptx_apply_to(parser, statement, ptx_hot_select, operands, d);
}
