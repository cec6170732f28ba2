// unpack.c: LZ4 blocks are unpacked here. For zstd, which CUDA 12.2 does not write yet, the system's library is used where it is.
#include "driver/unpack.h"

#include <dlfcn.h>
#include <string.h>

// glibc_floor.h has the oldest of the other functions of libdl; this one the libwrapper defines itself.
#ifdef SLUICE_GLIBC_FLOOR_H
#ifdef __x86_64__
__asm__(".symver dlopen, dlopen@GLIBC_2.2.5");
#else
__asm__(".symver dlopen, dlopen@GLIBC_2.17");
#endif
#endif

struct reader { const unsigned char *at, *end; };

// A length of 15 goes on in bytes of 255 up to one that is less.
static int read_length(struct reader *reader, size_t *length) {
    if (*length != 15) return 1;
    unsigned char more;
    do {
        if (reader->at == reader->end) return 0;
        more = *reader->at++;
        *length += more;
    } while (more == 255);
    return 1;
}

// A block is a row of: how many literal bytes and how long a match (a nibble each), the literals, the distance back to the match.
const char *unpack_lz4(const unsigned char *packed, size_t packed_bytes, char *text, size_t length) {
    static const char *const broken = "LZ4 data that does not unpack to what its entry says.";
    struct reader reader = {packed, packed + packed_bytes};
    size_t filled = 0;
    while (reader.at < reader.end) {
        unsigned char token = *reader.at++;
        size_t literals = token >> 4, match = token & 15;
        if (!read_length(&reader, &literals)) return broken;
        if (literals > (size_t)(reader.end - reader.at) || literals > length - filled) return broken;
        memcpy(text + filled, reader.at, literals);
        reader.at += literals;
        filled += literals;
        if (reader.at == reader.end) break; // the last sequence has no match
        if (reader.end - reader.at < 2) return broken;
        size_t distance = reader.at[0] | (size_t)reader.at[1] << 8;
        reader.at += 2;
        if (!read_length(&reader, &match)) return broken;
        match += 4;
        if (distance == 0 || distance > filled || match > length - filled) return broken;
        for (size_t i = 0; i < match; i++, filled++) text[filled] = text[filled - distance]; // may overlap
    }
    return filled == length ? NULL : broken;
}

const char *unpack_zstd(const unsigned char *packed, size_t packed_bytes, char *text, size_t length) {
    void *library = dlopen("libzstd.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library) return "compressed by zstd, and there is no libzstd.so.1 here: install it, or let nvcc compress with LZ4.";
    size_t (*decompress)(void *, size_t, const void *, size_t);
    *(void **)&decompress = dlsym(library, "ZSTD_decompress");
    size_t filled = decompress ? decompress(text, length, packed, packed_bytes) : 0;
    dlclose(library);
    return filled == length ? NULL : "zstd data that does not unpack to what its entry says.";
}
