// parser.h: the state of reading one module, shared by the files that read declarations, statements and operands.
#ifndef SLUICE_PTX_PARSER_H
#define SLUICE_PTX_PARSER_H

#include "program.h"

struct ptx_label_use { struct ptx_slice name; uint32_t scope, line; size_t at; };
// A slot that holds an address which is known once the whole module is read.
struct ptx_address_use { struct ptx_kernel *code; struct ptx_symbol *symbol; uint32_t line; uint16_t slot; };
// A result of a function that it declares as a register: stored among its parameters when it returns.
struct ptx_register_result { uint16_t slot; uint32_t offset; enum ptx_type type; };
enum { PTX_MOST_REGISTER_RESULTS = 16, PTX_MOST_CALL_OPERANDS = 255 };

struct ptx_parser {
    struct ptx_lexer lexer;
    struct ptx_token token; // the one not yet taken
    struct ptx_module *module;
    struct ptx_log *log;
    enum ptx_status status; // of the first failure

    uint32_t *scope_parents;
    size_t scope_count, scope_capacity;
    uint32_t scope, unit_scope; // unit: the text being read, of several that are linked
    const struct ptx_limits *limits;
    struct ptx_address_use *address_uses;
    size_t address_use_count, address_use_capacity;

    // of the kernel or function being read
    struct ptx_kernel *kernel;
    uint32_t kernel_scope;
    struct ptx_register_result register_results[PTX_MOST_REGISTER_RESULTS];
    unsigned register_result_count;
    struct ptx_label_use *label_uses;
    size_t label_use_count, label_use_capacity;
    uint32_t issued, accesses; // PTX instructions so far, global accesses so far
    uint16_t carry_slot, sink_slot, matrix_slot;
    uint16_t scratch[64];
    unsigned scratch_known, scratch_used;
};

// For "%.*s" in messages: at most 60 characters of a piece of the text.
#define PTX_SHOWN(slice) (int)((slice).length < 60 ? (slice).length : 60), (slice).at

enum ptx_operand_kind {
    PTX_OPERAND_REGISTER, PTX_OPERAND_INTEGER, PTX_OPERAND_FLOAT, PTX_OPERAND_VARIABLE, PTX_OPERAND_LABEL,
    PTX_OPERAND_FUNCTION, PTX_OPERAND_ADDRESS, PTX_OPERAND_VECTOR, PTX_OPERAND_SINK
};

enum { PTX_MOST_OPERANDS = 8, PTX_MOST_ELEMENTS = 4, PTX_MOST_PARTS = 16 };

struct ptx_value {                 // a register, constant, variable or label
    enum ptx_operand_kind kind;
    enum ptx_type type;            // of a register
    uint16_t slot;                 // of a register
    bool single;                   // float written as bits of an f32
    uint64_t number;               // bits of the constant; of a double when it is a float
    struct ptx_symbol *symbol;     // variable or function
    struct ptx_slice name;
};

struct ptx_operand {
    struct ptx_value value;        // kind ADDRESS: see base. kind VECTOR: see elements
    struct ptx_value base;         // what stands in the brackets
    int64_t offset;                // after it, or after a variable
    bool negated, has_second;
    struct ptx_value second;       // q of p|q
    struct ptx_value elements[PTX_MOST_ELEMENTS];
    unsigned element_count;
};

struct ptx_statement {
    struct ptx_slice opcode, parts[PTX_MOST_PARTS];
    bool used[PTX_MOST_PARTS];
    unsigned part_count, operand_count;
    struct ptx_operand operands[PTX_MOST_OPERANDS];
    struct ptx_slice guard;
    bool guarded, guard_negated;
    uint16_t guard_slot;
    uint32_t line;
};

// error.c. Always false, so that a caller can return it.
bool ptx_fail(struct ptx_parser *parser, enum ptx_status status, uint32_t line, const char *format,
    ...) __attribute__((format(printf, 4, 5)));
bool ptx_refuse(struct ptx_parser *parser, const struct ptx_statement *statement, const char *what);
bool ptx_no_memory(struct ptx_parser *parser);

// parser.c
void ptx_next(struct ptx_parser *parser);
bool ptx_at(const struct ptx_parser *parser, const char *word_or_mark);
bool ptx_accept(struct ptx_parser *parser, const char *word_or_mark);
bool ptx_expect(struct ptx_parser *parser, const char *mark);
bool ptx_take_name(struct ptx_parser *parser, struct ptx_slice *name);
bool ptx_take_integer(struct ptx_parser *parser, uint64_t most, uint64_t *value);
bool ptx_skip_braces(struct ptx_parser *parser);
bool ptx_skip_parentheses(struct ptx_parser *parser);
bool ptx_open_scope(struct ptx_parser *parser);
// Closes the innermost scope.
void ptx_close_scope(struct ptx_parser *parser);
struct ptx_symbol *ptx_declare(struct ptx_parser *parser, struct ptx_slice name, enum ptx_symbol_kind kind, uint32_t line);
struct ptx_symbol *ptx_lookup(struct ptx_parser *parser, struct ptx_slice name);
bool ptx_parse_module(struct ptx_parser *parser);

// variables.c, entry.c, function.c, body.c, operand.c, call.c, resolve.c
bool ptx_is_linkage(const struct ptx_parser *parser);
bool ptx_is_variable(const struct ptx_parser *parser);
// is_shown: to the other texts that are linked.
bool ptx_parse_variable(struct ptx_parser *parser, bool is_extern, bool is_weak, bool is_shown);
bool ptx_parse_entry(struct ptx_parser *parser, bool is_extern);
bool ptx_parse_function(struct ptx_parser *parser, bool is_weak, bool is_shown);
struct ptx_kernel *ptx_open_code(struct ptx_parser *parser, struct ptx_slice name);
bool ptx_parse_code(struct ptx_parser *parser);
bool ptx_skip_pointer(struct ptx_parser *parser);
bool ptx_parse_extent(struct ptx_parser *parser, uint32_t extent[3]);
// (formal, formal, ...) of a function or prototype; declares their names where they have one.
bool ptx_parse_formals(struct ptx_parser *parser, struct ptx_kernel *code, bool results, bool declares);
bool ptx_parse_prototype(struct ptx_parser *parser, struct ptx_slice name, uint32_t line);
bool ptx_parse_label_list(struct ptx_parser *parser, struct ptx_slice name, uint32_t line);
bool ptx_parse_frame_variable(struct ptx_parser *parser);
bool ptx_parse_body(struct ptx_parser *parser);
bool ptx_parse_call(struct ptx_parser *parser, struct ptx_statement *statement);
void ptx_free_code(struct ptx_kernel *code); // module.c: what it holds besides the arena
// Whether all is there that is used; then the place of everything, and its address where it is used.
bool ptx_complete(struct ptx_parser *parser);
bool ptx_place(struct ptx_parser *parser);
bool ptx_parse_number(struct ptx_parser *parser, struct ptx_value *value);
bool ptx_parse_operand(struct ptx_parser *parser, struct ptx_operand *operand);

// slots.c
bool ptx_new_slot(struct ptx_parser *parser, uint64_t initial, uint16_t *slot);
bool ptx_constant(struct ptx_parser *parser, uint64_t value, uint16_t *slot);
bool ptx_variable_address(struct ptx_parser *parser, struct ptx_symbol *variable, uint16_t *slot);
bool ptx_function_address(struct ptx_parser *parser, struct ptx_symbol *function, uint16_t *slot);
bool ptx_scratch(struct ptx_parser *parser, uint16_t *slot);
bool ptx_special_value(struct ptx_parser *parser, struct ptx_slice name, struct ptx_value *value, bool *known);
bool ptx_register_slot(struct ptx_parser *parser, struct ptx_symbol *symbol, uint16_t *slot);

// emit.c
bool ptx_emit(struct ptx_parser *parser, const struct ptx_statement *statement, struct ptx_insn insn);
// Applies a function to slots; its result is in a new scratch slot, *slot, or in `d`.
bool ptx_apply(struct ptx_parser *parser, const struct ptx_statement *statement, ptx_function *call, const uint16_t operands[4],
    uint16_t *slot);
bool ptx_apply_to(struct ptx_parser *parser, const struct ptx_statement *statement, ptx_function *call, const uint16_t operands[4],
    uint16_t d);
// decode_memory.c
uint16_t ptx_access_op(enum ptx_space space, uint32_t bytes, bool store);
enum ptx_space ptx_take_space(struct ptx_statement *statement);
void ptx_take_hints(struct ptx_statement *statement);
// An address as one slot, aligned to `bytes`.
bool ptx_whole_address(struct ptx_parser *parser, const struct ptx_statement *statement, unsigned index, enum ptx_space space,
    unsigned bytes, struct ptx_insn *insn);
bool ptx_apply_one(struct ptx_parser *parser, const struct ptx_statement *statement, ptx_function *call, uint16_t *slot);

// statement.c: modifiers and operands of an instruction, as its decoder asks for them
bool ptx_take(struct ptx_statement *statement, const char *part);
enum ptx_type ptx_take_type(struct ptx_statement *statement);
bool ptx_need_type(struct ptx_parser *parser, struct ptx_statement *statement, enum ptx_type *type);
bool ptx_all_taken(struct ptx_parser *parser, const struct ptx_statement *statement);
bool ptx_operands_are(struct ptx_parser *parser, const struct ptx_statement *statement, unsigned least, unsigned most);
bool ptx_source(struct ptx_parser *parser, const struct ptx_statement *statement, unsigned index, enum ptx_type type, uint16_t *slot);
bool ptx_value_slot(struct ptx_parser *parser, const struct ptx_statement *statement, const struct ptx_value *value, enum ptx_type type,
    bool wider, uint16_t *slot);
bool ptx_target(struct ptx_parser *parser, const struct ptx_statement *statement, const struct ptx_value *value, enum ptx_type type,
    bool wider, uint16_t *slot);
bool ptx_destination(struct ptx_parser *parser, const struct ptx_statement *statement, unsigned index, enum ptx_type type, uint16_t *slot);

// decode.c finds the decoder of an opcode; decode_*.c hold them.
typedef bool ptx_decoder(struct ptx_parser *parser, struct ptx_statement *statement);
ptx_decoder *ptx_find_decoder(struct ptx_slice mnemonic);
ptx_decoder ptx_decode_arithmetic, ptx_decode_carry, ptx_decode_bits, ptx_decode_approximate, ptx_decode_convert, ptx_decode_compare,
    ptx_decode_select, ptx_decode_move, ptx_decode_load, ptx_decode_store, ptx_decode_atomic, ptx_decode_space, ptx_decode_branch,
    ptx_decode_branch_index, ptx_decode_exit, ptx_decode_yield, ptx_decode_trap, ptx_decode_barrier, ptx_decode_warp, ptx_decode_fence, ptx_decode_prefetch, ptx_decode_copy, ptx_decode_redux, ptx_decode_elect, ptx_decode_small,
    ptx_decode_multiply, ptx_decode_load_matrices, ptx_decode_mbarrier, ptx_decode_arrival_of_copies;
// Its part on .f16 and .bf16, decode_half.c.
bool ptx_decode_half(struct ptx_parser *parser, struct ptx_statement *statement, const char *mnemonic, enum ptx_type type);
// The float half of ptx_decode_arithmetic, decode_float.c.
bool ptx_decode_float(struct ptx_parser *parser, struct ptx_statement *statement, const char *operation, enum ptx_type type);

#endif
