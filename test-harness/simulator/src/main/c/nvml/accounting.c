// accounting.c: accounting is off, and cannot be turned on.
#include "nvml/nvml.h"

enum { BUFFER_SIZE = 4000 };

nvmlReturn_t nvmlDeviceGetAccountingMode(nvmlDevice_t device, nvmlEnableState_t *mode) {
    return nvml_tell_constant(device, mode, 0);
}

nvmlReturn_t nvmlDeviceGetAccountingBufferSize(nvmlDevice_t device, unsigned *bufferSize) {
    return nvml_tell_constant(device, bufferSize, BUFFER_SIZE);
}

nvmlReturn_t nvmlDeviceGetAccountingPids(nvmlDevice_t device, unsigned *count, unsigned *pids) {
    (void)pids;
    return nvml_tell_constant(device, count, 0);
}

nvmlReturn_t nvmlDeviceGetAccountingStats(nvmlDevice_t device, unsigned pid, nvmlAccountingStats_t *stats) {
    (void)pid;
    nvmlReturn_t result = nvml_check(device);
    if (result != NVML_SUCCESS) return result;
    return stats ? NVML_ERROR_NOT_FOUND : NVML_ERROR_INVALID_ARGUMENT;
}
