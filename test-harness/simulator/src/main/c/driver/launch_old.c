// launch_old.c: launching as before CUDA 4: parameters and block shape are set on the function one by one.
#include <stdlib.h>
#include <string.h>

#include "driver/api.h"
#include "driver/launch.h"

static CUresult find(CUfunction function, CUcontext *context) {
    CUresult result = context_current(context);
    if (result != CUDA_SUCCESS) return result;
    if (!function_is(function)) return CUDA_ERROR_INVALID_HANDLE;
    if (!function->old && !(function->old = calloc(1, sizeof *function->old))) return CUDA_ERROR_OUT_OF_MEMORY;
    return CUDA_SUCCESS;
}

CUresult cuFuncSetBlockShape(CUfunction hfunc, int x, int y, int z) {
    CUcontext context;
    CUresult result = find(hfunc, &context);
    if (result != CUDA_SUCCESS) return result;
    if (x <= 0 || y <= 0 || z <= 0) return CUDA_ERROR_INVALID_VALUE;
    hfunc->old->block[0] = (unsigned)x;
    hfunc->old->block[1] = (unsigned)y;
    hfunc->old->block[2] = (unsigned)z;
    return CUDA_SUCCESS;
}

CUresult cuFuncSetSharedSize(CUfunction hfunc, unsigned int bytes) {
    CUcontext context;
    CUresult result = find(hfunc, &context);
    if (result == CUDA_SUCCESS) hfunc->old->shared_bytes = bytes;
    return result;
}

CUresult cuParamSetSize(CUfunction hfunc, unsigned int numbytes) {
    CUcontext context;
    CUresult result = find(hfunc, &context);
    if (result != CUDA_SUCCESS) return result;
    if (numbytes > OLD_PARAMETERS_MAX) return CUDA_ERROR_INVALID_VALUE;
    hfunc->old->parameter_bytes = numbytes;
    return CUDA_SUCCESS;
}

CUresult cuParamSetv(CUfunction hfunc, int offset, void *ptr, unsigned int numbytes) {
    CUcontext context;
    CUresult result = find(hfunc, &context);
    if (result != CUDA_SUCCESS) return result;
    if (!ptr || offset < 0 || offset > OLD_PARAMETERS_MAX || numbytes > (unsigned)(OLD_PARAMETERS_MAX - offset))
        return CUDA_ERROR_INVALID_VALUE;
    memcpy(hfunc->old->parameters + offset, ptr, numbytes);
    return CUDA_SUCCESS;
}

CUresult cuParamSeti(CUfunction hfunc, int offset, unsigned int value) {
    return cuParamSetv(hfunc, offset, &value, sizeof value);
}

CUresult cuParamSetf(CUfunction hfunc, int offset, float value) {
    return cuParamSetv(hfunc, offset, &value, sizeof value);
}

CUresult cuLaunchGridAsync(CUfunction f, int grid_width, int grid_height, CUstream hStream) {
    CUcontext context;
    CUresult result = find(f, &context);
    if (result != CUDA_SUCCESS) return result;
    if (grid_width <= 0 || grid_height <= 0) return CUDA_ERROR_INVALID_VALUE;
    struct launch_shape shape = {{(unsigned)grid_width, (unsigned)grid_height, 1}, {0}, f->old->shared_bytes, 0};
    memcpy(shape.block, f->old->block, sizeof shape.block);
    return launch_packed(context, f, &shape, hStream, f->old->parameters, f->old->parameter_bytes);
}

CUresult cuLaunchGrid(CUfunction f, int grid_width, int grid_height) {
    return cuLaunchGridAsync(f, grid_width, grid_height, NULL);
}

CUresult cuLaunch(CUfunction f) {
    return cuLaunchGridAsync(f, 1, 1, NULL);
}
