// jit.c: see jit.h. An option's value is a pointer-sized word, also where it means a number.
#include "driver/jit.h"

#include <string.h>

#include "base/clock.h"

enum { INFO_LOG = 3, INFO_LOG_BYTES = 4, ERROR_LOG = 5, ERROR_LOG_BYTES = 6, WALL_TIME = 2, OPTIONS = 33 };

static int find(unsigned count, const CUjit_option *options, CUjit_option wanted) {
    for (unsigned i = 0; i < count; i++)
        if (options[i] == wanted) return (int)i;
    return -1;
}

// Sizes are unsigned ints in a pointer-sized word.
static size_t buffer(unsigned count, const CUjit_option *options, void *const *values, CUjit_option log, CUjit_option bytes,
                     char **text) {
    int at = find(count, options, log), size_at = find(count, options, bytes);
    *text = at >= 0 ? values[at] : NULL;
    return *text && size_at >= 0 ? (unsigned)(uintptr_t)values[size_at] : 0;
}

CUresult jit_check(unsigned count, const CUjit_option *options, void *const *values) {
    if (count && (!options || !values)) return CUDA_ERROR_INVALID_VALUE;
    for (unsigned i = 0; i < count; i++)
        if (options[i] < 0 || options[i] >= OPTIONS) return CUDA_ERROR_INVALID_VALUE;
    return CUDA_SUCCESS;
}

void jit_log_open(struct jit_log *log, unsigned count, const CUjit_option *options, void *const *values) {
    char *info;
    log->began_ns = clock_now_ns();
    log->ptx.size = buffer(count, options, values, ERROR_LOG, ERROR_LOG_BYTES, &log->ptx.text);
    if (log->ptx.size == 0) log->ptx = (struct ptx_log){log->own, sizeof log->own};
    log->ptx.text[0] = 0;
    if (buffer(count, options, values, INFO_LOG, INFO_LOG_BYTES, &info) > 0) info[0] = 0;
}

void jit_log_close(struct jit_log *log, unsigned count, const CUjit_option *options, void **values) {
    int error = find(count, options, ERROR_LOG_BYTES), info = find(count, options, INFO_LOG_BYTES);
    int time = find(count, options, WALL_TIME);
    size_t length = strlen(log->ptx.text);
    if (error >= 0) values[error] = (void *)(uintptr_t)(length && log->ptx.text != log->own ? length + 1 : 0);
    if (info >= 0) values[info] = NULL;
    if (time < 0) return;
    float milliseconds = (float)(clock_now_ns() - log->began_ns) / 1e6f;
    values[time] = NULL;
    memcpy(&values[time], &milliseconds, sizeof milliseconds);
}
