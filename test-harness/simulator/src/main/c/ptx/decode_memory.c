// decode_memory.c: loads, stores, atomics and conversions of addresses.
#include "parser.h"

enum ptx_space ptx_take_space(struct ptx_statement *statement)
{
    static const struct { const char *name; enum ptx_space space; } SPACES[] = {
        {"global", PTX_GLOBAL}, {"shared", PTX_SHARED}, {"shared::cta", PTX_SHARED}, {"local", PTX_LOCAL},
        {"const", PTX_CONST}, {"param", PTX_PARAM}, {"param::entry", PTX_PARAM}, {"param::func", PTX_PARAM},
    };
    for (size_t i = 0; i < sizeof SPACES / sizeof *SPACES; i++) {
        if (ptx_take(statement, SPACES[i].name)) return SPACES[i].space;
    }
    return PTX_GENERIC;
}

// What orders or hints at caches changes nothing here: every access goes to memory, in order.
void ptx_take_hints(struct ptx_statement *statement)
{
    static const char *const HINTS[] = {
        "volatile", "weak", "relaxed", "acquire", "release", "acq_rel", "cta", "gpu", "sys", "cluster", "nc", "ca", "cg", "cs", "lu", "cv",
            "wb", "wt", "noftz",
        "L1::evict_normal", "L1::evict_unchanged", "L1::evict_first", "L1::evict_last", "L1::no_allocate", "L2::64B", "L2::128B",
            "L2::256B",
    };
    for (size_t i = 0; i < sizeof HINTS / sizeof *HINTS; i++) ptx_take(statement, HINTS[i]);
}

// The slot of an address and the mask of its width; the offset stays for the instruction to add.
static bool address(struct ptx_parser *parser, const struct ptx_statement *statement, const struct ptx_operand *operand,
    enum ptx_space space, struct ptx_insn *insn)
{
    insn->mask = UINT64_MAX;
    insn->offset = (int32_t)operand->offset;
    insn->e = (uint16_t)(parser->accesses++ & 15);
    if (operand->value.kind != PTX_OPERAND_ADDRESS)
        return ptx_fail(parser, PTX_INVALID, statement->line, "%.*s: an address in brackets is missing.", PTX_SHOWN(statement->opcode));
    const struct ptx_value *base = &operand->base;
    if (base->kind == PTX_OPERAND_VARIABLE) {
        bool same = base->symbol->space == space ||
            (space == PTX_GENERIC && (base->symbol->space == PTX_GLOBAL || base->symbol->space == PTX_CONST));
        if (!same)
            return ptx_fail(parser, PTX_INVALID, statement->line, "%.*s: '%.*s' lies in another state space.",
                PTX_SHOWN(statement->opcode), PTX_SHOWN(base->symbol->name));
        return ptx_variable_address(parser, base->symbol, &insn->a);
    }
    if (base->kind == PTX_OPERAND_REGISTER && ptx_type_bytes(base->type) == 4 && base->type != PTX_F32) {
        insn->mask = UINT32_MAX;
        insn->a = base->slot;
        return true;
    }
    return ptx_value_slot(parser, statement, base, PTX_B64, false, &insn->a);
}

uint16_t ptx_access_op(enum ptx_space space, uint32_t bytes, bool store)
{
    static const enum ptx_op FIRST[] = {
        [PTX_GENERIC] = PTX_OP_LOAD_GENERIC_1, [PTX_GLOBAL] = PTX_OP_LOAD_GLOBAL_1, [PTX_CONST] = PTX_OP_LOAD_GLOBAL_1,
        [PTX_SHARED] = PTX_OP_LOAD_SHARED_1, [PTX_LOCAL] = PTX_OP_LOAD_LOCAL_1, [PTX_PARAM] = PTX_OP_LOAD_PARAM_1,
    };
    unsigned log = bytes == 1 ? 0 : bytes == 2 ? 1 : bytes == 4 ? 2 : 3;
    return (uint16_t)((unsigned)FIRST[space] + log + (store ? 4 : 0));
}

// Vectors are aligned as a whole: the address is computed once, checked, and the elements accessed from there.
static bool locate_vector(struct ptx_parser *parser, const struct ptx_statement *statement, unsigned bytes, struct ptx_insn *insn)
{
    struct ptx_insn locate = *insn;
    locate.op = PTX_OP_LOCATE;
    locate.b = (uint16_t)bytes;
    if (!ptx_scratch(parser, &locate.d) || !ptx_emit(parser, statement, locate)) return false;
    insn->a = locate.d;
    insn->offset = 0;
    insn->mask = UINT64_MAX;
    return true;
}

static bool take_shape(struct ptx_parser *parser, struct ptx_statement *statement, enum ptx_space *space, enum ptx_type *type,
    unsigned *elements)
{
    *space = ptx_take_space(statement);
    ptx_take_hints(statement);
    *elements = ptx_take(statement, "v2") ? 2 : ptx_take(statement, "v4") ? 4 : 1;
    if (!ptx_need_type(parser, statement, type) || !ptx_all_taken(parser, statement) || !ptx_operands_are(parser, statement, 2, 2))
        return false;
    if (*type == PTX_PRED) return ptx_refuse(parser, statement, "predicates in memory");
    return true;
}

static bool elements_match(struct ptx_parser *parser, const struct ptx_statement *statement, const struct ptx_operand *operand,
    unsigned elements)
{
    unsigned given = operand->value.kind == PTX_OPERAND_VECTOR ? operand->element_count : 1;
    return given == elements || ptx_fail(parser, PTX_INVALID, statement->line, "%.*s: %u registers for %u elements.",
        PTX_SHOWN(statement->opcode), given, elements);
}

static const struct ptx_value *element(const struct ptx_operand *operand, unsigned index)
{
    return operand->value.kind == PTX_OPERAND_VECTOR ? &operand->elements[index] : &operand->value;
}

static bool load_element(struct ptx_parser *parser, struct ptx_statement *statement, const struct ptx_value *into, enum ptx_type type,
    struct ptx_insn insn)
{
    if (!ptx_target(parser, statement, into, type, true, &insn.d) || !ptx_emit(parser, statement, insn)) return false;
    uint32_t bytes = ptx_type_bytes(type), width = into->kind == PTX_OPERAND_REGISTER ? ptx_type_bytes(into->type) : bytes;
    if (!ptx_type_is_signed(type) || width == bytes) return true;
    uint16_t extended = insn.d;
    ptx_function *extend = ptx_bits_function("sext", bytes == 1 ? PTX_B8 : bytes == 2 ? PTX_B16 : PTX_B32);
    if (!ptx_apply_one(parser, statement, extend, &extended)) return false;
    ptx_function *cut = ptx_bits_function("zext", width == 2 ? PTX_B16 : width == 4 ? PTX_B32 : PTX_B64);
    return ptx_apply_to(parser, statement, cut, (uint16_t[4]){extended}, insn.d);
}

bool ptx_decode_load(struct ptx_parser *parser, struct ptx_statement *statement)
{
    enum ptx_space space;
    enum ptx_type type;
    unsigned elements;
    struct ptx_insn insn = {0};
    if (!take_shape(parser, statement, &space, &type, &elements)) return false;
    const struct ptx_operand *into = &statement->operands[0];
    uint32_t bytes = ptx_type_bytes(type);
    if (!elements_match(parser, statement, into, elements) || !address(parser, statement, &statement->operands[1], space, &insn))
        return false;
    if (elements > 1 && !locate_vector(parser, statement, bytes * elements, &insn)) return false;
    insn.op = ptx_access_op(space, bytes, false);
    for (unsigned i = 0; i < elements; i++, insn.offset += (int32_t)bytes) {
        if (!load_element(parser, statement, element(into, i), type, insn)) return false;
    }
    return true;
}

bool ptx_decode_store(struct ptx_parser *parser, struct ptx_statement *statement)
{
    enum ptx_space space;
    enum ptx_type type;
    unsigned elements;
    struct ptx_insn insn = {0};
    if (!take_shape(parser, statement, &space, &type, &elements)) return false;
    const struct ptx_value *base = &statement->operands[0].base;
    bool of_frame = base->kind == PTX_OPERAND_VARIABLE && base->symbol->space == PTX_PARAM && base->symbol->value >= parser->kernel->frame_base;
    if (space == PTX_CONST || (space == PTX_PARAM && !of_frame)) return ptx_refuse(parser, statement, "stores to this state space");
    const struct ptx_operand *from = &statement->operands[1];
    uint32_t bytes = ptx_type_bytes(type);
    if (!elements_match(parser, statement, from, elements) || !address(parser, statement, &statement->operands[0], space, &insn))
        return false;
    if (elements > 1 && !locate_vector(parser, statement, bytes * elements, &insn)) return false;
    insn.op = ptx_access_op(space, bytes, true);
    for (unsigned i = 0; i < elements; i++, insn.offset += (int32_t)bytes) {
        if (!ptx_value_slot(parser, statement, element(from, i), type, true, &insn.b) || !ptx_emit(parser, statement, insn)) return false;
    }
    return true;
}

// atom.op d, [a], b{, c} and red.op [a], b. The address is computed before: d is then free to be one of its registers.
bool ptx_decode_atomic(struct ptx_parser *parser, struct ptx_statement *statement)
{
    enum ptx_type type;
    bool returns = ptx_slice_is(statement->parts[0], "atom");
    enum ptx_space space = ptx_take_space(statement);
    ptx_take_hints(statement);
    if (!ptx_need_type(parser, statement, &type)) return false;
    unsigned part = 1;
    while (part < statement->part_count && statement->used[part]) part++;
    ptx_atomic_function *call = part < statement->part_count ? ptx_atomic_operation(statement->parts[part], type) : NULL;
    if (!call || space == PTX_LOCAL || space == PTX_CONST || space == PTX_PARAM)
        return ptx_refuse(parser, statement, "this atomic operation");
    bool swaps = ptx_slice_is(statement->parts[part], "cas");
    statement->used[part] = true;
    unsigned first = returns ? 1 : 0, count = first + (swaps ? 3 : 2);
    if (!ptx_all_taken(parser, statement) || !ptx_operands_are(parser, statement, count, count)) return false;
    struct ptx_insn at = {0}, insn = {.op = PTX_OP_ATOMIC};
    if (!address(parser, statement, &statement->operands[first], space, &at)) return false;
    if (!locate_vector(parser, statement, ptx_type_bytes(type), &at)) return false;
    insn.a = at.a;
    insn.atomic = call;
    insn.offset = (int32_t)(ptx_type_bytes(type) | (uint32_t)space << 8);
    insn.e = at.e;
    if (!ptx_source(parser, statement, first + 1, type, &insn.b)) return false;
    if (swaps && !ptx_source(parser, statement, first + 2, type, &insn.c)) return false;
    struct ptx_value nothing = {.kind = PTX_OPERAND_SINK};
    return ptx_target(parser, statement, returns ? &statement->operands[0].value : &nothing, type, false, &insn.d) &&
        ptx_emit(parser, statement, insn);
}

// Shared and local memory are windows of the generic addresses; global and constant addresses are generic already.
bool ptx_decode_space(struct ptx_parser *parser, struct ptx_statement *statement)
{
    bool asks = ptx_slice_is(statement->parts[0], "isspacep"), leaves = ptx_take(statement, "to");
    enum ptx_space space = ptx_take_space(statement);
    enum ptx_type type = asks ? PTX_U64 : ptx_take_type(statement);
    uint16_t d, a, window;
    if (type != PTX_U64 || space == PTX_GENERIC || space == PTX_PARAM) return ptx_refuse(parser, statement, "this conversion of addresses");
    if (!ptx_all_taken(parser, statement) || !ptx_operands_are(parser, statement, 2, 2)) return false;
    if (!ptx_destination(parser, statement, 0, asks ? PTX_PRED : PTX_U64, &d)) return false;
    const struct ptx_operand *from = &statement->operands[1];
    if (from->value.kind == PTX_OPERAND_VARIABLE && from->offset == 0) {
        if (!ptx_variable_address(parser, from->value.symbol, &a)) return false;
    } else if (!ptx_source(parser, statement, 1, PTX_U64, &a)) {
        return false;
    }
    uint64_t base = space == PTX_SHARED ? PTX_SHARED_WINDOW : space == PTX_LOCAL ? PTX_LOCAL_WINDOW : 0;
    if (!ptx_constant(parser, base, &window)) return false;
    ptx_function *convert = asks ? ptx_bits_function(base ? "in_window" : "in_no_window", PTX_B64)
        : ptx_integer_function(leaves ? "sub" : "add", PTX_U64);
    return ptx_apply_to(parser, statement, convert, (uint16_t[4]){a, window}, d);
}

bool ptx_decode_prefetch(struct ptx_parser *parser, struct ptx_statement *statement)
{
    struct ptx_insn insn;
    enum ptx_space space = ptx_take_space(statement);
    if (!ptx_take(statement, "L1") && !ptx_take(statement, "L2")) return ptx_refuse(parser, statement, "this prefetch");
    return ptx_all_taken(parser, statement) && ptx_operands_are(parser, statement, 1, 1) &&
        address(parser, statement, &statement->operands[0], space, &insn);
}

bool ptx_whole_address(struct ptx_parser *parser, const struct ptx_statement *statement, unsigned index, enum ptx_space space,
    unsigned bytes, struct ptx_insn *insn)
{
    return address(parser, statement, &statement->operands[index], space, insn) && locate_vector(parser, statement, bytes, insn);
}

// cp.async.ca.shared.global [to], [from], size{, how much of it}; copied at once, so that groups and waits find it done.
bool ptx_decode_copy(struct ptx_parser *parser, struct ptx_statement *statement)
{
    struct ptx_insn from = {0}, to = {0};
    if (!ptx_take(statement, "async")) return ptx_refuse(parser, statement, "this instruction");
    if (ptx_take(statement, "mbarrier")) return ptx_decode_arrival_of_copies(parser, statement);
    if (ptx_take(statement, "commit_group") || ptx_take(statement, "wait_all"))
        return ptx_all_taken(parser, statement) && ptx_operands_are(parser, statement, 0, 0);
    if (ptx_take(statement, "wait_group")) return ptx_all_taken(parser, statement) && ptx_operands_are(parser, statement, 1, 1);
    bool known = (ptx_take(statement, "shared") || ptx_take(statement, "shared::cta")) && ptx_take(statement, "global");
    ptx_take_hints(statement);
    if (!known) return ptx_refuse(parser, statement, "this copy");
    if (!ptx_all_taken(parser, statement) || !ptx_operands_are(parser, statement, 3, 4)) return false;
    const struct ptx_value *size = &statement->operands[2].value;
    if (size->kind != PTX_OPERAND_INTEGER || (size->number != 4 && size->number != 8 && size->number != 16))
        return ptx_fail(parser, PTX_INVALID, statement->line, "%.*s: copies 4, 8 or 16 bytes.", PTX_SHOWN(statement->opcode));
    unsigned bytes = (unsigned)size->number;
    if (!ptx_whole_address(parser, statement, 0, PTX_SHARED, bytes, &to) || !ptx_whole_address(parser, statement, 1, PTX_GLOBAL, bytes, &from))
        return false;
    struct ptx_insn copy = {.op = PTX_OP_COPY, .d = to.a, .a = from.a, .e = from.e, .offset = (int32_t)bytes};
    return ptx_source(parser, statement, statement->operand_count - 1, PTX_B32, &copy.c) && ptx_emit(parser, statement, copy);
}
