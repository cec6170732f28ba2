// unpack.h: the compressions that fatbins know. Each fills exactly `length` bytes, and tells NULL, or why it could not.
#ifndef SLUICE_SIM_UNPACK_H
#define SLUICE_SIM_UNPACK_H

#include <stddef.h>

const char *unpack_lz4(const unsigned char *packed, size_t packed_bytes, char *text, size_t length);
const char *unpack_zstd(const unsigned char *packed, size_t packed_bytes, char *text, size_t length);

#endif
