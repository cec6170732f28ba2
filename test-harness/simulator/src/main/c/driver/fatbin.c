// fatbin.c: finds the PTX in a fatbin. All numbers are little-endian.
//
//   wrapper:  u32 magic 0x466243b1, u32 version, pointer to the container, ...
//   container: u32 magic 0xba55ed50, u16 version, u16 header bytes, u64 bytes of what follows; then entries
//   entry:     0 u16 kind (1 PTX, 2 cubin)   4 u32 header bytes   8 u64 payload bytes, padded   16 u32 compressed bytes
//             28 u32 architecture           40 u64 flags (0x2000 LZ4, 0x8000 zstd)              56 u64 unpacked bytes
//
// Compressed bytes are 0 where nothing is compressed. Then, or besides, the payload may end with zeros.
#include "driver/fatbin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/unpack.h"

enum { WRAPPER_MAGIC = 0x466243b1, ENTRY_BYTES = 64, KIND_PTX = 1 };
static const uint32_t CONTAINER_MAGIC = 0xba55ed50;
static const uint64_t FLAG_LZ4 = 0x2000, FLAG_ZSTD = 0x8000, MOST_UNPACKED = 256 << 20;

struct entry {
    const unsigned char *payload;
    uint64_t payload_bytes, compressed_bytes, unpacked_bytes, flags;
    unsigned kind, architecture;
};

static uint64_t number(const unsigned char *at, unsigned bytes) {
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++) value |= (uint64_t)at[i] << (8 * i);
    return value;
}

int fatbin_is(const void *data, size_t bytes) {
    if (bytes == SIZE_MAX) { // so far only what is sure to be there
        const unsigned char *at = data;
        for (int i = 0; i < 3; i++)
            if (at[i] == 0) return 0;
    } else if (bytes < 16) {
        return 0;
    }
    return number(data, 4) == CONTAINER_MAGIC || number(data, 4) == WRAPPER_MAGIC;
}

// Cuts the next entry off [*at, end). 0 at the end, and where it is not whole.
static int next_entry(const unsigned char **at, const unsigned char *end, struct entry *entry) {
    size_t left = (size_t)(end - *at);
    if (left < ENTRY_BYTES) return 0;
    const unsigned char *header = *at;
    uint64_t header_bytes = number(header + 4, 4), payload_bytes = number(header + 8, 8);
    if (header_bytes < ENTRY_BYTES || header_bytes > left || payload_bytes > left - header_bytes) return 0;
    *entry = (struct entry){.payload = header + header_bytes, .payload_bytes = payload_bytes, .compressed_bytes = number(header + 16, 4),
                            .unpacked_bytes = number(header + 56, 8), .flags = number(header + 40, 8),
                            .kind = (unsigned)number(header, 2), .architecture = (unsigned)number(header + 28, 4)};
    *at += header_bytes + payload_bytes;
    return 1;
}

static CUresult refuse(struct ptx_log *log, const char *why) {
    snprintf(log->text, log->size, "fatbin: %s", why);
    return CUDA_ERROR_NO_BINARY_FOR_GPU;
}

static CUresult unpack(const struct entry *entry, struct ptx_log *log, char **text, size_t *length) {
    int packed = (entry->flags & (FLAG_LZ4 | FLAG_ZSTD)) != 0;
    uint64_t compressed = entry->compressed_bytes ? entry->compressed_bytes : entry->payload_bytes;
    *length = packed ? entry->unpacked_bytes : entry->payload_bytes;
    if (compressed > entry->payload_bytes || *length > MOST_UNPACKED) return refuse(log, "an entry of impossible size.");
    if (!(*text = malloc(*length + 1))) return CUDA_ERROR_OUT_OF_MEMORY;
    (*text)[*length] = 0;
    const char *failure = NULL;
    if (entry->flags & FLAG_ZSTD) failure = unpack_zstd(entry->payload, compressed, *text, *length);
    else if (entry->flags & FLAG_LZ4) failure = unpack_lz4(entry->payload, compressed, *text, *length);
    else memcpy(*text, entry->payload, *length);
    *length = strnlen(*text, *length);
    if (!failure) return CUDA_SUCCESS;
    free(*text);
    return refuse(log, failure);
}

CUresult fatbin_text(const void *data, size_t bytes, unsigned target, struct ptx_log *log, char **text, size_t *length) {
    const unsigned char *container = data;
    if (number(container, 4) == WRAPPER_MAGIC) {
        container = (const unsigned char *)(uintptr_t)number(container + 8, 8);
        bytes = SIZE_MAX;
        if (!container || number(container, 4) != CONTAINER_MAGIC) return CUDA_ERROR_INVALID_IMAGE;
    }
    uint64_t header = number(container + 6, 2), body = number(container + 8, 8);
    if (header < 16 || header > bytes || body > bytes - header || body > SIZE_MAX / 2) return CUDA_ERROR_INVALID_IMAGE;
    const unsigned char *at = container + header, *end = at + body;
    struct entry entry, best = {.kind = 0};
    unsigned seen = 0;
    while (next_entry(&at, end, &entry)) {
        seen |= entry.kind == KIND_PTX ? 1 : 2;
        if (entry.kind == KIND_PTX && entry.architecture <= target && entry.architecture >= best.architecture) best = entry;
    }
    if (best.kind) return unpack(&best, log, text, length);
    return refuse(log, seen & 1 ? "its PTX is for later architectures than this GPU's."
                                : "it holds machine code (cubin) only; the simulated GPU runs PTX.");
}
