// utilization.c: utilization of the card and of its processes. A sample is of one period of 1/6 s and comes when that is over, so
// that the newest is up to 1/6 s old. "Memory" is the time in which copies ran, since what kernels read is not counted.
#include <string.h>

#include "cards/card_lock.h"
#include "nvml/busy.h"

enum { SAMPLE_GPU = 1, SAMPLE_MEMORY = 2, SAMPLE_LAST = 6, VALUE_UNSIGNED = 1, SAMPLES = 100 };
enum { PERIOD_US = (int)(USAGE_PERIOD_NS / 1000) };

nvmlReturn_t nvmlDeviceGetUtilizationRates(nvmlDevice_t device, nvmlUtilization_t *utilization) {
    nvmlReturn_t result = nvml_check(device);
    if (result != NVML_SUCCESS) return result;
    if (!utilization) return NVML_ERROR_INVALID_ARGUMENT;
    uint64_t period = busy_last_period();
    utilization->gpu = busy_percent(device, -1, USAGE_KERNELS, period);
    utilization->memory = busy_percent(device, -1, USAGE_COPIES, period);
    return NVML_SUCCESS;
}

// Nothing encodes or decodes.
static nvmlReturn_t codec(nvmlDevice_t device, unsigned *utilization, unsigned *samplingPeriodUs) {
    nvmlReturn_t result = nvml_tell_constant(device, utilization, 0);
    return result != NVML_SUCCESS ? result : nvml_tell_constant(device, samplingPeriodUs, PERIOD_US);
}

nvmlReturn_t nvmlDeviceGetEncoderUtilization(nvmlDevice_t device, unsigned *utilization, unsigned *samplingPeriodUs) {
    return codec(device, utilization, samplingPeriodUs);
}

nvmlReturn_t nvmlDeviceGetDecoderUtilization(nvmlDevice_t device, unsigned *utilization, unsigned *samplingPeriodUs) {
    return codec(device, utilization, samplingPeriodUs);
}

// The newest sample of the process in which it did something, after `seen_us`: 0 if there is none.
static int process_sample(nvmlDevice_t device, int slot, uint64_t seen_us, nvmlProcessUtilizationSample_t *sample) {
    uint64_t newest = busy_last_period();
    for (uint64_t period = newest; period > newest - SAMPLES && period < UINT64_MAX; period--) {
        if (busy_stamp_us(period) <= seen_us) return 0;
        unsigned kernels = busy_percent(device, slot, USAGE_KERNELS, period);
        unsigned copies = busy_percent(device, slot, USAGE_COPIES, period);
        if (!kernels && !copies) continue;
        *sample = (nvmlProcessUtilizationSample_t){
            .pid = (unsigned)atomic_load(&device->state->slot[slot].pid), .timeStamp = busy_stamp_us(period),
            .smUtil = kernels, .memUtil = copies,
        };
        return 1;
    }
    return 0;
}

nvmlReturn_t nvmlDeviceGetProcessUtilization(nvmlDevice_t device, nvmlProcessUtilizationSample_t *utilization,
                                             unsigned *processSamplesCount, unsigned long long lastSeenTimeStamp) {
    nvmlReturn_t result = nvml_check(device);
    if (result != NVML_SUCCESS) return result;
    if (!processSamplesCount) return NVML_ERROR_INVALID_ARGUMENT;
    unsigned room = utilization ? *processSamplesCount : 0, count = 0;
    for (int slot = 0; slot < CARD_SLOTS; slot++) {
        nvmlProcessUtilizationSample_t sample;
        if (!atomic_load(&device->state->slot[slot].pid) || !process_sample(device, slot, lastSeenTimeStamp, &sample)) continue;
        if (!card_slot_lives(device, slot)) continue;
        if (count < room) utilization[count] = sample;
        count++;
    }
    *processSamplesCount = count;
    if (count == 0) return NVML_ERROR_NOT_FOUND;
    return count > room ? NVML_ERROR_INSUFFICIENT_SIZE : NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetSamples(nvmlDevice_t device, nvmlSamplingType_t type, unsigned long long lastSeenTimeStamp,
                                  nvmlValueType_t *sampleValType, unsigned *sampleCount, nvmlSample_t *samples) {
    nvmlReturn_t result = nvml_check(device);
    if (result != NVML_SUCCESS) return result;
    if (!sampleValType || !sampleCount || type > SAMPLE_LAST) return NVML_ERROR_INVALID_ARGUMENT;
    if (type != SAMPLE_GPU && type != SAMPLE_MEMORY) return NVML_ERROR_NOT_SUPPORTED;
    *sampleValType = VALUE_UNSIGNED;
    if (!samples) {
        *sampleCount = SAMPLES;
        return NVML_SUCCESS;
    }
    unsigned room = *sampleCount, count = 0;
    uint64_t newest = busy_last_period();
    for (uint64_t period = newest + 1 - SAMPLES; period <= newest && count < room; period++) {
        uint64_t stamp_us = busy_stamp_us(period);
        if (stamp_us <= lastSeenTimeStamp) continue;
        memset(&samples[count], 0, sizeof samples[count]);
        samples[count].timeStamp = stamp_us;
        samples[count++].sampleValue.uiVal = busy_percent(device, -1, type == SAMPLE_GPU ? USAGE_KERNELS : USAGE_COPIES, period);
    }
    *sampleCount = count;
    return count ? NVML_SUCCESS : NVML_ERROR_NOT_FOUND;
}
