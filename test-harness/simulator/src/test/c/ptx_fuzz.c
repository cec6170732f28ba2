// ptx_fuzz.c: any bytes as a kernel image: PTX, a fatbin, what the linker made. What loads is run. Nothing may crash, whatever they are.
//
// With clang a target of libFuzzer (../../../fuzz). With gcc a program of its own:
//
//   ptx_fuzz FOLDER SECONDS [SEED]
//
// replays the files of the folder, then changes them at random for so many seconds, and tells its seed and how many it tried.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "driver/context.h"
#include "driver/fatbin.h"
#include "driver/image.h"
#include "ptx/ptx.h"

enum { MEMORY_BYTES = 1 << 16, MOST_RUN_MS = 20 };
static const uint64_t BASE = UINT64_C(0x700000000000);

// One piece of device memory for everything; a second one for the module's variables.
static uint8_t buffer[MEMORY_BYTES], *variables;
static uint64_t variable_bytes;
static volatile int cancel;

static uint64_t take(void *context, uint64_t bytes, uint64_t align) {
    (void)context, (void)align;
    if (bytes > 1 << 22) return 0;
    variables = malloc(bytes);
    variable_bytes = bytes;
    return variables ? BASE + (UINT64_C(1) << 32) : 0;
}

static void release(void *context, uint64_t address) {
    (void)context, (void)address;
    free(variables);
    variables = NULL;
    variable_bytes = 0;
}

static int range(void *context, uint64_t address, uint64_t *base, uint64_t *end, void **host) {
    (void)context;
    int second = address >= BASE + (UINT64_C(1) << 32);
    *base = BASE + ((uint64_t)second << 32);
    *end = *base + (second ? variable_bytes : MEMORY_BYTES);
    *host = second ? variables : buffer;
    return address >= *base && address < *end;
}

static void *translate(void *context, uint64_t address, uint64_t bytes) {
    uint64_t base, end;
    void *host;
    return range(context, address, &base, &end, &host) && end - address >= bytes ? (uint8_t *)host + (address - base) : NULL;
}

static void print(void *context, const char *text, size_t length) {
    (void)context;
    volatile char last = 0;
    for (size_t i = 0; i < length; i++) last = text[i];
    (void)last;
}

static void time_is_up(int signal) {
    (void)signal;
    cancel = 1;
}

static void limit_time(int milliseconds) {
    struct itimerval timer = {.it_value = {0, milliseconds * 1000}};
    cancel = 0;
    setitimer(ITIMER_REAL, &timer, NULL);
}

// Under the name that the corpus gives its kernels.
static void run(const struct ptx_module *module) {
    const struct ptx_kernel *kernel = ptx_find_kernel(module, "k");
    if (!kernel) return;
    uint32_t bytes = ptx_parameter_bytes(kernel);
    uint8_t *parameters = calloc(1, bytes + 1);
    for (uint32_t i = 0; i < ptx_parameter_count(kernel); i++)
        if (ptx_parameters(kernel)[i].size == 8) memcpy(parameters + ptx_parameters(kernel)[i].offset, &BASE, 8);
    for (int cooperative = 0; cooperative < 2; cooperative++) {
        struct ptx_launch launch = {.grid = {2, 1, 1}, .block = {33, 1, 1}, .dynamic_shared_bytes = 64, .parameters = parameters,
                                    .cooperative = cooperative, .cancel = &cancel, .print = print};
        limit_time(MOST_RUN_MS);
        ptx_run(kernel, &launch);
        limit_time(0);
    }
    free(parameters);
}

// What image.c asks of the driver: no context, and one GPU that is an sm_80.
CUresult context_current(CUcontext *context) {
    *context = NULL;
    return CUDA_ERROR_INVALID_CONTEXT;
}

struct device *device_at(CUdevice ordinal) {
    static struct card_description description = {.compute_capability = 80};
    static struct device device = {.card.description = &description};
    (void)ordinal;
    return &device;
}

static void load(const struct ptx_text *texts, size_t count) {
    const struct ptx_memory memory = {NULL, take, release, translate, range};
    struct ptx_limits limits = image_limits();
    struct ptx_module *module;
    char log[256];
    memset(buffer, 0x5a, sizeof buffer);
    if (ptx_load_linked(texts, count, &memory, &limits, &module, &(struct ptx_log){log, sizeof log}) != PTX_OK) return;
    run(module);
    ptx_unload(module);
}

// What is packed as the linker packs it opens again. It packs no empty text, which is no PTX.
static void pack_and_open_again(const struct image *image) {
    char log[256];
    size_t bytes;
    struct image again;
    for (size_t i = 0; i < image->count; i++)
        if (image->texts[i].length == 0) return;
    char *packed = image_pack(image, &bytes);
    if (!packed || image_open(packed, bytes, &(struct ptx_log){log, sizeof log}, &again) != CUDA_SUCCESS) abort();
    if (again.count != image->count) abort();
    image_close(&again);
    free(packed);
}

// An image, or as PTX what is none. A wrapper is left out: its pointer would lead anywhere.
static void try_image(const uint8_t *data, size_t size) {
    char log[256];
    struct image image;
    if (size >= 4 && memcmp(data, "\xb1\x43\x62\x46", 4) == 0) return;
    if (image_open(data, size, &(struct ptx_log){log, sizeof log}, &image) != CUDA_SUCCESS) {
        load(&(struct ptx_text){(const char *)data, size}, 1);
        return;
    }
    load(image.texts, image.count);
    pack_and_open_again(&image);
    image_close(&image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static int prepared;
    if (!prepared) signal(SIGALRM, time_is_up);
    prepared = 1;
    uint8_t *exact = malloc(size + !size); // so that a byte too far is noticed
    memcpy(exact, data, size);
    try_image(exact, size);
    free(exact);
    char log[256];
    size_t half = size / 2; // the same in two texts now and then
    struct ptx_text texts[2] = {{(const char *)data, size}, {(const char *)data + half, size - half}};
    struct ptx_limits limits = image_limits();
    ptx_check(texts, 2, &limits, 1, &(struct ptx_log){log, sizeof log});
    return 0;
}

#ifdef STANDALONE
#include <dirent.h>
#include <time.h>

enum { MOST_FILES = 512, MOST_BYTES = 1 << 14 };
static struct { uint8_t *bytes; size_t size; } files[MOST_FILES];
static int file_count;
static uint64_t state;

static uint64_t next_random(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void read_corpus(const char *folder) {
    DIR *entries = opendir(folder);
    if (!entries) exit(2);
    for (struct dirent *entry; (entry = readdir(entries)) && file_count < MOST_FILES;) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        FILE *file = entry->d_name[0] == '.' ? NULL : fopen(path, "rb");
        if (!file) continue;
        files[file_count].bytes = malloc(MOST_BYTES);
        files[file_count].size = fread(files[file_count].bytes, 1, MOST_BYTES, file);
        fclose(file);
        file_count++;
    }
    closedir(entries);
}

// Copies a piece from anywhere in the corpus to somewhere in the bytes, or changes, drops or repeats some.
static size_t change(uint8_t *bytes, size_t size) {
    size_t at = size ? next_random() % size : 0, length = 1 + next_random() % 24;
    if (length > size - at) length = size - at;
    int other = (int)(next_random() % (uint64_t)file_count);
    size_t from = files[other].size ? next_random() % files[other].size : 0;
    switch (next_random() % 5) {
    case 0: if (size) bytes[at] = (uint8_t)next_random(); return size;
    case 1: if (size) bytes[at] = "0123456789[]{}(),;.%@-+<>|&"[next_random() % 27]; return size;
    case 2: memmove(bytes + at, bytes + at + length, size - at - length); return size - length;
    case 3:
        if (length > files[other].size - from) length = files[other].size - from;
        if (size + length > MOST_BYTES) return size;
        memmove(bytes + at + length, bytes + at, size - at);
        memcpy(bytes + at, files[other].bytes + from, length);
        return size + length;
    default:
        if (length > files[other].size - from) length = files[other].size - from;
        if (length > size - at) length = size - at;
        memcpy(bytes + at, files[other].bytes + from, length);
        return size;
    }
}

int main(int count, char **arguments) {
    static uint8_t bytes[MOST_BYTES];
    if (count < 3) return 2;
    read_corpus(arguments[1]);
    uint64_t seed = count > 3 ? strtoull(arguments[3], NULL, 0) : (uint64_t)time(NULL);
    state = seed * 2 + 1;
    fprintf(stderr, "seed=%llu\n", (unsigned long long)seed);
    for (int i = 0; i < file_count; i++) LLVMFuzzerTestOneInput(files[i].bytes, files[i].size);
    time_t end = time(NULL) + atol(arguments[2]);
    unsigned long tried = 0;
    for (; file_count && time(NULL) < end; tried++) {
        int file = (int)(next_random() % (uint64_t)file_count);
        size_t size = files[file].size;
        memcpy(bytes, files[file].bytes, size);
        for (uint64_t changes = 1 + next_random() % 4; changes; changes--) size = change(bytes, size);
        LLVMFuzzerTestOneInput(bytes, size);
    }
    printf("files=%d tried=%lu\n", file_count, tried);
    for (int i = 0; i < file_count; i++) free(files[i].bytes);
    return 0;
}
#endif
