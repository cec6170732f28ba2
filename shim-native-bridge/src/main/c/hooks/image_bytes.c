// image_bytes.c: cubins are ELF files of machine 190; a fatbin is a header of 16 bytes (magic, version, header bytes, bytes that follow) and
// entries: kind at 0 (1 PTX, 2 cubin), header bytes at 4, payload bytes at 8, flags at 40.
#include "image_bytes.h"

#include <elf.h>
#include <string.h>

enum { ENTRY_BYTES = 64, KIND_PTX = 1, KIND_CUBIN = 2 };
static const uint32_t WRAPPER_MAGIC = 0x466243b1, CONTAINER_MAGIC = 0xba55ed50;
static const uint64_t PACKED = 0x2000 | 0x8000;

static uint64_t number(const unsigned char *at, unsigned bytes) {
    uint64_t value = 0;
    memcpy(&value, at, bytes);
    return value;
}

static int counts(const char *name) {
    return strncmp(name, ".nv.global", 10) == 0 || strncmp(name, ".nv.constant3", 13) == 0;
}

// .nv.global, .nv.global.init and .nv.constant3 are a module's variables.
static int64_t cubin_bytes(const unsigned char *image, size_t length) {
    Elf64_Ehdr header;
    uint64_t sum = 0;
    if (length < sizeof header) {
        return SLUICE_IMAGE_UNKNOWN;
    }
    memcpy(&header, image, sizeof header);
    uint64_t table_bytes = (uint64_t)header.e_shnum * sizeof(Elf64_Shdr);
    if (header.e_shentsize != sizeof(Elf64_Shdr) || header.e_shstrndx >= header.e_shnum || header.e_shoff > length || table_bytes > length - header.e_shoff) {
        return SLUICE_IMAGE_UNKNOWN;
    }
    Elf64_Shdr names, section;
    memcpy(&names, image + header.e_shoff + header.e_shstrndx * sizeof names, sizeof names);
    if (names.sh_offset > length || names.sh_size > length - names.sh_offset || !names.sh_size || image[names.sh_offset + names.sh_size - 1]) {
        return SLUICE_IMAGE_UNKNOWN;
    }
    for (unsigned i = 0; i < header.e_shnum; i++) {
        memcpy(&section, image + header.e_shoff + i * sizeof section, sizeof section);
        if (section.sh_name < names.sh_size && counts((const char *)image + names.sh_offset + section.sh_name)) {
            sum += section.sh_size < INT64_MAX ? section.sh_size : INT64_MAX;
        }
        if (sum > INT64_MAX) {
            return INT64_MAX;
        }
    }
    return (int64_t)sum;
}

// Where an ELF file of unknown length ends: behind its section table, and all that this names.
static size_t elf_length(const unsigned char *image) {
    Elf64_Ehdr header;
    memcpy(&header, image, sizeof header);
    uint64_t end = header.e_shoff + (uint64_t)header.e_shnum * header.e_shentsize;
    for (unsigned i = 0; i < header.e_shnum && header.e_shentsize == sizeof(Elf64_Shdr); i++) {
        Elf64_Shdr section;
        memcpy(&section, image + header.e_shoff + i * sizeof section, sizeof section);
        uint64_t last = section.sh_offset + section.sh_size;
        end = section.sh_type != SHT_NOBITS && last > end ? last : end;
    }
    return end;
}

static int64_t fatbin_bytes(const unsigned char *container, size_t length) {
    uint64_t header = number(container + 6, 2), body = number(container + 8, 8);
    if (header < 16 || header > length || body > length - header) {
        return SLUICE_IMAGE_UNKNOWN;
    }
    const unsigned char *at = container + header, *end = at + body;
    int64_t most = SLUICE_IMAGE_UNKNOWN;
    while ((size_t)(end - at) >= ENTRY_BYTES) {
        uint64_t own = number(at + 4, 4), payload = number(at + 8, 8), left = (uint64_t)(end - at);
        unsigned kind = (unsigned)number(at, 2);
        if (own < ENTRY_BYTES || own > left || payload > left - own) {
            break;
        }
        if (number(at + 40, 8) & PACKED) {
            return SLUICE_IMAGE_UNKNOWN; // the driver may choose this one
        }
        int64_t bytes = kind == KIND_PTX ? sluice_ptx_bytes((const char *)at + own, payload) : kind == KIND_CUBIN ? cubin_bytes(at + own, payload) : 0;
        most = bytes > most ? bytes : most;
        at += own + payload;
    }
    return most;
}

int64_t sluice_image_bytes(const void *image, size_t length) {
    const unsigned char *at = image;
    int whole = length == SIZE_MAX; // text ends with a zero: nothing is read past one
    if ((whole && (!at[0] || !at[1] || !at[2])) || length < 16) {
        return whole ? 0 : SLUICE_IMAGE_UNKNOWN;
    }
    if (number(at, 4) == WRAPPER_MAGIC) {
        at = (const unsigned char *)(uintptr_t)number(at + 8, 8);
        length = SIZE_MAX;
        if (!at) {
            return SLUICE_IMAGE_UNKNOWN;
        }
    }
    if (number(at, 4) == CONTAINER_MAGIC) {
        return fatbin_bytes(at, length == SIZE_MAX ? SIZE_MAX / 2 : length);
    }
    if (memcmp(at, ELFMAG, SELFMAG) == 0) {
        return cubin_bytes(at, length == SIZE_MAX ? elf_length(at) : length);
    }
    return sluice_ptx_bytes((const char *)at, length == SIZE_MAX ? strlen((const char *)at) : length);
}
