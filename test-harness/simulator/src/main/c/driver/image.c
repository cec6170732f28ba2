// image.c: see image.h. Machine code for real GPUs (cubin) cannot run here.
#include "driver/image.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/context.h"
#include "driver/fatbin.h"

static const unsigned char ELF[] = {0x7f, 'E', 'L', 'F'};
// Before each text its length, as eight bytes; a length of 0 ends the image.
static const unsigned char LINKED[] = {'S', 'L', 'N', 'K'};

// Byte by byte: an image may be shorter than four bytes.
static int begins_with(const unsigned char *image, size_t bytes, const unsigned char magic[4]) {
    for (size_t i = 0; i < 4; i++)
        if (i >= bytes || image[i] != magic[i]) return 0;
    return 1;
}

// Past white space and comments; NULL where a comment does not end.
static const char *skip_space(const char *text) {
    for (;;) {
        while (isspace((unsigned char)*text)) text++;
        if (text[0] == '/' && text[1] == '/') {
            text += strcspn(text, "\n");
        } else if (text[0] == '/' && text[1] == '*') {
            text = strstr(text + 2, "*/");
            if (!text) return NULL;
            text += 2;
        } else {
            return text;
        }
    }
}

CUresult image_add(struct image *image, const char *text, size_t length) {
    struct ptx_text *texts = realloc(image->texts, (image->count + 1) * sizeof *texts);
    if (!texts) return CUDA_ERROR_OUT_OF_MEMORY;
    image->texts = texts;
    char *copy = malloc(length + 1);
    if (!copy) return CUDA_ERROR_OUT_OF_MEMORY;
    memcpy(copy, text, length);
    copy[length] = 0;
    texts[image->count++] = (struct ptx_text){copy, length};
    return CUDA_SUCCESS;
}

static CUresult open_linked(const unsigned char *data, size_t bytes, struct image *image) {
    size_t at = sizeof LINKED;
    for (;;) {
        uint64_t length;
        if (bytes - at < sizeof length) return CUDA_ERROR_INVALID_IMAGE;
        memcpy(&length, data + at, sizeof length);
        at += sizeof length;
        if (length == 0) return image->count ? CUDA_SUCCESS : CUDA_ERROR_INVALID_IMAGE;
        if (length > bytes - at) return CUDA_ERROR_INVALID_IMAGE;
        CUresult result = image_add(image, (const char *)data + at, length);
        if (result != CUDA_SUCCESS) return result;
        at += length;
    }
}

static CUresult open_text(const char *text, size_t bytes, struct image *image) {
    size_t length = strnlen(text, bytes);
    CUresult result = image_add(image, text, length);
    if (result != CUDA_SUCCESS) return result;
    const char *first = skip_space(image->texts[0].at);
    return first && *first == '.' ? CUDA_SUCCESS : CUDA_ERROR_INVALID_IMAGE;
}

static CUresult read_image(const void *data, size_t bytes, struct ptx_log *log, struct image *image) {
    if (begins_with(data, bytes, ELF)) {
        snprintf(log->text, log->size, "the image is machine code (cubin); the simulated GPU runs PTX only.");
        return CUDA_ERROR_NO_BINARY_FOR_GPU;
    }
    if (begins_with(data, bytes, LINKED)) return open_linked(data, bytes, image);
    if (!fatbin_is(data, bytes)) return open_text(data, bytes, image);
    char *text;
    size_t length;
    CUresult result = fatbin_text(data, bytes, image_limits().target, log, &text, &length);
    if (result != CUDA_SUCCESS) return result;
    result = image_add(image, text, length);
    free(text);
    return result;
}

CUresult image_open(const void *data, size_t bytes, struct ptx_log *log, struct image *image) {
    *image = (struct image){NULL, 0};
    CUresult result = read_image(data, bytes, log, image);
    const char *disabled = getenv("CUDA_DISABLE_PTX_JIT");
    if (result == CUDA_SUCCESS && disabled && atoi(disabled)) result = CUDA_ERROR_JIT_COMPILATION_DISABLED;
    if (result != CUDA_SUCCESS) image_close(image);
    return result;
}

void image_close(struct image *image) {
    for (size_t i = 0; i < image->count; i++) free((char *)image->texts[i].at);
    free(image->texts);
    *image = (struct image){NULL, 0};
}

void *image_pack(const struct image *image, size_t *bytes) {
    size_t total = sizeof LINKED + sizeof(uint64_t), at = sizeof LINKED;
    for (size_t i = 0; i < image->count; i++) total += sizeof(uint64_t) + image->texts[i].length;
    char *packed = calloc(1, total);
    if (!packed) return NULL;
    memcpy(packed, LINKED, sizeof LINKED);
    for (size_t i = 0; i < image->count; i++) {
        uint64_t length = image->texts[i].length;
        memcpy(packed + at, &length, sizeof length);
        memcpy(packed + at + sizeof length, image->texts[i].at, length);
        at += sizeof length + length;
    }
    *bytes = total;
    return packed;
}

CUresult image_read(const char *path, char **bytes, size_t *length) {
    FILE *file = fopen(path, "rbe");
    if (!file) return CUDA_ERROR_FILE_NOT_FOUND;
    size_t room = 1 << 16, got;
    char *buffer = malloc(room);
    *length = 0;
    while (buffer && (got = fread(buffer + *length, 1, room - *length - 1, file)) > 0) {
        *length += got;
        if (*length + 1 < room) continue;
        char *bigger = realloc(buffer, room *= 2);
        if (!bigger) free(buffer);
        buffer = bigger;
    }
    int failed = ferror(file);
    fclose(file);
    if (!buffer) return CUDA_ERROR_OUT_OF_MEMORY;
    if (failed) {
        free(buffer);
        return CUDA_ERROR_OPERATING_SYSTEM;
    }
    buffer[*length] = 0;
    *bytes = buffer;
    return CUDA_SUCCESS;
}

struct ptx_limits image_limits(void) {
    enum { PTX_ISA = 82 }; // of CUDA 12.2
    CUcontext context;
    const struct device *device = context_current(&context) == CUDA_SUCCESS ? context->device : device_at(0);
    return (struct ptx_limits){PTX_ISA, device->card.description->compute_capability};
}

CUresult image_result(enum ptx_status status) {
    switch (status) {
    case PTX_OK: return CUDA_SUCCESS;
    case PTX_OUT_OF_MEMORY: return CUDA_ERROR_OUT_OF_MEMORY;
    case PTX_TOO_NEW: return CUDA_ERROR_UNSUPPORTED_PTX_VERSION;
    default: return CUDA_ERROR_INVALID_PTX;
    }
}
