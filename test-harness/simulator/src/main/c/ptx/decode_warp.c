// decode_warp.c: bar.warp.sync, shfl.sync and vote.sync.
#include "parser.h"

static const struct { const char *mnemonic, *name; enum ptx_exchange kind; enum ptx_type result; } EXCHANGES[] = {
    {"shfl", "up", PTX_SHUFFLE_UP, PTX_B32}, {"shfl", "down", PTX_SHUFFLE_DOWN, PTX_B32},
    {"shfl", "bfly", PTX_SHUFFLE_XOR, PTX_B32}, {"shfl", "idx", PTX_SHUFFLE_INDEX, PTX_B32},
    {"vote", "all", PTX_VOTE_ALL, PTX_PRED}, {"vote", "any", PTX_VOTE_ANY, PTX_PRED},
    {"vote", "uni", PTX_VOTE_UNIFORM, PTX_PRED}, {"vote", "ballot", PTX_VOTE_BALLOT, PTX_B32},
};

static bool take_exchange(struct ptx_statement *statement, struct ptx_insn *insn, enum ptx_type *result)
{
    for (size_t i = 0; i < sizeof EXCHANGES / sizeof *EXCHANGES; i++) {
        if (!ptx_slice_is(statement->parts[0], EXCHANGES[i].mnemonic) || !ptx_take(statement, EXCHANGES[i].name)) continue;
        insn->offset = EXCHANGES[i].kind;
        *result = EXCHANGES[i].result;
        return true;
    }
    return false;
}

static bool decode_warp_barrier(struct ptx_parser *parser, struct ptx_statement *statement)
{
    struct ptx_insn insn = {.op = PTX_OP_WARP_BARRIER};
    return ptx_all_taken(parser, statement) && ptx_operands_are(parser, statement, 1, 1) &&
        ptx_source(parser, statement, 0, PTX_B32, &insn.a) &&
           ptx_emit(parser, statement, insn);
}

// shfl.sync.mode.b32 d[|p], a, b, c, members
static bool decode_shuffle(struct ptx_parser *parser, struct ptx_statement *statement, struct ptx_insn insn)
{
    const struct ptx_operand *into = &statement->operands[0];
    uint16_t within = 0;
    if (!ptx_operands_are(parser, statement, 5, 5) || !ptx_target(parser, statement, &into->value, PTX_B32, false, &insn.d)) return false;
    if (into->has_second && !ptx_target(parser, statement, &into->second, PTX_PRED, false, &within)) return false;
    insn.mask = within;
    return ptx_source(parser, statement, 1, PTX_B32, &insn.b) && ptx_source(parser, statement, 2, PTX_B32, &insn.c) &&
           ptx_source(parser, statement, 3, PTX_B32, &insn.e) && ptx_source(parser, statement, 4, PTX_B32, &insn.a) &&
               ptx_emit(parser, statement, insn);
}

bool ptx_decode_warp(struct ptx_parser *parser, struct ptx_statement *statement)
{
    struct ptx_insn insn = {.op = PTX_OP_WARP_EXCHANGE};
    enum ptx_type result = PTX_NONE, type = PTX_NONE;
    if (!ptx_take(statement, "sync")) return ptx_refuse(parser, statement, "warp instructions without .sync");
    if (ptx_slice_is(statement->parts[0], "bar")) return decode_warp_barrier(parser, statement);
    if (!take_exchange(statement, &insn, &result)) return ptx_refuse(parser, statement, "this exchange between lanes");
    if (!ptx_need_type(parser, statement, &type) || !ptx_all_taken(parser, statement)) return false;
    if (type != result) return ptx_refuse(parser, statement, "this type of exchange between lanes");
    if (insn.offset < (int32_t)PTX_VOTE_ALL) return decode_shuffle(parser, statement, insn);
    return ptx_operands_are(parser, statement, 3, 3) && ptx_destination(parser, statement, 0, result, &insn.d) &&
           ptx_source(parser, statement, 1, PTX_PRED, &insn.b) && ptx_source(parser, statement, 2, PTX_B32, &insn.a) &&
               ptx_emit(parser, statement, insn);
}
