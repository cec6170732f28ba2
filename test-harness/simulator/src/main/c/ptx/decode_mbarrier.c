// decode_mbarrier.c: mbarrier, each of whose operations is one atomic access.
#include "parser.h"

#include <stdio.h>

// Emits the operation on the barrier at operand `index`. b: its operand, d: where its result goes.
static bool operate(struct ptx_parser *parser, struct ptx_statement *statement, const char *operation, unsigned index, uint16_t b,
    const struct ptx_value *into, enum ptx_type type)
{
    struct ptx_insn at = {0}, insn = {.op = PTX_OP_ATOMIC, .b = b, .atomic = ptx_mbarrier_operation(operation)};
    enum ptx_space space = ptx_take_space(statement);
    ptx_take_hints(statement);
    if (!insn.atomic || (space != PTX_SHARED && space != PTX_GENERIC) || ptx_take_type(statement) != PTX_B64)
        return ptx_refuse(parser, statement, "this operation on a barrier in memory");
    if (!ptx_all_taken(parser, statement) || !ptx_whole_address(parser, statement, index, space, 8, &at)) return false;
    insn.a = at.a;
    insn.e = at.e;
    insn.offset = (int32_t)(8 | (uint32_t)space << 8);
    return ptx_target(parser, statement, into, type, false, &insn.d) && ptx_emit(parser, statement, insn);
}

static const struct ptx_value NOWHERE = {.kind = PTX_OPERAND_SINK};

// mbarrier.pending_count.b64 count, state
static bool decode_pending(struct ptx_parser *parser, struct ptx_statement *statement)
{
    uint16_t d, state;
    if (ptx_take_type(statement) != PTX_B64) return ptx_refuse(parser, statement, "this operation on a barrier in memory");
    return ptx_all_taken(parser, statement) && ptx_operands_are(parser, statement, 2, 2) && ptx_destination(parser, statement, 0, PTX_U32, &d) &&
        ptx_source(parser, statement, 1, PTX_B64, &state) &&
        ptx_apply_to(parser, statement, ptx_mbarrier_pending, (uint16_t[4]){state}, d);
}

// mbarrier.arrive state, [a]{, count}; one arrives where no count is given.
static bool decode_arrival(struct ptx_parser *parser, struct ptx_statement *statement, const char *operation)
{
    uint16_t count;
    ptx_take(statement, "noComplete");
    if (!ptx_operands_are(parser, statement, 2, 3) || !ptx_constant(parser, 1, &count)) return false;
    if (statement->operand_count == 3 && !ptx_source(parser, statement, 2, PTX_U32, &count)) return false;
    return operate(parser, statement, operation, 1, count, &statement->operands[0].value, PTX_B64);
}

// mbarrier.test_wait{.parity} p, [a], state. try_wait may wait for a while, and need not.
static bool decode_wait(struct ptx_parser *parser, struct ptx_statement *statement, const char *operation, bool tries)
{
    uint16_t state, hint;
    char named[24];
    bool parity = ptx_take(statement, "parity");
    snprintf(named, sizeof named, "%s%s", operation, parity ? ".parity" : "");
    if (!ptx_operands_are(parser, statement, 3, tries ? 4 : 3) || !ptx_source(parser, statement, 2, parity ? PTX_U32 : PTX_B64, &state))
        return false;
    if (statement->operand_count == 4 && !ptx_source(parser, statement, 3, PTX_U32, &hint)) return false;
    return operate(parser, statement, named, 1, state, &statement->operands[0].value, PTX_PRED);
}

bool ptx_decode_mbarrier(struct ptx_parser *parser, struct ptx_statement *statement)
{
    uint16_t count = 0;
    if (ptx_take(statement, "pending_count")) return decode_pending(parser, statement);
    if (ptx_take(statement, "arrive")) return decode_arrival(parser, statement, "arrive");
    if (ptx_take(statement, "arrive_drop")) return decode_arrival(parser, statement, "arrive_drop");
    if (ptx_take(statement, "test_wait")) return decode_wait(parser, statement, "test_wait", false);
    if (ptx_take(statement, "try_wait")) return decode_wait(parser, statement, "try_wait", true);
    bool begins = ptx_take(statement, "init");
    if (!begins && !ptx_take(statement, "inval")) return ptx_refuse(parser, statement, "this operation on a barrier in memory");
    if (!ptx_operands_are(parser, statement, 1 + begins, 1 + begins)) return false;
    if (begins && !ptx_source(parser, statement, 1, PTX_U32, &count)) return false;
    return operate(parser, statement, begins ? "init" : "inval", 0, count, &NOWHERE, PTX_B64);
}

// cp.async.mbarrier.arrive: copies are done at once, so the thread arrives now. Without .noinc one more is pending until then: no change.
bool ptx_decode_arrival_of_copies(struct ptx_parser *parser, struct ptx_statement *statement)
{
    uint16_t count;
    bool arrives = ptx_take(statement, "arrive"), counted = ptx_take(statement, "noinc");
    if (!arrives) return ptx_refuse(parser, statement, "this copy");
    return ptx_operands_are(parser, statement, 1, 1) && ptx_constant(parser, counted, &count) &&
        operate(parser, statement, "arrive", 0, count, &NOWHERE, PTX_B64);
}
