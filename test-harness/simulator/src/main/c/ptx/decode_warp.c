// decode_warp.c: what lanes of a warp do together: bar.warp.sync, shfl, vote, match, redux, elect and activemask.
#include "parser.h"

static const struct exchange { const char *mnemonic, *name; enum ptx_exchange kind; enum ptx_type result, offered; } EXCHANGES[] = {
    {"shfl", "up", PTX_SHUFFLE_UP, PTX_B32, PTX_B32}, {"shfl", "down", PTX_SHUFFLE_DOWN, PTX_B32, PTX_B32},
    {"shfl", "bfly", PTX_SHUFFLE_XOR, PTX_B32, PTX_B32}, {"shfl", "idx", PTX_SHUFFLE_INDEX, PTX_B32, PTX_B32},
    {"vote", "all", PTX_VOTE_ALL, PTX_PRED, PTX_PRED}, {"vote", "any", PTX_VOTE_ANY, PTX_PRED, PTX_PRED},
    {"vote", "uni", PTX_VOTE_UNIFORM, PTX_PRED, PTX_PRED}, {"vote", "ballot", PTX_VOTE_BALLOT, PTX_B32, PTX_PRED},
    {"match", "any", PTX_MATCH_ANY, PTX_B32, PTX_NONE}, {"match", "all", PTX_MATCH_ALL, PTX_B32, PTX_NONE},
};

static const struct { const char *name; enum ptx_type type; enum ptx_exchange kind; } REDUCTIONS[] = {
    {"add", PTX_U32, PTX_REDUCE_ADD}, {"add", PTX_S32, PTX_REDUCE_ADD}, {"min", PTX_U32, PTX_REDUCE_MIN_U}, {"min", PTX_S32, PTX_REDUCE_MIN_S},
    {"max", PTX_U32, PTX_REDUCE_MAX_U}, {"max", PTX_S32, PTX_REDUCE_MAX_S}, {"and", PTX_B32, PTX_REDUCE_AND}, {"or", PTX_B32, PTX_REDUCE_OR},
    {"xor", PTX_B32, PTX_REDUCE_XOR},
};

static const struct exchange *take_exchange(struct ptx_statement *statement)
{
    for (size_t i = 0; i < sizeof EXCHANGES / sizeof *EXCHANGES; i++) {
        if (ptx_slice_is(statement->parts[0], EXCHANGES[i].mnemonic) && ptx_take(statement, EXCHANGES[i].name)) return &EXCHANGES[i];
    }
    return NULL;
}

// d, or d|p: p is the second result.
static bool results(struct ptx_parser *parser, struct ptx_statement *statement, enum ptx_type type, bool may_tell, struct ptx_insn *insn)
{
    const struct ptx_operand *into = &statement->operands[0];
    uint16_t told = 0;
    if (!may_tell) return ptx_destination(parser, statement, 0, type, &insn->d);
    if (into->negated || !ptx_target(parser, statement, &into->value, type, false, &insn->d)) return false;
    if (into->has_second && !ptx_target(parser, statement, &into->second, PTX_PRED, false, &told)) return false;
    insn->mask |= told;
    return true;
}

static bool decode_warp_barrier(struct ptx_parser *parser, struct ptx_statement *statement)
{
    struct ptx_insn insn = {.op = PTX_OP_WARP_BARRIER};
    return ptx_all_taken(parser, statement) && ptx_operands_are(parser, statement, 1, 1) &&
        ptx_source(parser, statement, 0, PTX_B32, &insn.a) && ptx_emit(parser, statement, insn);
}

// Without .sync, as before Volta, those lanes take part that come to the instruction together: see warp.c.
bool ptx_decode_warp(struct ptx_parser *parser, struct ptx_statement *statement)
{
    struct ptx_insn insn = {.op = PTX_OP_WARP_EXCHANGE};
    bool sync = ptx_take(statement, "sync");
    if (ptx_slice_is(statement->parts[0], "bar")) return sync ? decode_warp_barrier(parser, statement)
        : ptx_refuse(parser, statement, "this kind of barrier");
    const struct exchange *exchange = take_exchange(statement);
    enum ptx_type type;
    if (!exchange || (!sync && exchange->offered == PTX_NONE)) return ptx_refuse(parser, statement, "this exchange between lanes");
    if (!ptx_need_type(parser, statement, &type) || !ptx_all_taken(parser, statement)) return false;
    bool matches = exchange->offered == PTX_NONE, shuffles = exchange->kind <= PTX_SHUFFLE_INDEX;
    if (matches ? type != PTX_B32 && type != PTX_B64 : type != exchange->result)
        return ptx_refuse(parser, statement, "this type of exchange between lanes");
    unsigned count = (shuffles ? 4 : 2) + sync;
    insn.offset = exchange->kind;
    insn.mask = sync ? 0 : PTX_CONVERGED;
    if (!ptx_operands_are(parser, statement, count, count)) return false;
    if (!results(parser, statement, exchange->result, shuffles || exchange->kind == PTX_MATCH_ALL, &insn)) return false;
    if (!ptx_source(parser, statement, 1, matches ? type : exchange->offered, &insn.b)) return false;
    if (shuffles && (!ptx_source(parser, statement, 2, PTX_B32, &insn.c) || !ptx_source(parser, statement, 3, PTX_B32, &insn.e))) return false;
    return (!sync || ptx_source(parser, statement, count - 1, PTX_B32, &insn.a)) && ptx_emit(parser, statement, insn);
}

bool ptx_decode_redux(struct ptx_parser *parser, struct ptx_statement *statement)
{
    struct ptx_insn insn = {.op = PTX_OP_WARP_EXCHANGE};
    enum ptx_type type;
    bool known = false;
    if (!ptx_take(statement, "sync") || !ptx_need_type(parser, statement, &type)) return ptx_refuse(parser, statement, "this reduction");
    for (size_t i = 0; !known && i < sizeof REDUCTIONS / sizeof *REDUCTIONS; i++) {
        known = type == REDUCTIONS[i].type && ptx_take(statement, REDUCTIONS[i].name);
        insn.offset = REDUCTIONS[i].kind;
    }
    if (!known) return ptx_refuse(parser, statement, "this reduction");
    return ptx_all_taken(parser, statement) && ptx_operands_are(parser, statement, 3, 3) && ptx_destination(parser, statement, 0, type, &insn.d) &&
        ptx_source(parser, statement, 1, type, &insn.b) && ptx_source(parser, statement, 2, PTX_B32, &insn.a) &&
        ptx_emit(parser, statement, insn);
}

// elect.sync d|p, members and activemask.b32 d.
bool ptx_decode_elect(struct ptx_parser *parser, struct ptx_statement *statement)
{
    struct ptx_insn insn = {.op = PTX_OP_WARP_EXCHANGE, .offset = PTX_ELECT};
    if (ptx_take(statement, "sync"))
        return ptx_all_taken(parser, statement) && ptx_operands_are(parser, statement, 2, 2) &&
            results(parser, statement, PTX_B32, true, &insn) && ptx_source(parser, statement, 1, PTX_B32, &insn.a) &&
            ptx_emit(parser, statement, insn);
    insn.offset = PTX_ACTIVE;
    insn.mask = PTX_CONVERGED;
    if (!ptx_slice_is(statement->opcode, "activemask.b32")) return ptx_refuse(parser, statement, "this instruction");
    ptx_take_type(statement);
    return ptx_all_taken(parser, statement) && ptx_operands_are(parser, statement, 1, 1) &&
        ptx_destination(parser, statement, 0, PTX_B32, &insn.d) && ptx_emit(parser, statement, insn);
}
