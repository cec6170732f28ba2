// nvml.h: the types of NVML that the simulated GPU implements, written from the public documentation. The prototypes are
// generated from the API description; they alone are exported.
#ifndef SLUICE_SIM_NVML_H
#define SLUICE_SIM_NVML_H

#include "cards/card_state.h"

typedef enum {
    NVML_SUCCESS = 0,
    NVML_ERROR_UNINITIALIZED = 1,
    NVML_ERROR_INVALID_ARGUMENT = 2,
    NVML_ERROR_NOT_SUPPORTED = 3,
    NVML_ERROR_NOT_FOUND = 6,
    NVML_ERROR_INSUFFICIENT_SIZE = 7,
    NVML_ERROR_DRIVER_NOT_LOADED = 9,
    NVML_ERROR_ARGUMENT_VERSION_MISMATCH = 25,
    NVML_RESULT_IS_32_BIT = 0x7fffffff
} nvmlReturn_t;

typedef struct card *nvmlDevice_t;

typedef struct { unsigned long long total, free, used; } nvmlMemory_t;
typedef struct { unsigned version; unsigned long long total, reserved, free, used; } nvmlMemory_v2_t;
typedef struct { unsigned gpu, memory; } nvmlUtilization_t;
typedef struct { unsigned pid; unsigned long long usedGpuMemory; } nvmlProcessInfo_v1_t;
typedef struct {
    unsigned pid;
    unsigned long long usedGpuMemory;
    unsigned gpuInstanceId, computeInstanceId;
} nvmlProcessInfo_v2_t;
typedef nvmlProcessInfo_v2_t nvmlProcessInfo_t;
typedef struct {
    char busIdLegacy[16];
    unsigned domain, bus, device, pciDeviceId, pciSubSystemId;
    char busId[32];
} nvmlPciInfo_t;

// NVML_SUCCESS between nvmlInit and nvmlShutdown.
nvmlReturn_t nvml_ready(void);
int nvml_count(void);
// By NVML index; NULL beyond the last.
struct card *nvml_card(unsigned index);
// NVML_SUCCESS for a handle that was given out.
nvmlReturn_t nvml_check(nvmlDevice_t device);
// What a name that is not implemented answers.
nvmlReturn_t nvml_not_supported(void);

#include "nvml_prototypes.h"

#endif
