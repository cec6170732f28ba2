// decode_compare.c: setp and set.
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

static bool sources(struct ptx_parser *parser, struct ptx_statement *statement, const struct comparison *comparison, uint16_t operands[4])
{
    for (unsigned i = 0; i < 2; i++) {
        if (!ptx_source(parser, statement, comparison->first + i, comparison->type, &operands[i])) return false;
        if (comparison->flush && !ptx_apply_one(parser, statement, ptx_flush_f32, &operands[i])) return false;
    }
    return true;
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
    if (result != PTX_U32 && result != PTX_S32 && result != PTX_F32) return ptx_refuse(parser, statement, "this type of result");
    if (!ptx_destination(parser, statement, 0, result, &d) || !sources(parser, statement, comparison, operands)) return false;
    if (!ptx_apply(parser, statement, comparison->compare, operands, &compared) ||
        !truth(parser, statement, comparison, compared, false, &yes))
        return false;
    if (!ptx_constant(parser, result == PTX_F32 ? ptx_raw_f32(1.0f) : UINT32_MAX, &ones)) return false;
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
    comparison.compare = ptx_compare_function(statement->parts[1], comparison.type);
    if (!comparison.compare || (comparison.flush && comparison.type != PTX_F32)) return ptx_refuse(parser, statement, "this comparison");
    statement->used[1] = true;
    for (size_t i = 0; i < sizeof COMBINE / sizeof *COMBINE; i++) {
        if (ptx_take(statement, COMBINE[i].name)) comparison.combine = COMBINE[i].call;
    }
    unsigned count = comparison.combine ? 4 : 3;
    if (!ptx_all_taken(parser, statement) || !ptx_operands_are(parser, statement, count, count)) return false;
    return is_set ? decode_set(parser, statement, &comparison, result) : decode_setp(parser, statement, &comparison);
}
