// ecc.c: memory errors. None happens but the uncorrectable one that faults.conf asks for. A card with ecc=0 has no such memory.
#include "cards/faults.h"
#include "nvml/nvml.h"

enum { UNCORRECTED = 1, AGGREGATE = 1, DEVICE_MEMORY = 2, LOCATIONS = 8, REMAPS_FROM = 80 };

static nvmlReturn_t check(nvmlDevice_t device) {
    nvmlReturn_t result = nvml_check(device);
    if (result != NVML_SUCCESS) return result;
    return device->description->ecc ? NVML_SUCCESS : NVML_ERROR_NOT_SUPPORTED;
}

static unsigned long long errors(nvmlDevice_t device, nvmlMemoryErrorType_t type) {
    return type == UNCORRECTED && fault_is(FAULT_ECC, device->description);
}

nvmlReturn_t nvmlDeviceGetEccMode(nvmlDevice_t device, nvmlEnableState_t *current, nvmlEnableState_t *pending) {
    nvmlReturn_t result = check(device);
    if (result != NVML_SUCCESS) return result;
    if (!current || !pending) return NVML_ERROR_INVALID_ARGUMENT;
    *current = *pending = 1;
    return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetDefaultEccMode(nvmlDevice_t device, nvmlEnableState_t *defaultMode) {
    nvmlReturn_t result = check(device);
    return result != NVML_SUCCESS ? result : nvml_tell_constant(device, defaultMode, 1);
}

nvmlReturn_t nvmlDeviceGetTotalEccErrors(nvmlDevice_t device, nvmlMemoryErrorType_t errorType, nvmlEccCounterType_t counterType,
                                         unsigned long long *eccCounts) {
    nvmlReturn_t result = check(device);
    if (result != NVML_SUCCESS) return result;
    if (!eccCounts || errorType > UNCORRECTED || counterType > AGGREGATE) return NVML_ERROR_INVALID_ARGUMENT;
    *eccCounts = errors(device, errorType);
    return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetDetailedEccErrors(nvmlDevice_t device, nvmlMemoryErrorType_t errorType,
                                            nvmlEccCounterType_t counterType, nvmlEccErrorCounts_t *eccCounts) {
    unsigned long long count;
    nvmlReturn_t result = nvmlDeviceGetTotalEccErrors(device, errorType, counterType, &count);
    if (result != NVML_SUCCESS) return result;
    if (!eccCounts) return NVML_ERROR_INVALID_ARGUMENT;
    *eccCounts = (nvmlEccErrorCounts_t){.deviceMemory = count};
    return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetMemoryErrorCounter(nvmlDevice_t device, nvmlMemoryErrorType_t errorType, nvmlEccCounterType_t counterType,
                                             nvmlMemoryLocation_t locationType, unsigned long long *count) {
    if (locationType >= LOCATIONS) return NVML_ERROR_INVALID_ARGUMENT;
    nvmlReturn_t result = nvmlDeviceGetTotalEccErrors(device, errorType, counterType, count);
    if (result == NVML_SUCCESS && locationType != DEVICE_MEMORY) *count = 0;
    return result;
}

nvmlReturn_t nvmlDeviceGetRemappedRows(nvmlDevice_t device, unsigned *corrRows, unsigned *uncRows, unsigned *isPending,
                                       unsigned *failureOccurred) {
    nvmlReturn_t result = check(device);
    if (result != NVML_SUCCESS) return result;
    if (device->description->compute_capability < REMAPS_FROM) return NVML_ERROR_NOT_SUPPORTED;
    if (!corrRows || !uncRows || !isPending || !failureOccurred) return NVML_ERROR_INVALID_ARGUMENT;
    *corrRows = *uncRows = *failureOccurred = 0;
    *isPending = errors(device, UNCORRECTED) > 0; // until the card is reset
    return NVML_SUCCESS;
}
