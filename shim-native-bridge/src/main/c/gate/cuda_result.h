// cuda_result.h: the CUresult values that Sluice answers or looks at (CUDA driver API, "Data types used by CUDA driver").
#ifndef SLUICE_CUDA_RESULT_H
#define SLUICE_CUDA_RESULT_H

enum {
    CUDA_SUCCESS = 0,
    CUDA_ERROR_INVALID_VALUE = 1,
    CUDA_ERROR_OUT_OF_MEMORY = 2,
    CUDA_ERROR_NO_DEVICE = 100,
    CUDA_ERROR_INVALID_CONTEXT = 201,
    CUDA_ERROR_NOT_FOUND = 500,
    CUDA_ERROR_NOT_PERMITTED = 800,
    CUDA_ERROR_NOT_SUPPORTED = 801,
};

#endif
