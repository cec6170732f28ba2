// call.c: call, whose operands stand in parentheses, and brx.idx.
#include "parser.h"

#include <stdlib.h>
#include <string.h>

// Registers as arguments and results are moved by way of the frame, as the compiler does it for others.
static bool register_place(struct ptx_parser *parser, uint32_t bytes, struct ptx_parameter *place)
{
    struct ptx_kernel *code = parser->kernel;
    uint64_t at = (code->frame_bytes + bytes - 1) / bytes * bytes;
    if (at > UINT16_MAX * 8) return ptx_fail(parser, PTX_INVALID, parser->token.line, "%s: too many bytes of parameters.", code->name);
    code->frame_bytes = at + bytes;
    *place = (struct ptx_parameter){(uint32_t)at, bytes, bytes};
    return true;
}

static struct ptx_insn frame_access(const struct ptx_parser *parser, const struct ptx_parameter *place, bool store)
{
    return (struct ptx_insn){.op = ptx_access_op(PTX_PARAM, place->size, store), .mask = UINT64_MAX,
        .offset = (int32_t)(parser->kernel->frame_base + place->offset)};
}

static enum ptx_type bits_of(uint32_t bytes) { return bytes == 1 ? PTX_B8 : bytes == 2 ? PTX_B16 : bytes == 4 ? PTX_B32 : bytes == 8 ? PTX_B64 : PTX_NONE; }

// Where an operand lies in the caller's frame. A formal of the function tells the width of a constant.
static bool place_operand(struct ptx_parser *parser, const struct ptx_statement *statement, const struct ptx_operand *operand,
    const struct ptx_parameter *formal, bool is_result, struct ptx_parameter *place)
{
    const struct ptx_value *value = &operand->value;
    if (value->kind == PTX_OPERAND_VARIABLE && value->symbol->space == PTX_PARAM && operand->offset == 0 &&
        value->symbol->value >= parser->kernel->frame_base) {
        uint64_t at = value->symbol->value - parser->kernel->frame_base;
        *place = (struct ptx_parameter){(uint32_t)at, (uint32_t)value->symbol->bytes, 1};
        return place->size == formal->size || ptx_fail(parser, PTX_INVALID, statement->line, "%.*s: '%.*s' has %u bytes, the function says %u.",
            PTX_SHOWN(statement->opcode), PTX_SHOWN(value->symbol->name), place->size, formal->size);
    }
    enum ptx_type type = bits_of(formal->size);
    if (type == PTX_NONE || operand->negated || operand->has_second)
        return ptx_refuse(parser, statement, "this argument");
    if (!register_place(parser, formal->size, place)) return false;
    if (is_result) return true;
    struct ptx_insn store = frame_access(parser, place, true);
    if (value->kind == PTX_OPERAND_FLOAT) type = formal->size == 4 ? PTX_F32 : PTX_F64;
    return ptx_value_slot(parser, statement, value, type, true, &store.b) && ptx_emit(parser, statement, store);
}

static bool parse_list(struct ptx_parser *parser, struct ptx_operand *operands, size_t *count)
{
    if (!ptx_expect(parser, "(")) return false;
    if (ptx_accept(parser, ")")) return true;
    do {
        if (*count == PTX_MOST_CALL_OPERANDS) return ptx_fail(parser, PTX_INVALID, parser->token.line, "too many parameters.");
        if (!ptx_parse_operand(parser, &operands[(*count)++])) return false;
    } while (ptx_accept(parser, ","));
    return ptx_expect(parser, ")");
}

struct parsed_call {
    struct ptx_operand *results, *arguments, target;
    size_t result_count, argument_count;
    const struct ptx_kernel *prototype;
};

static bool parse_parts(struct ptx_parser *parser, const struct ptx_statement *statement, struct parsed_call *call)
{
    struct ptx_slice name;
    if (ptx_at(parser, "(") && (!parse_list(parser, call->results, &call->result_count) || !ptx_expect(parser, ","))) return false;
    if (!ptx_parse_operand(parser, &call->target)) return false;
    bool listed = ptx_accept(parser, ",");
    if (listed && ptx_at(parser, "(")) {
        if (!parse_list(parser, call->arguments, &call->argument_count)) return false;
        listed = ptx_accept(parser, ",");
    }
    const struct ptx_symbol *prototype = NULL;
    if (listed) {
        if (!ptx_take_name(parser, &name)) return false;
        prototype = ptx_lookup(parser, name);
        if (!prototype || prototype->kind != PTX_PROTOTYPE)
            return ptx_fail(parser, PTX_INVALID, statement->line, "call: '%.*s' is no prototype.", PTX_SHOWN(name));
    }
    if (call->target.value.kind == PTX_OPERAND_FUNCTION) call->prototype = call->target.value.symbol->function;
    else if (prototype && call->target.value.kind == PTX_OPERAND_REGISTER) call->prototype = prototype->function;
    else return ptx_fail(parser, PTX_INVALID, statement->line, "call: '%.*s' is neither a function nor, with a prototype, a register.",
        PTX_SHOWN(call->target.value.name));
    return ptx_expect(parser, ";");
}

static struct ptx_call *new_call(struct ptx_parser *parser, const struct parsed_call *parsed)
{
    struct ptx_module *module = parser->module;
    struct ptx_call_record *record = ptx_arena_take(&module->arena, sizeof *record);
    if (!record) return NULL;
    record->next = module->calls;
    module->calls = record;
    struct ptx_shape *shape = &record->call.shape;
    shape->result_count = parsed->result_count;
    shape->argument_count = parsed->argument_count;
    shape->results = calloc(parsed->result_count + 1, sizeof *shape->results);
    shape->arguments = calloc(parsed->argument_count + 1, sizeof *shape->arguments);
    return shape->results && shape->arguments ? &record->call : NULL;
}

static bool emit_call(struct ptx_parser *parser, const struct ptx_statement *statement, const struct parsed_call *parsed, struct ptx_call *call)
{
    const struct ptx_shape *formals = &parsed->prototype->shape;
    for (size_t i = 0; i < parsed->argument_count; i++) {
        if (!place_operand(parser, statement, &parsed->arguments[i], &formals->arguments[i], false, &call->shape.arguments[i])) return false;
    }
    for (size_t i = 0; i < parsed->result_count; i++) {
        if (!place_operand(parser, statement, &parsed->results[i], &formals->results[i], true, &call->shape.results[i])) return false;
    }
    if (!ptx_emit(parser, statement, (struct ptx_insn){.op = PTX_OP_INVOKE, .invoked = call})) return false;
    for (size_t i = 0; i < parsed->result_count; i++) {
        const struct ptx_value *into = &parsed->results[i].value;
        if (into->kind == PTX_OPERAND_VARIABLE) continue;
        struct ptx_insn load = frame_access(parser, &call->shape.results[i], false);
        if (!ptx_target(parser, statement, into, bits_of(formals->results[i].size), true, &load.d) || !ptx_emit(parser, statement, load))
            return false;
    }
    return true;
}

static bool decode(struct ptx_parser *parser, struct ptx_statement *statement, struct parsed_call *parsed)
{
    if (!parse_parts(parser, statement, parsed)) return false;
    const struct ptx_shape *formals = &parsed->prototype->shape;
    if (formals->argument_count != parsed->argument_count || formals->result_count != parsed->result_count)
        return ptx_fail(parser, PTX_INVALID, statement->line, "call: hands over %zu and takes %zu, the function has %zu and %zu.",
            parsed->argument_count, parsed->result_count, formals->argument_count, formals->result_count);
    struct ptx_call *call = new_call(parser, parsed);
    if (!call) return ptx_no_memory(parser);
    if (parsed->target.value.kind == PTX_OPERAND_FUNCTION) {
        call->target = parsed->target.value.symbol->function;
        call->target->is_used = true;
    } else if (!ptx_value_slot(parser, statement, &parsed->target.value, PTX_B64, false, &call->slot)) {
        return false;
    }
    return emit_call(parser, statement, parsed, call);
}

bool ptx_parse_call(struct ptx_parser *parser, struct ptx_statement *statement)
{
    struct parsed_call parsed = {.result_count = 0};
    ptx_take(statement, "uni");
    if (!ptx_all_taken(parser, statement)) return false;
    parsed.results = calloc(2 * PTX_MOST_CALL_OPERANDS, sizeof *parsed.results);
    parsed.arguments = parsed.results + PTX_MOST_CALL_OPERANDS;
    bool read = parsed.results ? decode(parser, statement, &parsed) : ptx_no_memory(parser);
    free(parsed.results);
    return read;
}

// name: .branchtargets label, label;
bool ptx_parse_label_list(struct ptx_parser *parser, struct ptx_slice name, uint32_t line)
{
    struct ptx_symbol *symbol = ptx_declare(parser, name, PTX_LABEL_LIST, line);
    struct ptx_slice *labels = NULL;
    size_t capacity = 0;
    if (!symbol) return false;
    bool read = true;
    do {
        ptx_next(parser);
        read = ptx_grow((void **)&labels, &capacity, symbol->value, sizeof *labels) ? ptx_take_name(parser, &labels[symbol->value++])
            : ptx_no_memory(parser);
    } while (read && ptx_at(parser, ","));
    symbol->labels = ptx_arena_take(&parser->module->arena, symbol->value * sizeof *labels);
    if (symbol->labels && read) memcpy(symbol->labels, labels, symbol->value * sizeof *labels);
    free(labels);
    if (!symbol->labels) return ptx_no_memory(parser);
    return read && ptx_expect(parser, ";");
}

// brx.idx a, list: decoded to comparisons, and to a trap where none holds.
bool ptx_decode_branch_index(struct ptx_parser *parser, struct ptx_statement *statement)
{
    uint16_t index, number, equal;
    if (!ptx_take(statement, "idx")) return ptx_refuse(parser, statement, "this branch");
    ptx_take(statement, "uni");
    if (!ptx_all_taken(parser, statement) || !ptx_operands_are(parser, statement, 2, 2)) return false;
    if (!ptx_source(parser, statement, 0, PTX_U32, &index) || !ptx_scratch(parser, &equal)) return false;
    const struct ptx_value *named = &statement->operands[1].value;
    const struct ptx_symbol *list = named->kind == PTX_OPERAND_LABEL ? ptx_lookup(parser, named->name) : NULL;
    if (!list || list->kind != PTX_LABEL_LIST) return ptx_fail(parser, PTX_INVALID, statement->line, "brx.idx: the second operand is no list of labels.");
    for (uint64_t i = 0; i < list->value; i++) {
        if (!ptx_constant(parser, i, &number) || !ptx_apply_to(parser, statement, ptx_hot_eq, (uint16_t[4]){index, number}, equal)) return false;
        if (!ptx_grow((void **)&parser->label_uses, &parser->label_use_capacity, parser->label_use_count, sizeof *parser->label_uses))
            return ptx_no_memory(parser);
        parser->label_uses[parser->label_use_count++] = (struct ptx_label_use){list->labels[i], parser->scope, statement->line, parser->kernel->count};
        if (!ptx_emit(parser, statement, (struct ptx_insn){.op = PTX_OP_BRANCH_IF, .a = equal})) return false;
    }
    return ptx_emit(parser, statement, (struct ptx_insn){.op = PTX_OP_TRAP});
}
