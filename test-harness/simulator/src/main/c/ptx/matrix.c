// matrix.c: see matrix.h. How the elements of a matrix are dealt to the lanes is as the ISA draws it: with e elements in a register,
// lane l has of A the row l/4 and l/4+8, of B the column l/4, and of both the e inner places from (l%4)*e on, then from 4*e further;
// of C and D it has the columns 2*(l%4) and the next in row l/4, then in row l/4+8.
#include "matrix.h"

#include "half.h"

const struct ptx_product ptx_products[] = {
    {"m16n8k8", PTX_HALVES, 16, 8}, {"m16n8k16", PTX_HALVES, 16, 16}, {"m16n8k8", PTX_BHALVES, 16, 8}, {"m16n8k16", PTX_BHALVES, 16, 16},
    {"m16n8k4", PTX_TENSOR_FLOATS, 16, 4}, {"m16n8k8", PTX_TENSOR_FLOATS, 16, 8},
    {"m8n8k16", PTX_BYTES, 8, 16}, {"m16n8k16", PTX_BYTES, 16, 16}, {"m16n8k32", PTX_BYTES, 16, 32},
};
const unsigned ptx_product_count = sizeof ptx_products / sizeof *ptx_products;

struct multiplication {
    const struct ptx_thread *warp;
    uint32_t lanes; // that take part
    const struct ptx_insn *insn;
    const struct ptx_product *product;
};

// The register of a lane, 0 where it does not take part.
static uint64_t register_of(const struct multiplication *m, uint32_t lane, unsigned place)
{
    return m->lanes >> lane & 1 ? m->warp[lane].slots[m->insn->d + place] : 0;
}

// The bits of an element of A or B; across: its row in A, its column in B.
static uint64_t element(const struct multiplication *m, unsigned matrix, unsigned across, unsigned inner)
{
    unsigned each = ptx_elements_in_register(m->product->elements), groups = matrix == PTX_MATRIX_A ? m->product->rows / 8 : 1;
    unsigned place = inner / (4 * each) * groups + across / 8, lane = across % 8 * 4 + inner % (4 * each) / each;
    uint64_t bits = register_of(m, lane, matrix + place) >> (32 / each * (inner % each));
    return each == 1 ? bits : bits & ((UINT64_C(1) << (32 / each)) - 1);
}

// A .tf32 has the 19 upper bits of a float.
static double number(enum ptx_elements elements, uint64_t bits)
{
    return elements == PTX_HALVES ? ptx_f16(bits) : elements == PTX_BHALVES ? ptx_bf16(bits) : ptx_f32(bits & 0xffffe000u);
}

static int64_t whole(uint64_t byte, bool is_signed) { return is_signed ? (int8_t)byte : (int64_t)byte; }

static uint64_t sum_of_bytes(const struct multiplication *m, unsigned row, unsigned column, uint64_t addend)
{
    int64_t sum = (int32_t)addend;
    for (unsigned k = 0; k < m->product->inner; k++)
        sum += whole(element(m, PTX_MATRIX_A, row, k), m->insn->mask & PTX_PRODUCT_A_SIGNED) *
            whole(element(m, PTX_MATRIX_B, column, k), m->insn->mask & PTX_PRODUCT_B_SIGNED);
    bool clamped = m->insn->mask & PTX_PRODUCT_CLAMPED;
    return (uint32_t)(clamped && sum > INT32_MAX ? INT32_MAX : clamped && sum < INT32_MIN ? INT32_MIN : sum);
}

// In double, rounded once: the ISA leaves open how.
static double sum_of_floats(const struct multiplication *m, unsigned row, unsigned column, double addend)
{
    double sum = addend;
    for (unsigned k = 0; k < m->product->inner; k++)
        sum += number(m->product->elements, element(m, PTX_MATRIX_A, row, k)) *
            number(m->product->elements, element(m, PTX_MATRIX_B, column, k));
    return sum;
}

static uint64_t half_sum(const struct multiplication *m, unsigned row, unsigned column, uint64_t addend)
{
    return ptx_f64_to_f16(ptx_raw_f64(sum_of_floats(m, row, column, ptx_f16(addend))), 0, 0, PTX_ROUND_NEAREST);
}

// A register of D: one sum, or of halves two.
static uint64_t result(const struct multiplication *m, uint32_t lane, unsigned place)
{
    uint64_t addend = m->warp[lane].slots[m->insn->d + PTX_MATRIX_C + place];
    unsigned row = lane / 4, column = lane % 4 * 2;
    if (m->insn->mask & PTX_PRODUCT_F16) {
        row += 8 * place;
        return half_sum(m, row, column, addend & 0xffff) | half_sum(m, row, column + 1, addend >> 16) << 16;
    }
    row += 8 * (place / 2);
    column += place % 2;
    if (m->product->elements == PTX_BYTES) return sum_of_bytes(m, row, column, addend);
    return ptx_from_f32((float)sum_of_floats(m, row, column, ptx_f32(addend)));
}

// Each of c matrices of eight rows of eight halves: matrix i has its rows from lanes 8*i on, and is dealt as D of halves is.
static uint64_t part_of_matrix(const struct multiplication *m, uint32_t lane, unsigned matrix, bool transposed)
{
    uint64_t part = 0;
    for (unsigned i = 0; i < 2; i++) {
        unsigned row = lane / 4, column = lane % 4 * 2 + i, from = 8 * matrix + (transposed ? column : row);
        unsigned place = transposed ? row : column;
        part |= (register_of(m, from, place / 4) >> (16 * (place % 4)) & 0xffff) << (16 * i);
    }
    return part;
}

static uint32_t at_the_same(const struct ptx_thread *warp, uint32_t waiting, uint32_t lane)
{
    uint32_t same = 0;
    for (uint32_t left = waiting; left; left &= left - 1) {
        uint32_t other = (uint32_t)__builtin_ctz(left);
        if (warp[other].at == warp[lane].at) same |= 1u << other;
    }
    return same;
}

void ptx_exchange_matrices(const struct ptx_thread *warp, uint32_t waiting, uint32_t lane)
{
    const struct ptx_insn *insn = warp[lane].at - 1;
    const struct multiplication m = {warp, at_the_same(warp, waiting, lane), insn, &ptx_products[insn->offset == PTX_MULTIPLY ? insn->c : 0]};
    uint64_t *results = &warp[lane].slots[insn->d + PTX_MATRIX_D];
    if (insn->offset != PTX_MULTIPLY) {
        for (unsigned i = 0; i < insn->c; i++) results[i] = part_of_matrix(&m, lane, i, insn->offset == PTX_MATRICES_TRANSPOSED);
        return;
    }
    unsigned count = m.product->rows / 8 * (insn->mask & PTX_PRODUCT_F16 ? 1 : 2);
    for (unsigned i = 0; i < count; i++) results[i] = result(&m, lane, i);
}
