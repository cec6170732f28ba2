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

bool ptx_decode_exit(struct ptx_parser *parser, struct ptx_statement *statement)
{
    ptx_take(statement, "uni");
    if (!ptx_all_taken(parser, statement) || !ptx_operands_are(parser, statement, 0, 0)) return false;
    return ptx_emit(parser, statement, (struct ptx_insn){.op = PTX_OP_EXIT});
}

bool ptx_decode_trap(struct ptx_parser *parser, struct ptx_statement *statement)
{
    if (!ptx_all_taken(parser, statement) || !ptx_operands_are(parser, statement, 0, 0)) return false;
    return ptx_emit(parser, statement, (struct ptx_insn){.op = PTX_OP_TRAP});
}

// bar{.cta}.sync a{, b}, bar.arrive a, b and the same as barrier. offset: whether b is there.
bool ptx_decode_barrier(struct ptx_parser *parser, struct ptx_statement *statement)
{
    ptx_take(statement, "cta");
    if (ptx_take(statement, "warp")) return ptx_decode_warp(parser, statement);
    ptx_take(statement, "aligned");
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
