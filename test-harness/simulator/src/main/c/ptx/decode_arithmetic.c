// decode_arithmetic.c: arithmetic on whole numbers.
#include "parser.h"
#include "small.h"

#include <stdio.h>

static enum ptx_type twice_as_wide(enum ptx_type type)
{
    return type == PTX_U16 ? PTX_U32 : type == PTX_S16 ? PTX_S32 : type == PTX_U32 ? PTX_U64 : type == PTX_S32 ? PTX_S64 : PTX_NONE;
}

// add.sat.s32, sub.sat.s32: in 64 bits, then clamped.
static bool saturating(struct ptx_parser *parser, struct ptx_statement *statement, bool subtracts, uint16_t d, const uint16_t operands[4])
{
    uint16_t a = operands[0], b = operands[1], sum, least, most;
    if (!ptx_apply_one(parser, statement, ptx_hot_sign_extend_32, &a) || !ptx_apply_one(parser, statement, ptx_hot_sign_extend_32, &b))
        return false;
    if (!ptx_apply(parser, statement, subtracts ? ptx_hot_sub_64 : ptx_hot_add_64, (uint16_t[4]){a, b}, &sum)) return false;
    if (!ptx_constant(parser, (uint64_t)(int64_t)INT32_MIN, &least) || !ptx_constant(parser, INT32_MAX, &most)) return false;
    return ptx_apply(parser, statement, ptx_clamp_signed, (uint16_t[4]){sum, least, most}, &sum) &&
           ptx_apply_to(parser, statement, ptx_hot_zero_extend_32, (uint16_t[4]){sum}, d);
}

// The sum or difference of a and b with the carry as it was, then the carry as it becomes.
static bool with_carry(struct ptx_parser *parser, struct ptx_statement *statement, bool subtracts, bool uses, bool sets,
    enum ptx_type type, uint16_t d, uint16_t a, uint16_t b)
{
    ptx_function *sum = ptx_integer_function(subtracts ? "subc" : "addc", type),
        *carry = ptx_integer_function(subtracts ? "borrow" : "carry", type);
    uint16_t result;
    if (!sum || !carry) return ptx_refuse(parser, statement, "carries of this type");
    if (!parser->carry_slot && !ptx_new_slot(parser, 0, &parser->carry_slot)) return false;
    const uint16_t operands[4] = {a, b, uses ? parser->carry_slot : 0};
    if (!ptx_apply(parser, statement, sum, operands, &result)) return false;
    if (sets && !ptx_apply_to(parser, statement, carry, operands, parser->carry_slot)) return false;
    return ptx_apply_to(parser, statement, ptx_hot_mov, (uint16_t[4]){result}, d);
}

bool ptx_decode_carry(struct ptx_parser *parser, struct ptx_statement *statement)
{
    struct ptx_slice name = statement->parts[0];
    bool sets = ptx_take(statement, "cc"), uses = name.at[name.length - 1] == 'c', multiplies = name.at[0] == 'm',
        subtracts = name.at[0] == 's';
    bool high = multiplies && ptx_take(statement, "hi"), low = multiplies && ptx_take(statement, "lo");
    enum ptx_type type;
    uint16_t d, operands[4] = {0};
    unsigned count = multiplies ? 3 : 2;
    if (!ptx_need_type(parser, statement, &type) || !ptx_all_taken(parser, statement) ||
        !ptx_operands_are(parser, statement, count + 1, count + 1))
        return false;
    if (ptx_type_bytes(type) < 4 || !ptx_type_is_integer(type) || (multiplies && high == low))
        return ptx_refuse(parser, statement, "carries of this type");
    if (!ptx_destination(parser, statement, 0, type, &d)) return false;
    for (unsigned i = 0; i < count; i++) {
        if (!ptx_source(parser, statement, i + 1, type, &operands[i])) return false;
    }
    if (!multiplies) return with_carry(parser, statement, subtracts, uses, sets, type, d, operands[0], operands[1]);
    uint16_t product;
    ptx_function *multiply = ptx_integer_function(high ? "mul.hi" : "mul.lo", type);
    return ptx_apply(parser, statement, multiply, operands, &product) &&
        with_carry(parser, statement, false, uses, sets, type, d, product, operands[2]);
}

static bool has_part(const struct ptx_statement *statement, const char *part)
{
    for (unsigned i = 1; i < statement->part_count; i++) {
        if (ptx_slice_is(statement->parts[i], part)) return true;
    }
    return false;
}

static bool decode_integer(struct ptx_parser *parser, struct ptx_statement *statement, const char *mnemonic, enum ptx_type type)
{
    bool product = !strcmp(mnemonic, "mul") || !strcmp(mnemonic, "mad"), single = !strcmp(mnemonic, "abs") || !strcmp(mnemonic, "neg");
    bool triple = !strcmp(mnemonic, "mad") || !strcmp(mnemonic, "sad"), sum = !strcmp(mnemonic, "add") || !strcmp(mnemonic, "sub");
    bool wide = product && ptx_take(statement, "wide"), high = product && ptx_take(statement, "hi"), low = product &&
        ptx_take(statement, "lo");
    bool saturates = sum && type == PTX_S32 && ptx_take(statement, "sat");
    char operation[16];
    snprintf(operation, sizeof operation, "%s%s", mnemonic, wide ? ".wide" : high ? ".hi" : low ? ".lo" : "");
    ptx_function *call = ptx_integer_function(operation, type);
    if (!call || wide + high + low > 1) return ptx_refuse(parser, statement, "this operation on this type");
    unsigned count = single ? 1 : triple ? 3 : 2;
    enum ptx_type result = wide ? twice_as_wide(type) : type;
    uint16_t d, operands[4] = {0};
    if (!ptx_all_taken(parser, statement) || !ptx_operands_are(parser, statement, count + 1, count + 1)) return false;
    if (!ptx_destination(parser, statement, 0, result, &d)) return false;
    for (unsigned i = 0; i < count; i++) {
        enum ptx_type wanted = i == 2 ? (!strcmp(mnemonic, "sad") && ptx_type_is_signed(type) ? type : result) : type;
        if (!ptx_source(parser, statement, i + 1, wanted, &operands[i])) return false;
    }
    if (saturates) return saturating(parser, statement, mnemonic[0] == 's', d, operands);
    return ptx_apply_to(parser, statement, call, operands, d);
}

bool ptx_decode_arithmetic(struct ptx_parser *parser, struct ptx_statement *statement)
{
    char mnemonic[8] = "";
    enum ptx_type type;
    if (has_part(statement, "cc")) return ptx_decode_carry(parser, statement);
    if (!ptx_need_type(parser, statement, &type)) return false;
    snprintf(mnemonic, sizeof mnemonic, "%.*s", PTX_SHOWN(statement->parts[0]));
    if (ptx_type_is_half(type)) return ptx_decode_half(parser, statement, mnemonic, type);
    if (ptx_type_is_float(type)) return ptx_decode_float(parser, statement, mnemonic, type);
    return decode_integer(parser, statement, mnemonic, type);
}

// The numbers of operands after d, and of those that are shift amounts or bit positions, which are .b32 whatever the type.
static const struct { const char *mnemonic; unsigned count; unsigned first_b32; } BITS[] = {
    {"and", 2, 9}, {"or", 2, 9}, {"xor", 2, 9}, {"not", 1, 9}, {"cnot", 1, 9}, {"shl", 2, 1}, {"shr", 2, 1}, {"shf", 3, 9},
    {"popc", 1, 9}, {"clz", 1, 9}, {"brev", 1, 9}, {"bfind", 1, 9}, {"bfe", 3, 1}, {"bfi", 4, 2}, {"lop3", 4, 9}, {"prmt", 3, 9},
};

static bool name_funnel(struct ptx_statement *statement, char *name, size_t size)
{
    bool left = ptx_take(statement, "l"), right = ptx_take(statement, "r"), wrap = ptx_take(statement, "wrap"),
        clamp = ptx_take(statement, "clamp");
    snprintf(name, size, "shf.%s.%s", left ? "l" : "r", wrap ? "wrap" : "clamp");
    return left != right && wrap != clamp;
}

bool ptx_decode_bits(struct ptx_parser *parser, struct ptx_statement *statement)
{
    char name[16];
    enum ptx_type type;
    size_t row = 0;
    while (!ptx_slice_is(statement->parts[0], BITS[row].mnemonic)) row++;
    snprintf(name, sizeof name, "%s", BITS[row].mnemonic);
    if (ptx_find_small(statement->opcode)) return ptx_decode_small(parser, statement);
    if (!strcmp(name, "shf") && !name_funnel(statement, name, sizeof name)) return ptx_refuse(parser, statement, "this funnel shift");
    bool amount = !strcmp(name, "bfind") && ptx_take(statement, "shiftamt");
    if (!ptx_need_type(parser, statement, &type)) return false;
    ptx_function *call = ptx_bits_function(name, type);
    unsigned count = BITS[row].count;
    if (!call) return ptx_refuse(parser, statement, "this operation on this type");
    if (!ptx_all_taken(parser, statement) || !ptx_operands_are(parser, statement, count + 1, count + 1)) return false;
    bool counts = !strcmp(name, "popc") || !strcmp(name, "clz") || !strcmp(name, "bfind");
    uint16_t d, operands[4] = {0};
    if (!ptx_destination(parser, statement, 0, counts ? PTX_B32 : type, &d)) return false;
    for (unsigned i = 0; i < count; i++) {
        if (!ptx_source(parser, statement, i + 1, i >= BITS[row].first_b32 ? PTX_B32 : type, &operands[i])) return false;
    }
    if (!amount) return ptx_apply_to(parser, statement, call, operands, d);
    uint16_t found;
    return ptx_apply(parser, statement, call, operands, &found) &&
        ptx_apply_to(parser, statement, ptx_bits_function("shiftamt", type), (uint16_t[4]){found}, d);
}
