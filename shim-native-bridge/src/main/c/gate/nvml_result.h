// nvml_result.h: the nvmlReturn_t values that Sluice answers or looks at (NVML API reference, "Device enums").
#ifndef SLUICE_NVML_RESULT_H
#define SLUICE_NVML_RESULT_H

enum {
    NVML_SUCCESS = 0,
    NVML_ERROR_NOT_SUPPORTED = 3,
    NVML_ERROR_NO_PERMISSION = 4,
    NVML_ERROR_NOT_FOUND = 6,
    NVML_ERROR_INSUFFICIENT_SIZE = 7,
    NVML_ERROR_LIBRARY_NOT_FOUND = 12,
    NVML_ERROR_FUNCTION_NOT_FOUND = 13,
    NVML_ERROR_MEMORY = 20,
};

#endif
