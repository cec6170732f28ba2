// function.c: what a function tells about itself, and how many of its blocks fit an SM.
#include "driver/api.h"
#include "driver/module.h"

enum {
    MAX_THREADS, SHARED_BYTES, CONST_BYTES, LOCAL_BYTES, REGISTERS, PTX_VERSION, BINARY_VERSION, CACHE_MODE_CA,
    MAX_DYNAMIC_SHARED, SHARED_CARVEOUT
};

static const struct card_description *card_of(const struct function *function) {
    return function->module->context->device->card.description;
}

static CUresult find(CUfunction function) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    return function_is(function) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
}

CUresult cuFuncGetAttribute(int *pi, CUfunction_attribute attrib, CUfunction hfunc) {
    CUresult result = find(hfunc);
    if (result != CUDA_SUCCESS) return result;
    if (!pi) return CUDA_ERROR_INVALID_VALUE;
    const struct ptx_attributes *attributes = &hfunc->attributes;
    switch (attrib) {
    case MAX_THREADS: *pi = attributes->max_threads ? (int)attributes->max_threads : 1024; break;
    case SHARED_BYTES: *pi = (int)attributes->static_shared_bytes; break;
    case CONST_BYTES: *pi = (int)attributes->const_bytes; break;
    case LOCAL_BYTES: *pi = (int)attributes->local_bytes; break;
    case REGISTERS: *pi = attributes->registers > 255 ? 255 : (int)attributes->registers; break;
    case PTX_VERSION: *pi = (int)attributes->target; break; // the virtual architecture, as 80 for compute_80
    case BINARY_VERSION: *pi = (int)card_of(hfunc)->compute_capability; break;
    case CACHE_MODE_CA: *pi = 0; break;
    case MAX_DYNAMIC_SHARED: *pi = hfunc->dynamic_shared_max; break;
    case SHARED_CARVEOUT: *pi = hfunc->carveout; break;
    case 10: case 11: case 12: case 13: case 14: case 15: *pi = 0; break; // clusters: none
    default: return CUDA_ERROR_INVALID_VALUE;
    }
    return CUDA_SUCCESS;
}

CUresult cuFuncSetAttribute(CUfunction hfunc, CUfunction_attribute attrib, int value) {
    CUresult result = find(hfunc);
    if (result != CUDA_SUCCESS) return result;
    if (attrib == MAX_DYNAMIC_SHARED) {
        int most = (int)card_of(hfunc)->shared_bytes_optin - (int)hfunc->attributes.static_shared_bytes;
        if (value < 0 || value > most) return CUDA_ERROR_INVALID_VALUE;
        hfunc->dynamic_shared_max = value;
        return CUDA_SUCCESS;
    }
    if (attrib != SHARED_CARVEOUT || value < -1 || value > 100) return CUDA_ERROR_INVALID_VALUE;
    hfunc->carveout = value;
    return CUDA_SUCCESS;
}

CUresult cuFuncSetCacheConfig(CUfunction hfunc, CUfunc_cache config) {
    CUresult result = find(hfunc);
    if (result != CUDA_SUCCESS) return result;
    return config < 0 || config > 3 ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
}

CUresult cuFuncSetSharedMemConfig(CUfunction hfunc, CUsharedconfig config) {
    CUresult result = find(hfunc);
    if (result != CUDA_SUCCESS) return result;
    return config < 0 || config > 2 ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
}

CUresult cuFuncGetModule(CUmodule *hmod, CUfunction hfunc) {
    CUresult result = find(hfunc);
    if (result != CUDA_SUCCESS) return result;
    if (!hmod) return CUDA_ERROR_INVALID_VALUE;
    *hmod = hfunc->module;
    return CUDA_SUCCESS;
}

static int least(int a, int b) {
    return a < b ? a : b;
}

// Threads, blocks, registers and shared memory of one SM, each rounded as compute capabilities 7.0 to 9.0 do.
static int blocks_per_sm(const struct function *function, int block, size_t dynamic_shared) {
    const struct card_description *card = card_of(function);
    int warps = (block + 31) / 32;
    int registers = function->attributes.registers > 255 ? 255 : (int)function->attributes.registers;
    size_t shared = function->attributes.static_shared_bytes + dynamic_shared + card->shared_bytes_reserved;
    int blocks = least((int)card->blocks_per_sm, (int)card->threads_per_sm / 32 / warps);
    if (registers) blocks = least(blocks, 65536 / (warps * ((registers * 32 + 255) / 256 * 256)));
    return shared ? least(blocks, (int)(card->shared_bytes_per_sm / shared)) : blocks;
}

uint32_t function_sms(const struct function *function, uint64_t blocks, unsigned threads, size_t dynamic_shared) {
    int each = blocks_per_sm(function, (int)threads, dynamic_shared);
    uint64_t sms = function->module->context->device->card.description->sms, wanted = (blocks - 1) / (uint64_t)(each > 0 ? each : 1) + 1;
    return (uint32_t)(wanted < sms ? wanted : sms);
}

CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int *numBlocks, CUfunction func, int blockSize, size_t dynamicSMemSize) {
    CUresult result = find(func);
    if (result != CUDA_SUCCESS) return result;
    if (!numBlocks || blockSize < 1) return CUDA_ERROR_INVALID_VALUE;
    int most = func->attributes.max_threads ? (int)func->attributes.max_threads : 1024;
    *numBlocks = blockSize > most ? 0 : blocks_per_sm(func, blockSize, dynamicSMemSize);
    return CUDA_SUCCESS;
}

CUresult cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int *numBlocks, CUfunction func, int blockSize,
                                                              size_t dynamicSMemSize, unsigned int flags) {
    if (flags > 1) return CUDA_ERROR_INVALID_VALUE;
    return cuOccupancyMaxActiveBlocksPerMultiprocessor(numBlocks, func, blockSize, dynamicSMemSize);
}

CUresult cuOccupancyMaxPotentialBlockSize(int *minGridSize, int *blockSize, CUfunction func,
                                          CUoccupancyB2DSize blockSizeToDynamicSMemSize, size_t dynamicSMemSize,
                                          int blockSizeLimit) {
    CUresult result = find(func);
    if (result != CUDA_SUCCESS) return result;
    if (!minGridSize || !blockSize) return CUDA_ERROR_INVALID_VALUE;
    int most = func->attributes.max_threads ? (int)func->attributes.max_threads : 1024;
    if (blockSizeLimit > 0) most = least(most, blockSizeLimit);
    int best = 0, best_blocks = 0;
    for (int block = most < 32 ? most : most / 32 * 32; block > 0; block -= 32) {
        size_t shared = blockSizeToDynamicSMemSize ? blockSizeToDynamicSMemSize(block) : dynamicSMemSize;
        int blocks = blocks_per_sm(func, block, shared);
        if (blocks * block <= best * best_blocks) continue;
        best = block;
        best_blocks = blocks;
    }
    *blockSize = best;
    *minGridSize = best_blocks * (int)card_of(func)->sms;
    return CUDA_SUCCESS;
}

CUresult cuOccupancyMaxPotentialBlockSizeWithFlags(int *minGridSize, int *blockSize, CUfunction func,
                                                   CUoccupancyB2DSize blockSizeToDynamicSMemSize, size_t dynamicSMemSize,
                                                   int blockSizeLimit, unsigned int flags) {
    if (flags > 1) return CUDA_ERROR_INVALID_VALUE;
    return cuOccupancyMaxPotentialBlockSize(minGridSize, blockSize, func, blockSizeToDynamicSMemSize, dynamicSMemSize,
                                            blockSizeLimit);
}

CUresult cuOccupancyAvailableDynamicSMemPerBlock(size_t *dynamicSmemSize, CUfunction func, int numBlocks, int blockSize) {
    CUresult result = find(func);
    if (result != CUDA_SUCCESS) return result;
    if (!dynamicSmemSize || numBlocks < 1 || blockSize < 1) return CUDA_ERROR_INVALID_VALUE;
    size_t each = card_of(func)->shared_bytes_per_sm / (size_t)numBlocks;
    size_t taken = func->attributes.static_shared_bytes + card_of(func)->shared_bytes_reserved;
    *dynamicSmemSize = each > taken ? each - taken : 0;
    return CUDA_SUCCESS;
}
