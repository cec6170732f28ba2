// image.h: what an application hands over as a kernel image.
#ifndef SLUICE_SIM_IMAGE_H
#define SLUICE_SIM_IMAGE_H

#include "driver/cuda_types.h"

// CUDA_SUCCESS where the image is PTX text; otherwise the error that the driver gives for such an image.
CUresult image_check(const void *image);
// Reads a file and ends it with a zero byte; the caller frees it.
CUresult image_read(const char *path, char **text);

#endif
