// decode_control.c: branches, ends, barriers and fences.
#include "parser.h"

bool ptx_decode_branch(struct ptx_parser *parser, struct ptx_statement *statement)
{
    ptx_take(statement, "uni");
    if (!ptx_all_taken(parser, statement) || !ptx_operands_are(parser, statement, 1, 1)) return false;
    const struct ptx_value *target = &statement->operands[0].value;
    if (target->kind != PTX_OPERAND_LABEL) return ptx_fail(parser, PTX_INVALID, statement->line, "bra: the target is not a label.");
    if (!ptx_grow((void **)&parser->label_uses, &parser->label_use_capacity, parser->label_use_count, sizeof *parser->label_uses))
        return ptx_no_memory(parser);
    parser->label_uses[parser->label_use_count++] = (struct ptx_label_use){target->name, parser->scope, statement->line,
        parser->kernel->count};
    enum ptx_op op = !statement->guarded ? PTX_OP_BRANCH : statement->guard_negated ? PTX_OP_BRANCH_UNLESS : PTX_OP_BRANCH_IF;
    return ptx_emit(parser, statement, (struct ptx_insn){.op = (uint16_t)op, .a = statement->guard_slot});
}

// ret of a function hands its results over; ret of a kernel ends the thread, as exit does anywhere.
bool ptx_decode_exit(struct ptx_parser *parser, struct ptx_statement *statement)
{
    ptx_take(statement, "uni");
    if (!ptx_all_taken(parser, statement) || !ptx_operands_are(parser, statement, 0, 0)) return false;
    bool returns = parser->kernel->is_function && ptx_slice_is(statement->parts[0], "ret");
    for (unsigned i = 0; returns && i < parser->register_result_count; i++) {
        const struct ptx_register_result *result = &parser->register_results[i];
        struct ptx_insn store = {.op = ptx_access_op(PTX_PARAM, ptx_type_bytes(result->type), true), .b = result->slot,
            .offset = (int32_t)result->offset, .mask = UINT64_MAX};
        if (!ptx_emit(parser, statement, store)) return false;
    }
    return ptx_emit(parser, statement, (struct ptx_insn){.op = returns ? PTX_OP_RETURN : PTX_OP_EXIT});
}

// nanosleep: others have their turn.
bool ptx_decode_yield(struct ptx_parser *parser, struct ptx_statement *statement)
{
    uint16_t ignored;
    ptx_take_type(statement);
    return ptx_all_taken(parser, statement) && ptx_operands_are(parser, statement, 1, 1) &&
        ptx_source(parser, statement, 0, PTX_U32, &ignored) && ptx_emit(parser, statement, (struct ptx_insn){.op = PTX_OP_YIELD});
}

bool ptx_decode_trap(struct ptx_parser *parser, struct ptx_statement *statement)
{
    if (!ptx_all_taken(parser, statement) || !ptx_operands_are(parser, statement, 0, 0)) return false;
    return ptx_emit(parser, statement, (struct ptx_insn){.op = PTX_OP_TRAP});
}

// bar.red.popc.u32 d, a{, b}, p and .and.pred, .or.pred.
static bool decode_reducing(struct ptx_parser *parser, struct ptx_statement *statement)
{
    static const struct { const char *name; enum ptx_reduction reduction; } REDUCTIONS[] = {
        {"popc", PTX_REDUCED_POPC}, {"and", PTX_REDUCED_AND}, {"or", PTX_REDUCED_OR},
    };
    struct ptx_insn insn = {.op = PTX_OP_BARRIER_REDUCE, .offset = statement->operand_count == 4};
    bool known = false;
    for (size_t i = 0; !known && i < sizeof REDUCTIONS / sizeof *REDUCTIONS; i++) {
        known = ptx_take(statement, REDUCTIONS[i].name);
        insn.mask = REDUCTIONS[i].reduction;
    }
    enum ptx_type wanted = insn.mask == PTX_REDUCED_POPC ? PTX_U32 : PTX_PRED, type = ptx_take_type(statement);
    if (!known || type != wanted) return ptx_refuse(parser, statement, "this kind of barrier");
    if (!ptx_all_taken(parser, statement) || !ptx_operands_are(parser, statement, 3, 4)) return false;
    if (!ptx_destination(parser, statement, 0, wanted, &insn.d) || !ptx_source(parser, statement, 1, PTX_U32, &insn.a)) return false;
    if (insn.offset && !ptx_source(parser, statement, 2, PTX_U32, &insn.b)) return false;
    return ptx_source(parser, statement, insn.offset ? 3 : 2, PTX_PRED, &insn.c) && ptx_emit(parser, statement, insn);
}

// bar{.cta}.sync a{, b}, bar.arrive a, b and the same as barrier. offset: whether b is there.
bool ptx_decode_barrier(struct ptx_parser *parser, struct ptx_statement *statement)
{
    ptx_take(statement, "cta");
    if (ptx_take(statement, "warp")) return ptx_decode_warp(parser, statement);
    ptx_take(statement, "aligned");
    if (ptx_take(statement, "red")) return decode_reducing(parser, statement);
    bool sync = ptx_take(statement, "sync"), arrive = !sync && ptx_take(statement, "arrive");
    if (!sync && !arrive) return ptx_refuse(parser, statement, "this kind of barrier");
    struct ptx_insn insn = {.op = sync ? PTX_OP_BARRIER : PTX_OP_BARRIER_ARRIVE, .offset = statement->operand_count == 2};
    if (!ptx_all_taken(parser, statement) || !ptx_operands_are(parser, statement, sync ? 1 : 2, 2)) return false;
    if (!ptx_source(parser, statement, 0, PTX_U32, &insn.a)) return false;
    if (insn.offset && !ptx_source(parser, statement, 1, PTX_U32, &insn.b)) return false;
    return ptx_emit(parser, statement, insn);
}

bool ptx_decode_fence(struct ptx_parser *parser, struct ptx_statement *statement)
{
    static const char *const kinds[] = {"cta", "gl", "sys", "gpu", "cluster", "sc", "acq_rel"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) ptx_take(statement, kinds[i]);
    if (!ptx_all_taken(parser, statement) || !ptx_operands_are(parser, statement, 0, 0)) return false;
    return ptx_emit(parser, statement, (struct ptx_insn){.op = PTX_OP_FENCE});
}
