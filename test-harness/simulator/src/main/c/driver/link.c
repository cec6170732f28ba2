// link.c: the JIT linker, for PTX. What it makes is the texts side by side (image_pack); they are linked for good when loaded.
#include <stdlib.h>
#include <string.h>

#include "driver/api.h"
#include "driver/context.h"
#include "driver/image.h"
#include "driver/jit.h"

enum { INPUT_CUBIN, INPUT_PTX, INPUT_FATBINARY, INPUT_OBJECT, INPUT_LIBRARY, INPUT_NVVM, INPUTS };

struct link_state {
    struct pooled pooled;
    struct image image;
    struct jit_log log;
    unsigned count; // the options of the whole; values are the application's until the state is destroyed
    CUjit_option *options;
    void **values;
    void *packed;
};

static struct pool states = POOL(struct link_state, 1 << 12);

static CUresult find(CUlinkState state) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    return pool_has(&states, state) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
}

CUresult cuLinkCreate_v2(unsigned int numOptions, CUjit_option *options, void **optionValues, CUlinkState *stateOut) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    result = stateOut ? jit_check(numOptions, options, optionValues) : CUDA_ERROR_INVALID_VALUE;
    if (result != CUDA_SUCCESS) return result;
    struct link_state *state = pool_take(&states);
    CUjit_option *copy = calloc(numOptions + 1, sizeof *copy);
    if (!state || !copy) {
        free(copy);
        if (state) pool_put(&states, state);
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
    if (numOptions) memcpy(copy, options, numOptions * sizeof *copy);
    state->image = (struct image){NULL, 0};
    state->packed = NULL;
    state->count = numOptions;
    state->options = copy;
    state->values = optionValues;
    jit_log_open(&state->log, numOptions, options, optionValues);
    *stateOut = state;
    return CUDA_SUCCESS;
}

CUresult cuLinkCreate(unsigned int numOptions, CUjit_option *options, void **optionValues, CUlinkState *stateOut) {
    return cuLinkCreate_v2(numOptions, options, optionValues, stateOut);
}

// Each text is compiled on its own when it is added, as the driver does it: its faults are told then.
static CUresult add_texts(CUlinkState state, const struct image *added, struct ptx_log *log) {
    struct ptx_limits limits = image_limits();
    for (size_t i = 0; i < added->count; i++) {
        enum ptx_status status = ptx_check(&added->texts[i], 1, &limits, 0, log);
        if (status != PTX_OK) return image_result(status);
        CUresult result = image_add(&state->image, added->texts[i].at, added->texts[i].length);
        if (result != CUDA_SUCCESS) return result;
    }
    return CUDA_SUCCESS;
}

// A log of this input's own, where it names one; else that of the whole.
static CUresult add(CUlinkState state, CUjitInputType type, const void *data, size_t size, unsigned count, CUjit_option *options,
                    void **values) {
    if (type < 0 || type >= INPUTS) return CUDA_ERROR_INVALID_VALUE;
    if (type > INPUT_FATBINARY) return CUDA_ERROR_NO_BINARY_FOR_GPU; // holds machine code
    CUresult result = jit_check(count, options, values);
    if (result != CUDA_SUCCESS) return result;
    struct jit_log own;
    struct image image;
    jit_log_open(&own, count, options, values);
    struct ptx_log *log = own.ptx.text == own.own ? &state->log.ptx : &own.ptx;
    result = image_open(data, size, log, &image);
    if (result == CUDA_SUCCESS) result = add_texts(state, &image, log);
    image_close(&image);
    jit_log_close(&own, count, options, values);
    return result;
}

CUresult cuLinkAddData_v2(CUlinkState state, CUjitInputType type, void *data, size_t size, const char *name, unsigned int numOptions,
                          CUjit_option *options, void **optionValues) {
    (void)name;
    CUresult result = find(state);
    if (result != CUDA_SUCCESS) return result;
    if (!data || !size || state->packed) return CUDA_ERROR_INVALID_VALUE;
    return add(state, type, data, size, numOptions, options, optionValues);
}

CUresult cuLinkAddData(CUlinkState state, CUjitInputType type, void *data, size_t size, const char *name, unsigned int numOptions,
                       CUjit_option *options, void **optionValues) {
    return cuLinkAddData_v2(state, type, data, size, name, numOptions, options, optionValues);
}

CUresult cuLinkAddFile_v2(CUlinkState state, CUjitInputType type, const char *path, unsigned int numOptions, CUjit_option *options,
                          void **optionValues) {
    char *bytes;
    size_t length;
    CUresult result = find(state);
    if (result != CUDA_SUCCESS) return result;
    if (!path || state->packed) return CUDA_ERROR_INVALID_VALUE;
    result = image_read(path, &bytes, &length);
    if (result != CUDA_SUCCESS) return result;
    result = add(state, type, bytes, length, numOptions, options, optionValues);
    free(bytes);
    return result;
}

CUresult cuLinkAddFile(CUlinkState state, CUjitInputType type, const char *path, unsigned int numOptions, CUjit_option *options,
                       void **optionValues) {
    return cuLinkAddFile_v2(state, type, path, numOptions, options, optionValues);
}

CUresult cuLinkComplete(CUlinkState state, void **cubinOut, size_t *sizeOut) {
    CUresult result = find(state);
    if (result != CUDA_SUCCESS) return result;
    if (!cubinOut || state->image.count == 0 || state->packed) return CUDA_ERROR_INVALID_VALUE;
    struct ptx_limits limits = image_limits();
    enum ptx_status status = ptx_check(state->image.texts, state->image.count, &limits, 1, &state->log.ptx);
    if (status == PTX_OUT_OF_MEMORY) return CUDA_ERROR_OUT_OF_MEMORY;
    if (status != PTX_OK) return CUDA_ERROR_INVALID_IMAGE;
    size_t bytes;
    state->packed = image_pack(&state->image, &bytes);
    if (!state->packed) return CUDA_ERROR_OUT_OF_MEMORY;
    jit_log_close(&state->log, state->count, state->options, state->values);
    *cubinOut = state->packed;
    if (sizeOut) *sizeOut = bytes;
    return CUDA_SUCCESS;
}

CUresult cuLinkDestroy(CUlinkState state) {
    CUresult result = find(state);
    if (result != CUDA_SUCCESS) return result;
    if (!state->packed) jit_log_close(&state->log, state->count, state->options, state->values);
    image_close(&state->image);
    free(state->packed);
    free(state->options);
    pool_put(&states, state);
    return CUDA_SUCCESS;
}
