// decode_matrix.c: mma and ldmatrix. Operands are moved into the slots that matrix.h draws, and results out of them.
#include "matrix.h"
#include "parser.h"

static bool take_slots(struct ptx_parser *parser)
{
    uint16_t first, slot;
    if (parser->matrix_slot) return true;
    if (!ptx_new_slot(parser, 0, &first)) return false;
    for (unsigned i = 1; i < PTX_MATRIX_SLOTS; i++) {
        if (!ptx_new_slot(parser, 0, &slot)) return false;
    }
    parser->matrix_slot = first;
    return true;
}

static bool has_registers(struct ptx_parser *parser, const struct ptx_statement *statement, const struct ptx_operand *operand, unsigned count)
{
    unsigned given = operand->value.kind == PTX_OPERAND_VECTOR ? operand->element_count : 1;
    return given == count || ptx_fail(parser, PTX_INVALID, statement->line, "%.*s: %u registers where %u are needed.",
        PTX_SHOWN(statement->opcode), given, count);
}

static const struct ptx_value *element(const struct ptx_operand *operand, unsigned index)
{
    return operand->value.kind == PTX_OPERAND_VECTOR ? &operand->elements[index] : &operand->value;
}

static bool move_in(struct ptx_parser *parser, const struct ptx_statement *statement, unsigned operand, unsigned count, enum ptx_type type,
    unsigned place)
{
    const struct ptx_operand *from = &statement->operands[operand];
    uint16_t slot;
    if (!has_registers(parser, statement, from, count)) return false;
    for (unsigned i = 0; i < count; i++) {
        if (!ptx_value_slot(parser, statement, element(from, i), type, false, &slot)) return false;
        uint16_t to = (uint16_t)(parser->matrix_slot + place + i);
        if (!ptx_apply_to(parser, statement, ptx_hot_mov, (uint16_t[4]){slot}, to)) return false;
    }
    return true;
}

static bool move_out(struct ptx_parser *parser, const struct ptx_statement *statement, unsigned count, enum ptx_type type)
{
    const struct ptx_operand *into = &statement->operands[0];
    uint16_t slot;
    for (unsigned i = 0; i < count; i++) {
        if (!ptx_target(parser, statement, element(into, i), type, false, &slot)) return false;
        uint16_t from = (uint16_t)(parser->matrix_slot + PTX_MATRIX_D + i);
        if (!ptx_apply_to(parser, statement, ptx_hot_mov, (uint16_t[4]){from}, slot)) return false;
    }
    return true;
}

// All lanes of the warp take part.
static bool exchange(struct ptx_parser *parser, const struct ptx_statement *statement, struct ptx_insn insn)
{
    insn.op = PTX_OP_WARP_EXCHANGE;
    insn.d = parser->matrix_slot;
    return ptx_constant(parser, UINT32_MAX, &insn.a) && ptx_emit(parser, statement, insn);
}

struct product_types { enum ptx_type d, a, b, c; enum ptx_elements elements; bool tensor; };

static bool is_byte(enum ptx_type type) { return type == PTX_U8 || type == PTX_S8; }

static bool take_types(struct ptx_statement *statement, struct product_types *types)
{
    types->tensor = ptx_take(statement, "tf32") && ptx_take(statement, "tf32");
    types->d = ptx_take_type(statement);
    types->a = types->tensor ? PTX_F32 : ptx_take_type(statement);
    types->b = types->tensor ? PTX_F32 : ptx_take_type(statement);
    types->c = ptx_take_type(statement);
    bool bytes = is_byte(types->a) && is_byte(types->b), halves = types->a == PTX_F16;
    types->elements = bytes ? PTX_BYTES : types->tensor ? PTX_TENSOR_FLOATS : halves ? PTX_HALVES : PTX_BHALVES;
    bool known = bytes || (types->a == types->b && (types->tensor || halves || types->a == PTX_BF16));
    bool sums = bytes ? types->d == PTX_S32 : types->d == PTX_F32 || (halves && types->d == PTX_F16);
    return known && sums && types->c == types->d;
}

static bool take_product(struct ptx_statement *statement, enum ptx_elements elements, uint16_t *index)
{
    for (*index = 0; *index < ptx_product_count; ++*index) {
        const struct ptx_product *product = &ptx_products[*index];
        if (product->elements == elements && ptx_take(statement, product->shape)) return true;
    }
    return false;
}

// mma.sync.aligned.shape.row.col{.satfinite}.d.a.b.c d, a, b, c
bool ptx_decode_multiply(struct ptx_parser *parser, struct ptx_statement *statement)
{
    struct ptx_insn insn = {.offset = PTX_MULTIPLY};
    struct product_types types;
    bool plain = ptx_take(statement, "sync") && ptx_take(statement, "aligned") && ptx_take(statement, "row") && ptx_take(statement, "col");
    bool clamped = ptx_take(statement, "satfinite");
    if (!plain || !take_types(statement, &types) || !take_product(statement, types.elements, &insn.c) ||
        (clamped && types.elements != PTX_BYTES))
        return ptx_refuse(parser, statement, "this product of matrices");
    if (!ptx_all_taken(parser, statement) || !ptx_operands_are(parser, statement, 4, 4) || !take_slots(parser)) return false;
    const struct ptx_product *product = &ptx_products[insn.c];
    unsigned groups = product->rows / 8, inner = product->inner / 4 / ptx_elements_in_register(product->elements);
    unsigned sums = types.d == PTX_F16 ? groups : 2 * groups;
    enum ptx_type sum = types.d == PTX_F16 ? PTX_B32 : types.d;
    insn.mask = (types.d == PTX_F16 ? PTX_PRODUCT_F16 : 0) | (types.a == PTX_S8 ? PTX_PRODUCT_A_SIGNED : 0) |
        (types.b == PTX_S8 ? PTX_PRODUCT_B_SIGNED : 0) | (clamped ? PTX_PRODUCT_CLAMPED : 0);
    return has_registers(parser, statement, &statement->operands[0], sums) &&
        move_in(parser, statement, 1, groups * inner, PTX_B32, PTX_MATRIX_A) && move_in(parser, statement, 2, inner, PTX_B32, PTX_MATRIX_B) &&
        move_in(parser, statement, 3, sums, sum, PTX_MATRIX_C) && exchange(parser, statement, insn) && move_out(parser, statement, sums, sum);
}

// Each of the first eight lanes a matrix reads a row.
static bool load_rows(struct ptx_parser *parser, const struct ptx_statement *statement, enum ptx_space space, unsigned matrices)
{
    struct ptx_value lane;
    uint16_t lanes, reads;
    bool known;
    struct ptx_insn load = {0};
    if (!ptx_special_value(parser, (struct ptx_slice){"%laneid", 7}, &lane, &known) || !ptx_constant(parser, 8 * matrices, &lanes)) return false;
    if (!ptx_apply(parser, statement, ptx_hot_lt_u, (uint16_t[4]){lane.slot, lanes}, &reads)) return false;
    size_t skip_at = parser->kernel->count;
    if (!ptx_emit(parser, statement, (struct ptx_insn){.op = PTX_OP_SKIP_UNLESS, .a = reads})) return false;
    if (!ptx_whole_address(parser, statement, 1, space, 16, &load)) return false;
    load.op = ptx_access_op(space, 8, false);
    for (unsigned i = 0; i < 2; i++, load.offset += 8) {
        load.d = (uint16_t)(parser->matrix_slot + i);
        if (!ptx_emit(parser, statement, load)) return false;
    }
    parser->kernel->code[skip_at].offset = (int32_t)(parser->kernel->count - skip_at);
    return true;
}

// ldmatrix.sync.aligned.m8n8.x1|x2|x4{.trans}{.shared}.b16 d, [a]
bool ptx_decode_load_matrices(struct ptx_parser *parser, struct ptx_statement *statement)
{
    bool plain = ptx_take(statement, "sync") && ptx_take(statement, "aligned") && ptx_take(statement, "m8n8");
    unsigned matrices = ptx_take(statement, "x1") ? 1 : ptx_take(statement, "x2") ? 2 : ptx_take(statement, "x4") ? 4 : 0;
    bool transposed = ptx_take(statement, "trans");
    enum ptx_space space = ptx_take_space(statement);
    if (!plain || !matrices || (space != PTX_SHARED && space != PTX_GENERIC) || ptx_take_type(statement) != PTX_B16)
        return ptx_refuse(parser, statement, "this load of matrices");
    if (!ptx_all_taken(parser, statement) || !ptx_operands_are(parser, statement, 2, 2) || !take_slots(parser)) return false;
    struct ptx_insn insn = {.offset = transposed ? PTX_MATRICES_TRANSPOSED : PTX_MATRICES, .c = (uint16_t)matrices};
    return has_registers(parser, statement, &statement->operands[0], matrices) && load_rows(parser, statement, space, matrices) &&
        exchange(parser, statement, insn) && move_out(parser, statement, matrices, PTX_B32);
}
