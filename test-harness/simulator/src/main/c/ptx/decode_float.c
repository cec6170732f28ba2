// decode_float.c: arithmetic on .f32 and .f64: flush, compute, flush, saturate, each as an instruction of its own.
#include "parser.h"

#include <stdio.h>

struct shape { bool flush, saturate, directed; enum ptx_rounding rounding; };

static bool take_rounding(struct ptx_statement *statement, enum ptx_rounding *rounding)
{
    static const struct { const char *name; enum ptx_rounding rounding; } MODES[] = {
        {"rn", PTX_ROUND_NEAREST}, {"rz", PTX_ROUND_ZERO}, {"rm", PTX_ROUND_DOWN}, {"rp", PTX_ROUND_UP},
    };
    for (size_t i = 0; i < sizeof MODES / sizeof *MODES; i++) {
        if (!ptx_take(statement, MODES[i].name)) continue;
        *rounding = MODES[i].rounding;
        return true;
    }
    return false;
}

static bool compute(struct ptx_parser *parser, struct ptx_statement *statement, const char *operation, enum ptx_type type, unsigned count,
    const struct shape *shape)
{
    ptx_function *call = ptx_float_function(operation, type, shape->directed);
    if (!call || (shape->flush && type != PTX_F32)) return ptx_refuse(parser, statement, "this operation on this type");
    uint16_t d, operands[4] = {0}, result;
    if (!ptx_all_taken(parser, statement) || !ptx_operands_are(parser, statement, count + 1, count + 1)) return false;
    if (!ptx_destination(parser, statement, 0, type, &d)) return false;
    for (unsigned i = 0; i < count; i++) {
        if (!ptx_source(parser, statement, i + 1, type, &operands[i])) return false;
        if (shape->flush && !ptx_apply_one(parser, statement, ptx_flush_f32, &operands[i])) return false;
    }
    if (shape->directed && !ptx_constant(parser, shape->rounding, &operands[3])) return false;
    if (!shape->flush && !shape->saturate) return ptx_apply_to(parser, statement, call, operands, d);
    if (!ptx_apply(parser, statement, call, operands, &result)) return false;
    ptx_function *last = shape->saturate ? (type == PTX_F32 ? ptx_saturate_f32 : ptx_saturate_f64) : ptx_flush_f32;
    if (shape->flush && shape->saturate && !ptx_apply_one(parser, statement, ptx_flush_f32, &result)) return false;
    return ptx_apply_to(parser, statement, last, (uint16_t[4]){result}, d);
}

bool ptx_decode_float(struct ptx_parser *parser, struct ptx_statement *statement, const char *operation, enum ptx_type type)
{
    struct shape shape = {.flush = ptx_take(statement, "ftz")};
    bool is_fma = !strcmp(operation, "fma") || !strcmp(operation, "mad"), is_div = !strcmp(operation, "div");
    bool single = !strcmp(operation, "abs") || !strcmp(operation, "neg"), extreme = !strcmp(operation, "min") || !strcmp(operation, "max");
    char named[16];
    snprintf(named, sizeof named, "%s%s", is_fma ? "fma" : operation, extreme && ptx_take(statement, "NaN") ? ".NaN" : "");
    if (!single && !extreme) {
        bool approximate = is_div && type == PTX_F32 && ptx_take(statement, "approx");
        bool rounded = take_rounding(statement, &shape.rounding),
            loose = approximate || (is_div && type == PTX_F32 && ptx_take(statement, "full"));
        if (approximate) snprintf(named, sizeof named, "div.approx");
        if (!strcmp(operation, "fma") || is_div) {
            if (rounded == loose)
                return ptx_fail(parser, PTX_INVALID, statement->line, "%.*s: says no way of rounding, such as .rn.",
                    PTX_SHOWN(statement->opcode));
        }
        shape.directed = shape.rounding != PTX_ROUND_NEAREST;
        shape.saturate = !is_div && type == PTX_F32 && ptx_take(statement, "sat");
    }
    return compute(parser, statement, named, type, single ? 1 : is_fma ? 3 : 2, &shape);
}

// rcp, sqrt, rsqrt, sin, cos, lg2, ex2 and tanh. What PTX calls .approx is computed as well as the host can.
bool ptx_decode_approximate(struct ptx_parser *parser, struct ptx_statement *statement)
{
    char operation[16];
    enum ptx_type type;
    snprintf(operation, sizeof operation, "%.*s", PTX_SHOWN(statement->parts[0]));
    bool roundable = !strcmp(operation, "rcp") || !strcmp(operation, "sqrt");
    if (!ptx_need_type(parser, statement, &type)) return false;
    if (ptx_type_is_half(type)) return ptx_decode_half(parser, statement, operation, type);
    struct shape shape = {.flush = ptx_take(statement, "ftz")};
    bool loose = ptx_take(statement, "approx"), rounded = roundable && take_rounding(statement, &shape.rounding);
    bool is_root = !strcmp(operation, "rsqrt"), gross = loose && shape.flush && type == PTX_F64;
    if (loose && type == PTX_F64 && !is_root && (!gross || strcmp(operation, "rcp")))
        return ptx_refuse(parser, statement, "this approximation");
    if (rounded == loose)
        return ptx_fail(parser, PTX_INVALID, statement->line, "%.*s: says neither .approx nor a way of rounding, such as .rn.",
            PTX_SHOWN(statement->opcode));
    shape.directed = shape.rounding != PTX_ROUND_NEAREST;
    if (gross) {
        shape.flush = false; // which is part of the operation
        snprintf(operation, sizeof operation, "%s.gross", is_root ? "rsqrt" : "rcp");
    }
    return compute(parser, statement, operation, type, 1, &shape);
}
