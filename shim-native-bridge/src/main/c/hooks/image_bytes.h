// image_bytes.h: how much memory the variables of a module take, as far as its image tells.
#ifndef SLUICE_IMAGE_BYTES_H
#define SLUICE_IMAGE_BYTES_H

#include <stddef.h>
#include <stdint.h>

enum { SLUICE_IMAGE_UNKNOWN = -1 };

// Of PTX text, a cubin, or a fatbin of such: the bytes of its global and constant variables, of the largest of a fatbin's images.
// `length` SIZE_MAX: the image ends where it says so itself. Returns SLUICE_IMAGE_UNKNOWN for what cannot be read, such as packed
// images. Reads nothing beyond the image.
int64_t sluice_image_bytes(const void *image, size_t length);

// Of PTX text.
int64_t sluice_ptx_bytes(const char *text, size_t length);

#endif
