// decode.c: which decoder reads which opcode. An opcode that is not here is refused when the module is loaded.
#include "parser.h"

static const struct { const char *mnemonic; ptx_decoder *decoder; } DECODERS[] = {
    {"add", ptx_decode_arithmetic}, {"sub", ptx_decode_arithmetic}, {"mul", ptx_decode_arithmetic}, {"mad", ptx_decode_arithmetic},
    {"fma", ptx_decode_arithmetic}, {"div", ptx_decode_arithmetic}, {"rem", ptx_decode_arithmetic}, {"abs", ptx_decode_arithmetic},
    {"neg", ptx_decode_arithmetic}, {"min", ptx_decode_arithmetic}, {"max", ptx_decode_arithmetic}, {"sad", ptx_decode_arithmetic},
    {"addc", ptx_decode_carry}, {"subc", ptx_decode_carry}, {"madc", ptx_decode_carry},
    {"and", ptx_decode_bits}, {"or", ptx_decode_bits}, {"xor", ptx_decode_bits}, {"not", ptx_decode_bits}, {"cnot", ptx_decode_bits},
    {"shl", ptx_decode_bits}, {"shr", ptx_decode_bits}, {"shf", ptx_decode_bits}, {"popc", ptx_decode_bits}, {"clz", ptx_decode_bits},
    {"brev", ptx_decode_bits}, {"bfind", ptx_decode_bits}, {"bfe", ptx_decode_bits}, {"bfi", ptx_decode_bits},
    {"lop3", ptx_decode_bits}, {"prmt", ptx_decode_bits},
    {"rcp", ptx_decode_approximate}, {"sqrt", ptx_decode_approximate}, {"rsqrt", ptx_decode_approximate}, {"sin", ptx_decode_approximate},
    {"cos", ptx_decode_approximate}, {"lg2", ptx_decode_approximate}, {"ex2", ptx_decode_approximate}, {"tanh", ptx_decode_approximate},
    {"cvt", ptx_decode_convert}, {"set", ptx_decode_compare}, {"setp", ptx_decode_compare}, {"selp", ptx_decode_select}, {"slct", ptx_decode_select},
    {"mov", ptx_decode_move}, {"ld", ptx_decode_load}, {"ldu", ptx_decode_load}, {"st", ptx_decode_store},
    {"atom", ptx_decode_atomic}, {"red", ptx_decode_atomic},
    {"cvta", ptx_decode_space}, {"isspacep", ptx_decode_space}, {"prefetch", ptx_decode_prefetch}, {"prefetchu", ptx_decode_prefetch},
    {"bra", ptx_decode_branch}, {"brx", ptx_decode_branch_index}, {"call", ptx_parse_call}, {"nanosleep", ptx_decode_yield},
     {"ret", ptx_decode_exit}, {"exit", ptx_decode_exit}, {"trap", ptx_decode_trap}, {"brkpt", ptx_decode_trap},
    {"bar", ptx_decode_barrier}, {"barrier", ptx_decode_barrier}, {"shfl", ptx_decode_warp}, {"vote", ptx_decode_warp},
    {"match", ptx_decode_warp}, {"redux", ptx_decode_redux}, {"elect", ptx_decode_elect}, {"activemask", ptx_decode_elect},
    {"mul24", ptx_decode_small}, {"mad24", ptx_decode_small}, {"dp4a", ptx_decode_small}, {"dp2a", ptx_decode_small},
    {"copysign", ptx_decode_small}, {"testp", ptx_decode_small}, {"bmsk", ptx_decode_small}, {"szext", ptx_decode_small},
    {"mma", ptx_decode_multiply}, {"ldmatrix", ptx_decode_load_matrices},
    {"cp", ptx_decode_copy}, {"mbarrier", ptx_decode_mbarrier},
    {"membar", ptx_decode_fence}, {"fence", ptx_decode_fence},
};

ptx_decoder *ptx_find_decoder(struct ptx_slice mnemonic)
{
    for (size_t i = 0; i < sizeof DECODERS / sizeof *DECODERS; i++) {
        if (ptx_slice_is(mnemonic, DECODERS[i].mnemonic)) return DECODERS[i].decoder;
    }
    return NULL;
}
