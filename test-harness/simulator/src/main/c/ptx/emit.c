// emit.c: appends instructions to the kernel being read.
#include "parser.h"

static const size_t MOST_INSTRUCTIONS = 8u << 20;

// Instructions whose function the loop has inline, by function.
static const struct { ptx_function *call; uint16_t op; } HOT[] = {
#define ROW(name, value) {ptx_hot_##name, PTX_OP_HOT_##name},
    PTX_HOT(ROW)
#undef ROW
};

static void replace_hot(struct ptx_insn *insn)
{
    for (size_t i = 0; i < sizeof HOT / sizeof *HOT; i++) {
        if (HOT[i].call == insn->call) insn->op = HOT[i].op;
    }
}

bool ptx_emit(struct ptx_parser *parser, const struct ptx_statement *statement, struct ptx_insn insn)
{
    struct ptx_kernel *kernel = parser->kernel;
    if (kernel->count >= MOST_INSTRUCTIONS)
        return ptx_fail(parser, PTX_UNSUPPORTED, parser->token.line, "%s: the simulated GPU has room for %zu instructions per kernel.",
            kernel->name, MOST_INSTRUCTIONS);
    if (!ptx_grow((void **)&kernel->code, &kernel->code_capacity, kernel->count, sizeof *kernel->code) ||
        !ptx_grow((void **)&kernel->lines, &kernel->lines_capacity, kernel->count, sizeof *kernel->lines) ||
        !ptx_grow((void **)&kernel->before, &kernel->before_capacity, kernel->count, sizeof *kernel->before))
        return ptx_no_memory(parser);
    if (insn.op == PTX_OP_CALL) replace_hot(&insn);
    kernel->lines[kernel->count] = statement ? statement->line : parser->token.line;
    kernel->before[kernel->count] = parser->issued;
    kernel->code[kernel->count++] = insn;
    return true;
}

bool ptx_apply_to(struct ptx_parser *parser, const struct ptx_statement *statement, ptx_function *call, const uint16_t operands[4],
    uint16_t d)
{
    struct ptx_insn insn = {.op = PTX_OP_CALL, .d = d, .a = operands[0], .b = operands[1], .c = operands[2], .e = operands[3],
        .call = call};
    return ptx_emit(parser, statement, insn);
}

bool ptx_apply(struct ptx_parser *parser, const struct ptx_statement *statement, ptx_function *call, const uint16_t operands[4],
    uint16_t *slot)
{
    uint16_t result;
    if (!ptx_scratch(parser, &result) || !ptx_apply_to(parser, statement, call, operands, result)) return false;
    *slot = result;
    return true;
}

bool ptx_apply_one(struct ptx_parser *parser, const struct ptx_statement *statement, ptx_function *call, uint16_t *slot)
{
    const uint16_t operands[4] = {*slot};
    return ptx_apply(parser, statement, call, operands, slot);
}
