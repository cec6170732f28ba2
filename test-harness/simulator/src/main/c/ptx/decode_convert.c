// decode_convert.c: cvt. Whole numbers are converted by way of 64 bits and floats by way of .f64, which holds every narrower
// float exactly, so that only the last step rounds.
#include "half.h"
#include "parser.h"
#include "small.h"

struct conversion {
    enum ptx_type to, from;
    bool to_whole, rounds, flush, saturate, relu; // to_whole: .rni and its like; rounds: .rn and its like
    enum ptx_rounding rounding;
    uint16_t mode; // slot of the rounding
};

static void take_roundings(struct ptx_statement *statement, struct conversion *conversion)
{
    static const struct { const char *whole, *fraction; enum ptx_rounding rounding; } MODES[] = {
        {"rni", "rn", PTX_ROUND_NEAREST}, {"rzi", "rz", PTX_ROUND_ZERO}, {"rmi", "rm", PTX_ROUND_DOWN}, {"rpi", "rp", PTX_ROUND_UP},
    };
    for (size_t i = 0; i < sizeof MODES / sizeof *MODES; i++) {
        bool whole = ptx_take(statement, MODES[i].whole), fraction = ptx_take(statement, MODES[i].fraction);
        conversion->to_whole |= whole;
        conversion->rounds |= fraction;
        if (whole || fraction) conversion->rounding = MODES[i].rounding;
    }
}

static enum ptx_type bits_of(uint32_t bytes) { return bytes == 1 ? PTX_B8 : bytes == 2 ? PTX_B16 : bytes == 4 ? PTX_B32 : PTX_B64; }

// Bits of `type`, in a slot of at least its width, as 64 bits: by sign or zeros.
static bool widen_integer(struct ptx_parser *parser, struct ptx_statement *statement, enum ptx_type type, uint16_t *slot)
{
    const char *how = ptx_type_is_signed(type) ? "sext" : "zext";
    return ptx_type_bytes(type) == 8 || ptx_apply_one(parser, statement, ptx_bits_function(how, bits_of(ptx_type_bytes(type))), slot);
}

static bool widen_float(struct ptx_parser *parser, struct ptx_statement *statement, const struct conversion *conversion, uint16_t *slot)
{
    if (conversion->flush && conversion->from == PTX_F32 && !ptx_apply_one(parser, statement, ptx_flush_f32, slot)) return false;
    return conversion->from == PTX_F64 || ptx_apply_one(parser, statement, conversion->from == PTX_F32 ? ptx_f32_to_f64
        : conversion->from == PTX_F16 ? ptx_f16_to_f64 : ptx_bf16_to_f64, slot);
}

static bool clamp_integer(struct ptx_parser *parser, struct ptx_statement *statement, const struct conversion *conversion, uint16_t *slot)
{
    uint32_t bits = 8 * ptx_type_bytes(conversion->to);
    bool to_signed = ptx_type_is_signed(conversion->to), from_signed = ptx_type_is_signed(conversion->from);
    uint64_t most = to_signed ? (UINT64_C(1) << (bits - 1)) - 1 : UINT64_MAX >> (64 - bits);
    if (from_signed && most > INT64_MAX) most = INT64_MAX;
    uint64_t least = to_signed && from_signed ? 0 - (UINT64_C(1) << (bits - 1)) : 0;
    uint16_t low, high;
    if (!ptx_constant(parser, least, &low) || !ptx_constant(parser, most, &high)) return false;
    return ptx_apply(parser, statement, from_signed ? ptx_clamp_signed : ptx_clamp_unsigned, (uint16_t[4]){*slot, low, high}, slot);
}

static bool to_integer(struct ptx_parser *parser, struct ptx_statement *statement, const struct conversion *conversion, uint16_t *slot)
{
    if (!ptx_type_is_float(conversion->from)) {
        if (conversion->to_whole || conversion->rounds) return ptx_refuse(parser, statement, "roundings between whole numbers");
        return widen_integer(parser, statement, conversion->from, slot) &&
            (!conversion->saturate || clamp_integer(parser, statement, conversion, slot));
    }
    if (!conversion->to_whole)
        return ptx_fail(parser, PTX_INVALID, statement->line, "%.*s: says no way of rounding to a whole number, such as .rzi.",
            PTX_SHOWN(statement->opcode));
    uint16_t bits;
    if (!widen_float(parser, statement, conversion, slot) || !ptx_constant(parser, 8 * ptx_type_bytes(conversion->to), &bits)) return false;
    ptx_function *convert = ptx_type_is_signed(conversion->to) ? ptx_f64_to_signed : ptx_f64_to_unsigned;
    return ptx_apply(parser, statement, convert, (uint16_t[4]){*slot, bits, 0, conversion->mode}, slot);
}

// A result narrower than its register is extended by its sign or by zeros.
static bool store_integer(struct ptx_parser *parser, struct ptx_statement *statement, const struct conversion *conversion, uint16_t slot,
    uint16_t d)
{
    const struct ptx_value *into = &statement->operands[0].value;
    uint32_t width = into->kind == PTX_OPERAND_REGISTER ? ptx_type_bytes(into->type) : ptx_type_bytes(conversion->to);
    if (width > ptx_type_bytes(conversion->to) && !widen_integer(parser, statement, conversion->to, &slot)) return false;
    return ptx_apply_to(parser, statement, ptx_bits_function("zext", bits_of(width)), (uint16_t[4]){slot}, d);
}

static bool from_integer(struct ptx_parser *parser, struct ptx_statement *statement, const struct conversion *conversion, uint16_t *slot)
{
    if (!conversion->rounds)
        return ptx_fail(parser, PTX_INVALID, statement->line, "%.*s: says no way of rounding, such as .rn.", PTX_SHOWN(statement->opcode));
    bool is_signed = ptx_type_is_signed(conversion->from), single = conversion->to == PTX_F32;
    ptx_function *convert = is_signed ? (single ? ptx_s64_to_f32 : ptx_s64_to_f64) : (single ? ptx_u64_to_f32 : ptx_u64_to_f64);
    if (!widen_integer(parser, statement, conversion->from, slot)) return false;
    if (!ptx_apply(parser, statement, convert, (uint16_t[4]){*slot, 0, 0, conversion->mode}, slot)) return false;
    if (conversion->to == PTX_F32 || conversion->to == PTX_F64) return true;
    return ptx_apply(parser, statement, conversion->to == PTX_F16 ? ptx_f64_to_f16 : ptx_f64_to_bf16,
        (uint16_t[4]){*slot, 0, 0, conversion->mode}, slot);
}

static bool between_floats(struct ptx_parser *parser, struct ptx_statement *statement, const struct conversion *conversion, uint16_t *slot)
{
    bool narrows = ptx_type_bytes(conversion->to) < ptx_type_bytes(conversion->from) ||
        (conversion->to != conversion->from && ptx_type_bytes(conversion->to) == 2 && ptx_type_bytes(conversion->from) == 2);
    if (narrows != conversion->rounds || (conversion->to_whole && conversion->to != conversion->from))
        return ptx_fail(parser, PTX_INVALID, statement->line,
            "%.*s: a conversion to a narrower float says how to round, such as .rn, and no other does.", PTX_SHOWN(statement->opcode));
    if (conversion->to == conversion->from && !conversion->to_whole)
        return !conversion->flush || ptx_apply_one(parser, statement, ptx_flush_f32, slot);
    if (!widen_float(parser, statement, conversion, slot)) return false;
    const uint16_t operands[4] = {*slot, 0, 0, conversion->mode};
    if (conversion->to_whole && !ptx_apply(parser, statement, ptx_f64_integral, operands, slot)) return false;
    if (conversion->to == PTX_F64) return true;
    return ptx_apply(parser, statement, conversion->to == PTX_F32 ? ptx_f64_to_f32 : conversion->to == PTX_F16 ? ptx_f64_to_f16 : ptx_f64_to_bf16,
        (uint16_t[4]){*slot, 0, 0, conversion->mode}, slot);
}

static bool finish_half(struct ptx_parser *parser, struct ptx_statement *statement, const struct conversion *conversion, uint16_t slot,
    uint16_t d)
{
    uint16_t flags;
    if (!conversion->saturate && !conversion->relu) return ptx_apply_to(parser, statement, ptx_hot_mov, (uint16_t[4]){slot}, d);
    if (!ptx_constant(parser, (conversion->saturate ? PTX_HALF_SATURATE : 0) | (conversion->relu ? PTX_HALF_RELU : 0), &flags)) return false;
    return ptx_apply_to(parser, statement, conversion->to == PTX_F16 ? ptx_finish_f16 : ptx_finish_bf16, (uint16_t[4]){slot, 0, 0, flags}, d);
}

static bool to_float(struct ptx_parser *parser, struct ptx_statement *statement, const struct conversion *conversion, uint16_t slot,
    uint16_t d)
{
    bool whole = !ptx_type_is_float(conversion->from);
    if (!(whole ? from_integer : between_floats)(parser, statement, conversion, &slot)) return false;
    if (conversion->flush && conversion->to == PTX_F32 && !ptx_apply_one(parser, statement, ptx_flush_f32, &slot)) return false;
    if (conversion->to == PTX_F16 || conversion->to == PTX_BF16) return finish_half(parser, statement, conversion, slot, d);
    if (conversion->relu) return ptx_refuse(parser, statement, ".relu of this type");
    if (conversion->saturate && !ptx_apply_one(parser, statement, conversion->to == PTX_F32 ? ptx_saturate_f32 : ptx_saturate_f64, &slot))
        return false;
    return ptx_apply_to(parser, statement, ptx_hot_mov, (uint16_t[4]){slot}, d);
}

// The commonest conversions change nothing in a slot, or are one instruction.
static bool is_plain(const struct ptx_statement *statement, const struct conversion *conversion, ptx_function **call)
{
    const struct ptx_operand *from = &statement->operands[1], *into = &statement->operands[0];
    bool exact = from->value.kind == PTX_OPERAND_REGISTER && ptx_type_bytes(from->value.type) == ptx_type_bytes(conversion->from) &&
                 into->value.kind == PTX_OPERAND_REGISTER && ptx_type_bytes(into->value.type) == ptx_type_bytes(conversion->to);
    if (!exact || conversion->saturate || conversion->rounds || conversion->to_whole || !ptx_type_is_integer(conversion->from) ||
        !ptx_type_is_integer(conversion->to))
        return false;
    uint32_t to = ptx_type_bytes(conversion->to), held = ptx_type_bytes(conversion->from);
    if (to == 4 && held >= 4) *call = ptx_hot_zero_extend_32;
    else if (to == held || (to > held && !ptx_type_is_signed(conversion->from))) *call = ptx_hot_mov;
    else if (to == 8 && held == 4) *call = ptx_hot_sign_extend_32;
    else return false;
    return true;
}

// cvt.rn.f16x2.f32 d, a, b: a goes above b.
static bool decode_pair(struct ptx_parser *parser, struct ptx_statement *statement, struct conversion *conversion)
{
    uint16_t d, halves[2];
    conversion->to = conversion->to == PTX_F16X2 ? PTX_F16 : PTX_BF16;
    if (conversion->from != PTX_F32 || conversion->saturate || conversion->flush) return ptx_refuse(parser, statement, "this conversion");
    if (!ptx_operands_are(parser, statement, 3, 3) || !ptx_destination(parser, statement, 0, PTX_B32, &d)) return false;
    if (!ptx_constant(parser, conversion->rounding, &conversion->mode)) return false;
    for (unsigned i = 0; i < 2; i++) {
        uint16_t slot;
        if (!ptx_source(parser, statement, i + 1, PTX_F32, &slot) || !ptx_scratch(parser, &halves[i])) return false;
        if (!to_float(parser, statement, conversion, slot, halves[i])) return false;
    }
    return ptx_apply_to(parser, statement, ptx_pack_halves, (uint16_t[4]){halves[1], halves[0]}, d);
}

bool ptx_decode_convert(struct ptx_parser *parser, struct ptx_statement *statement)
{
    if (ptx_find_small(statement->opcode)) return ptx_decode_small(parser, statement);
    struct conversion conversion = {.flush = ptx_take(statement, "ftz"), .saturate = ptx_take(statement, "sat"),
        .relu = ptx_take(statement, "relu")};
    uint16_t d, slot;
    take_roundings(statement, &conversion);
    if (!ptx_need_type(parser, statement, &conversion.to) || !ptx_need_type(parser, statement, &conversion.from)) return false;
    if (!ptx_all_taken(parser, statement)) return false;
    if (conversion.to == PTX_F16X2 || conversion.to == PTX_BF16X2) return decode_pair(parser, statement, &conversion);
    if (!ptx_operands_are(parser, statement, 2, 2)) return false;
    bool numbers = (ptx_type_is_integer(conversion.to) || ptx_type_is_float(conversion.to)) &&
        (ptx_type_is_integer(conversion.from) || ptx_type_is_float(conversion.from));
    bool brain = conversion.to == PTX_BF16 && ptx_type_is_integer(conversion.from); // whole numbers of 64 bits would be rounded twice
    if (conversion.from == PTX_F16X2 || conversion.from == PTX_BF16X2 || (brain && ptx_type_bytes(conversion.from) == 8))
        return ptx_refuse(parser, statement, "this conversion");
    if (conversion.relu && !ptx_type_is_half(conversion.to)) return ptx_refuse(parser, statement, ".relu of this type");
    if (!numbers || (conversion.to_whole && conversion.rounds)) return ptx_refuse(parser, statement, "this conversion");
    if (conversion.flush && conversion.to != PTX_F32 && conversion.from != PTX_F32)
        return ptx_refuse(parser, statement, ".ftz without .f32");
    if (statement->operands[0].negated || statement->operands[1].negated || statement->operands[0].has_second ||
        statement->operands[1].has_second)
        return ptx_refuse(parser, statement, "these operands");
    if (!ptx_target(parser, statement, &statement->operands[0].value, conversion.to, true, &d)) return false;
    if (!ptx_value_slot(parser, statement, &statement->operands[1].value, conversion.from, true, &slot)) return false;
    ptx_function *plain;
    if (is_plain(statement, &conversion, &plain)) return ptx_apply_to(parser, statement, plain, (uint16_t[4]){slot}, d);
    if (!ptx_constant(parser, conversion.rounding, &conversion.mode)) return false;
    if (ptx_type_is_float(conversion.to)) return to_float(parser, statement, &conversion, slot, d);
    return to_integer(parser, statement, &conversion, &slot) && store_integer(parser, statement, &conversion, slot, d);
}
