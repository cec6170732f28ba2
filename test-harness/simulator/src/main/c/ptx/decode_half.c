// decode_half.c: arithmetic on .f16, .bf16 and pairs of them; and instructions that small.c lists by their whole opcode.
#include "half.h"
#include "parser.h"
#include "small.h"

static const struct { const char *mnemonic; unsigned operands; bool rounds, approximates; } OPERATIONS[] = {
    {"add", 2, true, false}, {"sub", 2, true, false}, {"mul", 2, true, false}, {"fma", 3, true, false},
    {"min", 2, false, false}, {"max", 2, false, false}, {"abs", 1, false, false}, {"neg", 1, false, false},
    {"tanh", 1, false, true}, {"ex2", 1, false, true},
};

// xorsign.abs stands as two parts.
static uint64_t take_flags(struct ptx_statement *statement, bool extreme, bool sum, bool fused)
{
    uint64_t flags = ptx_take(statement, "ftz") ? PTX_HALF_FLUSH : 0;
    if ((sum || fused) && ptx_take(statement, "sat")) flags |= PTX_HALF_SATURATE;
    if (fused && ptx_take(statement, "relu")) flags |= PTX_HALF_RELU;
    if (extreme && ptx_take(statement, "NaN")) flags |= PTX_HALF_NAN;
    if (extreme && ptx_take(statement, "xorsign") && ptx_take(statement, "abs")) flags |= PTX_HALF_XORSIGN;
    return flags;
}

bool ptx_decode_half(struct ptx_parser *parser, struct ptx_statement *statement, const char *mnemonic, enum ptx_type type)
{
    size_t row = 0, rows = sizeof OPERATIONS / sizeof *OPERATIONS;
    while (row < rows && strcmp(OPERATIONS[row].mnemonic, mnemonic)) row++;
    ptx_function *call = ptx_half_function(mnemonic, type);
    if (row == rows || !call) return ptx_refuse(parser, statement, "this operation on this type");
    bool extreme = mnemonic[0] == 'm' && mnemonic[1] != 'u', fused = mnemonic[0] == 'f', brain = type == PTX_BF16 || type == PTX_BF16X2;
    uint64_t flags = take_flags(statement, extreme, OPERATIONS[row].rounds, fused);
    bool rounded = OPERATIONS[row].rounds && ptx_take(statement, "rn"), loose = OPERATIONS[row].approximates && ptx_take(statement, "approx");
    if ((fused && !rounded) || loose != OPERATIONS[row].approximates)
        return ptx_fail(parser, PTX_INVALID, statement->line, "%.*s: says no way of rounding, such as .rn or .approx.", PTX_SHOWN(statement->opcode));
    if (brain && flags & (PTX_HALF_FLUSH | PTX_HALF_SATURATE) && !loose) return ptx_refuse(parser, statement, "this operation on this type");
    uint16_t d, operands[4] = {0};
    unsigned count = OPERATIONS[row].operands;
    if (!ptx_all_taken(parser, statement) || !ptx_operands_are(parser, statement, count + 1, count + 1)) return false;
    if (!ptx_destination(parser, statement, 0, type, &d)) return false;
    for (unsigned i = 0; i < count; i++) {
        if (!ptx_source(parser, statement, i + 1, type, &operands[i])) return false;
    }
    return ptx_constant(parser, flags, &operands[3]) && ptx_apply_to(parser, statement, call, operands, d);
}

bool ptx_decode_small(struct ptx_parser *parser, struct ptx_statement *statement)
{
    const struct ptx_small *small = ptx_find_small(statement->opcode);
    uint16_t d, operands[4] = {0};
    unsigned count = 0;
    if (!small) return ptx_refuse(parser, statement, "this instruction");
    while (count < 3 && small->operands[count] != PTX_NONE) count++;
    if (!ptx_operands_are(parser, statement, count + 1, count + 1) || !ptx_destination(parser, statement, 0, small->result, &d)) return false;
    for (unsigned i = 0; i < count; i++) {
        if (!ptx_source(parser, statement, i + 1, small->operands[i], &operands[i])) return false;
    }
    return ptx_apply_to(parser, statement, small->call, operands, d);
}
