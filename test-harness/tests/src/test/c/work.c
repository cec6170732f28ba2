// work.c: commands that do work on the GPU.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"

static char *read_file(const char *path, size_t *length) {
    FILE *file = path ? fopen(path, "rb") : NULL;
    if (!file) {
        return NULL;
    }
    fseek(file, 0, SEEK_END);
    *length = (size_t)ftell(file);
    rewind(file);
    char *bytes = calloc(*length + 1, 1);
    if (bytes && fread(bytes, 1, *length, file) != *length) {
        free(bytes);
        bytes = NULL;
    }
    fclose(file);
    return bytes;
}

static int write_file(const char *path, const char *bytes, size_t length) {
    FILE *file = fopen(path, "wb");
    int done = file && fwrite(bytes, 1, length, file) == length;
    return file && fclose(file) == 0 && done;
}

static const char *step; // the call that failed

#define TRY(call)                                                                                                      \
    do {                                                                                                               \
        step = #call;                                                                                                  \
        result = cuda.call;                                                                                            \
        if (result != 0) {                                                                                             \
            goto out;                                                                                                  \
        }                                                                                                              \
    } while (0)

// Runs kernel(out, in, n) over n 32-bit elements.
static int run_kernel(const char *ptx, const char *name, char *elements, size_t bytes) {
    int result;
    void *module = NULL, *function, *stream = NULL;
    uint64_t in = 0, out = 0;
    unsigned n = (unsigned)(bytes / 4);
    void *parameters[] = {&out, &in, &n};
    TRY(cuModuleLoadData(&module, ptx));
    TRY(cuModuleGetFunction(&function, module, name));
    TRY(cuStreamCreate(&stream, 0));
    TRY(cuMemAlloc_v2(&in, bytes));
    TRY(cuMemAlloc_v2(&out, bytes));
    TRY(cuMemcpyHtoD_v2(in, elements, bytes));
    TRY(cuMemsetD8_v2(out, 0xee, bytes));
    TRY(cuLaunchKernel(function, (n + 63) / 64, 1, 1, 64, 1, 1, 0, stream, parameters, NULL));
    TRY(cuStreamSynchronize(stream));
    TRY(cuMemcpyDtoH_v2(elements, out, bytes));
out:
    if (out) {
        cuda.cuMemFree_v2(out);
    }
    if (in) {
        cuda.cuMemFree_v2(in);
    }
    if (stream) {
        cuda.cuStreamDestroy_v2(stream);
    }
    if (module) {
        cuda.cuModuleUnload(module);
    }
    return result;
}

// kernel PTX-FILE NAME IN-FILE OUT-FILE
void do_kernel(char **a) {
    size_t ptx_length = 0, bytes = 0;
    char *ptx = read_file(a[1], &ptx_length), *elements = read_file(a[3], &bytes);
    if (!ptx || !elements) {
        answer("-1 cannot read %s or %s", a[1], a[3]);
    } else {
        int result = run_kernel(ptx, a[2], elements, bytes);
        if (result == 0 && !write_file(a[4], elements, bytes)) {
            answer("-1 cannot write %s", a[4]);
        } else {
            answer("%d %s", result, result == 0 ? "done" : step);
        }
    }
    free(ptx);
    free(elements);
}

// untouched: calls that no quota concerns, in their right and in a wrong use; answers every result in one line. An
// elapsed time is told as right or wrong only, since no two are alike.
void do_untouched(char **a) {
    (void)a;
    char line[1024];
    int at = 0;
    void *start = NULL, *end = NULL, *stream = NULL, *context = NULL;
    const char *name = "-";
    float elapsed = -1;
    int device = -1;
    uint64_t base = 0;
    size_t bytes = 0;
#define TELL(call) at += snprintf(line + at, sizeof line - (size_t)at, " %d", cuda.call)
    TELL(cuEventCreate(&start, 0));
    TELL(cuEventCreate(&end, 0));
    TELL(cuStreamCreate(&stream, 1));
    TELL(cuEventRecord(start, stream));
    TELL(cuEventRecord(end, stream));
    TELL(cuEventSynchronize(end));
    TELL(cuEventElapsedTime(&elapsed, start, end));
    TELL(cuCtxSynchronize());
    TELL(cuStreamDestroy_v2(stream));
    TELL(cuEventDestroy_v2(start));
    TELL(cuEventDestroy_v2(end));
    TELL(cuCtxGetDevice(&device));
    TELL(cuCtxGetCurrent(&context));
    TELL(cuGetErrorName(2, &name));
    TELL(cuDeviceGet(&device, 77));
    TELL(cuMemGetAddressRange_v2(&base, &bytes, 12345));
    TELL(cuMemcpyDtoH_v2(line, 0, 0));
    answer("0%s %s %s", line, name, elapsed >= 0 && context ? "right" : "wrong");
}
