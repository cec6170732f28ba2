// clocks.c: clocks, temperature and power. They are what cards.conf says, or plausible, and never change: nothing is modelled.
#include "nvml/nvml.h"

#define MEMBER(name) offsetof(struct card_description, name)

enum { CLOCK_GRAPHICS, CLOCK_SM, CLOCK_MEMORY, CLOCK_VIDEO, CLOCK_TYPES };
enum { CLOCK_IDS = 4, SENSOR_GPU = 0, DEGREES = 40, THRESHOLDS = 7 };

nvmlReturn_t nvmlDeviceGetClockInfo(nvmlDevice_t device, nvmlClockType_t type, unsigned *clock) {
    if (type >= CLOCK_TYPES) return NVML_ERROR_INVALID_ARGUMENT;
    return nvml_tell(device, clock, type == CLOCK_MEMORY ? MEMBER(memory_clock_mhz) : MEMBER(clock_mhz));
}

nvmlReturn_t nvmlDeviceGetMaxClockInfo(nvmlDevice_t device, nvmlClockType_t type, unsigned *clock) {
    return nvmlDeviceGetClockInfo(device, type, clock);
}

nvmlReturn_t nvmlDeviceGetApplicationsClock(nvmlDevice_t device, nvmlClockType_t clockType, unsigned *clockMHz) {
    return nvmlDeviceGetClockInfo(device, clockType, clockMHz);
}

nvmlReturn_t nvmlDeviceGetDefaultApplicationsClock(nvmlDevice_t device, nvmlClockType_t clockType, unsigned *clockMHz) {
    return nvmlDeviceGetClockInfo(device, clockType, clockMHz);
}

nvmlReturn_t nvmlDeviceGetClock(nvmlDevice_t device, nvmlClockType_t clockType, nvmlClockId_t clockId, unsigned *clockMHz) {
    return clockId < CLOCK_IDS ? nvmlDeviceGetClockInfo(device, clockType, clockMHz) : NVML_ERROR_INVALID_ARGUMENT;
}

nvmlReturn_t nvmlDeviceGetPerformanceState(nvmlDevice_t device, nvmlPstates_t *pState) {
    return nvml_tell_constant(device, pState, 0);
}

nvmlReturn_t nvmlDeviceGetPowerState(nvmlDevice_t device, nvmlPstates_t *pState) {
    return nvml_tell_constant(device, pState, 0);
}

nvmlReturn_t nvmlDeviceGetCurrentClocksThrottleReasons(nvmlDevice_t device, unsigned long long *clocksThrottleReasons) {
    nvmlReturn_t result = nvml_check(device);
    if (result != NVML_SUCCESS) return result;
    if (!clocksThrottleReasons) return NVML_ERROR_INVALID_ARGUMENT;
    *clocksThrottleReasons = 0;
    return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetTemperature(nvmlDevice_t device, nvmlTemperatureSensors_t sensorType, unsigned *temp) {
    return sensorType == SENSOR_GPU ? nvml_tell_constant(device, temp, DEGREES) : NVML_ERROR_INVALID_ARGUMENT;
}

nvmlReturn_t nvmlDeviceGetTemperatureThreshold(nvmlDevice_t device, nvmlTemperatureThresholds_t thresholdType, unsigned *temp) {
    static const unsigned thresholds[] = {95, 92, 95, 85}; // shutdown, slowdown, memory, GPU
    if (thresholdType >= THRESHOLDS) return NVML_ERROR_INVALID_ARGUMENT;
    if (thresholdType >= sizeof thresholds / sizeof *thresholds) return nvml_not_supported(); // for fans
    return nvml_tell_constant(device, temp, thresholds[thresholdType]);
}

nvmlReturn_t nvmlDeviceGetPowerManagementLimit(nvmlDevice_t device, unsigned *limit) {
    nvmlReturn_t result = nvml_tell(device, limit, MEMBER(power_limit_w));
    if (result == NVML_SUCCESS) *limit *= 1000; // mW
    return result;
}

nvmlReturn_t nvmlDeviceGetPowerManagementDefaultLimit(nvmlDevice_t device, unsigned *defaultLimit) {
    return nvmlDeviceGetPowerManagementLimit(device, defaultLimit);
}

nvmlReturn_t nvmlDeviceGetEnforcedPowerLimit(nvmlDevice_t device, unsigned *limit) {
    return nvmlDeviceGetPowerManagementLimit(device, limit);
}

nvmlReturn_t nvmlDeviceGetPowerManagementLimitConstraints(nvmlDevice_t device, unsigned *minLimit, unsigned *maxLimit) {
    nvmlReturn_t result = nvmlDeviceGetPowerManagementLimit(device, minLimit);
    return result != NVML_SUCCESS ? result : nvmlDeviceGetPowerManagementLimit(device, maxLimit);
}

nvmlReturn_t nvmlDeviceGetPowerManagementMode(nvmlDevice_t device, nvmlEnableState_t *mode) {
    return nvml_tell_constant(device, mode, 1);
}

nvmlReturn_t nvmlDeviceGetPowerUsage(nvmlDevice_t device, unsigned *power) {
    nvmlReturn_t result = nvmlDeviceGetPowerManagementLimit(device, power);
    if (result == NVML_SUCCESS) *power /= 4;
    return result;
}
