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
    NVML_ERROR_TIMEOUT = 10,
    NVML_ERROR_GPU_IS_LOST = 15,
    NVML_ERROR_INSUFFICIENT_RESOURCES = 23,
    NVML_ERROR_ARGUMENT_VERSION_MISMATCH = 25,
    NVML_RESULT_IS_32_BIT = 0x7fffffff
} nvmlReturn_t;

typedef struct card *nvmlDevice_t;
typedef struct event_set *nvmlEventSet_t;

// Enumerations are plain numbers here: any value may come in, and each function says which it knows.
typedef unsigned nvmlEnableState_t, nvmlBrandType_t, nvmlDeviceArchitecture_t, nvmlBusType_t, nvmlComputeMode_t;
typedef unsigned nvmlClockType_t, nvmlClockId_t, nvmlPstates_t, nvmlTemperatureSensors_t, nvmlTemperatureThresholds_t;
typedef unsigned nvmlMemoryErrorType_t, nvmlEccCounterType_t, nvmlMemoryLocation_t, nvmlSamplingType_t, nvmlValueType_t;
typedef unsigned nvmlGpuVirtualizationMode_t, nvmlGpuTopologyLevel_t, nvmlPcieUtilCounter_t;

typedef struct { unsigned long long total, free, used; } nvmlMemory_t;
typedef struct { unsigned version; unsigned long long total, reserved, free, used; } nvmlMemory_v2_t;
typedef struct { unsigned long long bar1Total, bar1Free, bar1Used; } nvmlBAR1Memory_t;
typedef struct { unsigned gpu, memory; } nvmlUtilization_t;
typedef struct { unsigned pid; unsigned long long timeStamp; unsigned smUtil, memUtil, encUtil, decUtil; } nvmlProcessUtilizationSample_t;
typedef union { double dVal; int siVal; unsigned uiVal; unsigned long ulVal; unsigned long long ullVal; } nvmlValue_t;
typedef struct { unsigned long long timeStamp; nvmlValue_t sampleValue; } nvmlSample_t;
typedef struct { unsigned pid; unsigned long long usedGpuMemory; } nvmlProcessInfo_v1_t;
typedef struct {
    unsigned pid;
    unsigned long long usedGpuMemory;
    unsigned gpuInstanceId, computeInstanceId;
} nvmlProcessInfo_v2_t;
typedef nvmlProcessInfo_v2_t nvmlProcessInfo_t;
typedef struct {
    unsigned gpuUtilization, memoryUtilization;
    unsigned long long maxMemoryUsage, time, startTime;
    unsigned isRunning, reserved[5];
} nvmlAccountingStats_t;
typedef struct {
    char busIdLegacy[16];
    unsigned domain, bus, device, pciDeviceId, pciSubSystemId;
    char busId[32];
} nvmlPciInfo_t;
typedef struct { unsigned long long l1Cache, l2Cache, deviceMemory, registerFile; } nvmlEccErrorCounts_t;
typedef struct {
    nvmlDevice_t device;
    unsigned long long eventType, eventData;
    unsigned gpuInstanceId, computeInstanceId; // nvmlEventSetWait_v2 alone writes these two
} nvmlEventData_t;

// NVML_SUCCESS between nvmlInit and nvmlShutdown.
nvmlReturn_t nvml_ready(void);
int nvml_count(void);
// By NVML index; NULL beyond the last.
struct card *nvml_card(unsigned index);
// NVML_SUCCESS for a handle that was given out, of a card that is not lost.
nvmlReturn_t nvml_check(nvmlDevice_t device);
// What a name that is not implemented answers.
nvmlReturn_t nvml_not_supported(void);
// Copies it where it fits.
nvmlReturn_t nvml_text(const char *value, char *buffer, unsigned length);
// A fact of cards.conf: the uint32_t member at `offset` of the card's description. And one that is the same for all cards.
nvmlReturn_t nvml_tell(nvmlDevice_t device, unsigned *out, size_t offset);
nvmlReturn_t nvml_tell_constant(nvmlDevice_t device, unsigned *out, unsigned value);

#include "nvml_prototypes.h"

#endif
