// decode_compare.c: setp and set.
#include "half.h"
#include "parser.h"

static const struct { const char *name; ptx_function *call; } COMBINE[] = {{"and", ptx_hot_and}, {"or", ptx_hot_or}, {"xor", ptx_hot_xor}};

struct comparison { ptx_function *compare, *combine; bool flush; enum ptx_type type; unsigned first; };

// The truth of the comparison, or of its contrary, combined with the predicate c where there is one.
static bool truth(struct ptx_parser *parser, struct ptx_statement *statement, const struct comparison *comparison, uint16_t compared,
    bool contrary, uint16_t *slot)
{
    uint16_t c;
    *slot = compared;
    if (contrary && !ptx_apply_one(parser, statement, ptx_bits_function("not", PTX_PRED), slot)) return false;
    if (!comparison->combine) return true;
    if (!ptx_source(parser, statement, comparison->first + 2, PTX_PRED, &c)) return false;
    return ptx_apply(parser, statement, comparison->combine, (uint16_t[4]){*slot, c}, slot);
}

// Subnormal to zero of its sign.
static bool flush(struct ptx_parser *parser, struct ptx_statement *statement, enum ptx_type type, uint16_t *slot)
{
    uint16_t flags, operands[4] = {*slot};
    if (type == PTX_F32) return ptx_apply_one(parser, statement, ptx_flush_f32, slot);
    ptx_function *negate = ptx_half_function("neg", type); // twice: that is all it does besides
    if (!ptx_constant(parser, PTX_HALF_FLUSH, &flags)) return false;
    operands[3] = flags;
    return ptx_apply(parser, statement, negate, operands, slot) && ptx_apply(parser, statement, negate, (uint16_t[4]){*slot, 0, 0, flags}, slot);
}

static bool sources(struct ptx_parser *parser, struct ptx_statement *statement, const struct comparison *comparison, uint16_t operands[4])
{
    for (unsigned i = 0; i < 2; i++) {
        if (!ptx_source(parser, statement, comparison->first + i, comparison->type, &operands[i])) return false;
        if (comparison->flush && !flush(parser, statement, comparison->type, &operands[i])) return false;
    }
    return true;
}

// setp.lt.f16x2 p|q: p of the lower halves, q of the upper.
static bool decode_pairs(struct ptx_parser *parser, struct ptx_statement *statement, const struct comparison *comparison)
{
    const struct ptx_operand *into = &statement->operands[0];
    uint16_t p, q, sixteen, operands[4] = {0}, lower[4] = {0}, upper[4] = {0}, answers[2];
    if (!into->has_second || comparison->combine) return ptx_refuse(parser, statement, "this comparison");
    if (!ptx_target(parser, statement, &into->value, PTX_PRED, false, &p) || !ptx_target(parser, statement, &into->second, PTX_PRED, false, &q))
        return false;
    if (!sources(parser, statement, comparison, operands) || !ptx_constant(parser, 16, &sixteen)) return false;
    for (unsigned i = 0; i < 2; i++) {
        lower[i] = operands[i];
        if (!ptx_apply_one(parser, statement, ptx_zero_extend_16, &lower[i])) return false;
        if (!ptx_apply(parser, statement, ptx_hot_shr_u, (uint16_t[4]){operands[i], sixteen}, &upper[i])) return false;
    }
    return ptx_apply(parser, statement, comparison->compare, lower, &answers[0]) &&
        ptx_apply(parser, statement, comparison->compare, upper, &answers[1]) &&
        ptx_apply_to(parser, statement, ptx_hot_mov, (uint16_t[4]){answers[0]}, p) &&
        ptx_apply_to(parser, statement, ptx_hot_mov, (uint16_t[4]){answers[1]}, q);
}

static bool decode_setp(struct ptx_parser *parser, struct ptx_statement *statement, const struct comparison *comparison)
{
    const struct ptx_operand *into = &statement->operands[0];
    uint16_t p, q = 0, compared, yes, no = 0, operands[4] = {0};
    if (into->negated || !ptx_target(parser, statement, &into->value, PTX_PRED, false, &p))
        return ptx_refuse(parser, statement, "this destination");
    if (into->has_second && !ptx_target(parser, statement, &into->second, PTX_PRED, false, &q)) return false;
    if (!sources(parser, statement, comparison, operands)) return false;
    if (!into->has_second && !comparison->combine) return ptx_apply_to(parser, statement, comparison->compare, operands, p);
    if (!ptx_apply(parser, statement, comparison->compare, operands, &compared)) return false;
    if (!truth(parser, statement, comparison, compared, false, &yes)) return false;
    if (into->has_second && !truth(parser, statement, comparison, compared, true, &no)) return false;
    if (!ptx_apply_to(parser, statement, ptx_hot_mov, (uint16_t[4]){yes}, p)) return false;
    return !into->has_second || ptx_apply_to(parser, statement, ptx_hot_mov, (uint16_t[4]){no}, q);
}

// d becomes all ones or 1.0 where the comparison holds, else 0.
static bool decode_set(struct ptx_parser *parser, struct ptx_statement *statement, const struct comparison *comparison,
    enum ptx_type result)
{
    uint16_t d, compared, yes, ones, operands[4] = {0};
    bool half = ptx_type_is_half(comparison->type), narrow = result == PTX_U16 || result == PTX_S16 || result == PTX_F16 || result == PTX_BF16;
    bool known = result == PTX_U32 || result == PTX_S32 || result == PTX_F32 || (half && narrow);
    if (!known || comparison->type == PTX_F16X2 || comparison->type == PTX_BF16X2) return ptx_refuse(parser, statement, "this type of result");
    if (!ptx_destination(parser, statement, 0, result, &d) || !sources(parser, statement, comparison, operands)) return false;
    if (!ptx_apply(parser, statement, comparison->compare, operands, &compared) ||
        !truth(parser, statement, comparison, compared, false, &yes))
        return false;
    uint64_t one = result == PTX_F32 ? ptx_raw_f32(1.0f) : result == PTX_F16 ? 0x3c00 : result == PTX_BF16 ? 0x3f80 : narrow ? UINT16_MAX : UINT32_MAX;
    if (!ptx_constant(parser, one, &ones)) return false;
    return ptx_apply_to(parser, statement, ptx_hot_select, (uint16_t[4]){ones, 0, yes}, d);
}

bool ptx_decode_compare(struct ptx_parser *parser, struct ptx_statement *statement)
{
    bool is_set = ptx_slice_is(statement->parts[0], "set");
    struct comparison comparison = {.flush = ptx_take(statement, "ftz"), .first = 1};
    enum ptx_type result = PTX_PRED;
    if (statement->part_count < 3) return ptx_refuse(parser, statement, "this comparison");
    if (is_set && !ptx_need_type(parser, statement, &result)) return false;
    if (!ptx_need_type(parser, statement, &comparison.type)) return false;
    bool pairs = comparison.type == PTX_F16X2 || comparison.type == PTX_BF16X2, half = comparison.type == PTX_F16 || comparison.type == PTX_F16X2;
    comparison.compare = ptx_compare_function(statement->parts[1], pairs ? (half ? PTX_F16 : PTX_BF16) : comparison.type);
    if (!comparison.compare || (comparison.flush && comparison.type != PTX_F32 && !half)) return ptx_refuse(parser, statement, "this comparison");
    statement->used[1] = true;
    for (size_t i = 0; i < sizeof COMBINE / sizeof *COMBINE; i++) {
        if (ptx_take(statement, COMBINE[i].name)) comparison.combine = COMBINE[i].call;
    }
    unsigned count = comparison.combine ? 4 : 3;
    if (!ptx_all_taken(parser, statement) || !ptx_operands_are(parser, statement, count, count)) return false;
    if (pairs && !is_set) return decode_pairs(parser, statement, &comparison);
    return is_set ? decode_set(parser, statement, &comparison, result) : decode_setp(parser, statement, &comparison);
}
