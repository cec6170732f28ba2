// image.h: what an application hands over as a kernel image: PTX text, a fatbin that holds some, or what was linked here before.
#ifndef SLUICE_SIM_IMAGE_H
#define SLUICE_SIM_IMAGE_H

#include "driver/cuda_types.h"
#include "ptx/ptx.h"

// The PTX of an image, copied. More than one text where they are to be linked.
struct image {
    struct ptx_text *texts;
    size_t count;
};

// `bytes`: how many the application said there are, SIZE_MAX where the image alone tells. The error that the driver gives for such
// an image, and why in the log.
CUresult image_open(const void *data, size_t bytes, struct ptx_log *log, struct image *image);
void image_close(struct image *image);
// Copies a text to the end.
CUresult image_add(struct image *image, const char *text, size_t length);

// The bytes of an image that holds all the texts, for image_open to read again; the caller frees them. NULL: no memory.
void *image_pack(const struct image *image, size_t *bytes);

// Reads a file and ends it with a zero byte; the caller frees it.
CUresult image_read(const char *path, char **bytes, size_t *length);

// What this driver can do, and the GPU of the current context, or the first one.
struct ptx_limits image_limits(void);
// The result that the driver has for it.
CUresult image_result(enum ptx_status status);

#endif
