// image.c: tells PTX from machine code. Machine code for real GPUs (cubin, and fatbin until it is unpacked) cannot run here.
#include "driver/image.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const unsigned char ELF[] = {0x7f, 'E', 'L', 'F'};
static const unsigned char FATBIN[] = {0x50, 0xed, 0x55, 0xba};
static const unsigned char FATBIN_WRAPPER[] = {0xb1, 0x43, 0x62, 0x46};

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

// Byte by byte: an image may be shorter than four bytes.
static int begins_with(const unsigned char *image, const unsigned char magic[4]) {
    for (int i = 0; i < 4; i++)
        if (image[i] != magic[i]) return 0;
    return 1;
}

CUresult image_check(const void *image) {
    if (begins_with(image, ELF) || begins_with(image, FATBIN) || begins_with(image, FATBIN_WRAPPER))
        return CUDA_ERROR_NO_BINARY_FOR_GPU;
    const char *first = skip_space(image);
    return first && *first == '.' ? CUDA_SUCCESS : CUDA_ERROR_INVALID_IMAGE;
}

CUresult image_read(const char *path, char **text) {
    FILE *file = fopen(path, "rbe");
    if (!file) return CUDA_ERROR_FILE_NOT_FOUND;
    size_t length = 0, room = 1 << 16, got;
    char *buffer = malloc(room);
    while (buffer && (got = fread(buffer + length, 1, room - length - 1, file)) > 0) {
        length += got;
        if (length + 1 < room) continue;
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
    buffer[length] = 0;
    *text = buffer;
    return CUDA_SUCCESS;
}
