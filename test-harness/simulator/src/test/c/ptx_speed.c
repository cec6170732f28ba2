// ptx_speed.c: how fast does the interpreter load and run kernels? See ../../../speed.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../main/c/ptx/ptx.h"

enum { REPEATS = 15, LINES = 3000 };

static const char HEAD[] = ".version 7.8\n.target sm_70\n.address_size 64\n.visible .entry k()\n{\n"
                           ".reg .pred %p<8>; .reg .b32 %r<256>; .reg .f32 %f<64>;\n";
static const char LOOP[] = "mov.u32 %r1, 0; mov.u32 %r3, %tid.x;\nL: add.s32 %r2, %r2, %r3; xor.b32 %r4, %r2, %r1; mad.lo.s32 %r5, %r4, 3, %r2;\n"
                           "shl.b32 %r6, %r5, 3; add.s32 %r2, %r6, %r5; add.s32 %r1, %r1, 1; setp.lt.u32 %p1, %r1, 20000; @%p1 bra L;\n";

static uint64_t none(void *context, uint64_t bytes, uint64_t align) { (void)context, (void)bytes, (void)align; return 0; }

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static char *large(void) {
    static const char *const kinds[] = {"add.s32 %%r%d, %%r%d, %%r%d;\n", "mad.lo.s32 %%r%d, %%r%d, %d, %%r7;\n",
                                        "setp.lt.s32 %%p1, %%r%d, %%r%d; // %d\n", "cvt.rn.f32.s32 %%f1, %%r%d; // %d %d\n"};
    char *text = calloc(LINES, 64), *at = text + sprintf(text, "%s", HEAD);
    for (int i = 0; i < LINES - 8; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        at += sprintf(at, kinds[i % 4], i * 7 % 256, i * 13 % 256, i * 29 % 256);
#pragma GCC diagnostic pop
    }
    strcpy(at, "ret;\n}\n");
    return text;
}

// The best of several, in seconds: what disturbs only makes it longer.
static double measure(const char *text, uint32_t threads, double *load, uint64_t *instructions) {
    const struct ptx_memory memory = {.alloc = none};
    double best = 1e9;
    *load = 1e9;
    for (int i = 0; i < REPEATS; i++) {
        struct ptx_module *module;
        char log[256];
        double begin = now();
        if (ptx_load(text, strlen(text), &memory, &module, &(struct ptx_log){log, sizeof log}) != PTX_OK) {
            fprintf(stderr, "%s\n", log);
            exit(1);
        }
        double loaded = now();
        struct ptx_launch launch = {.grid = {1, 1, 1}, .block = {threads, 1, 1}, .parameters = ""};
        ptx_run(ptx_find_kernel(module, "k"), &launch);
        double end = now();
        ptx_unload(module);
        if (loaded - begin < *load) *load = loaded - begin;
        if (end - loaded < best) best = end - loaded;
        *instructions = launch.instructions;
    }
    return best;
}

int main(void) {
    char loop[2048], empty[512], *lines = large();
    double load, seconds;
    uint64_t instructions;
    snprintf(loop, sizeof loop, "%s%sret;\n}\n", HEAD, LOOP);
    snprintf(empty, sizeof empty, "%sret;\n}\n", HEAD);
    seconds = measure(loop, 128, &load, &instructions);
    printf("simple loop: %.0f million instructions of threads a second (goal 200)\n", (double)instructions / seconds / 1e6);
    seconds = measure(empty, 1, &load, &instructions);
    printf("empty kernel: %.2f us (goal 10, with the driver's part)\n", seconds * 1e6);
    measure(lines, 1, &load, &instructions);
    printf("module of %d lines: loaded in %.2f ms (goal 10)\n", LINES, load * 1e3);
    free(lines);
    return 0;
}
