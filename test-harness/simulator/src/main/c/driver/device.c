// device.c: naming the GPUs: count, name, UUID, PCI address, memory.
#define _GNU_SOURCE
#include "driver/device.h"

#include <stdio.h>
#include <string.h>

#include "driver/api.h"

static CUresult find(CUdevice dev, const void *out, const struct card_description **card) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    if (!out) return CUDA_ERROR_INVALID_VALUE;
    const struct device *device = device_at(dev);
    if (!device) return CUDA_ERROR_INVALID_DEVICE;
    *card = device->card.description;
    return CUDA_SUCCESS;
}

CUresult cuDeviceGet(CUdevice *device, int ordinal) {
    const struct card_description *card;
    CUresult result = find(ordinal, device, &card);
    if (result == CUDA_SUCCESS) *device = ordinal;
    return result;
}

CUresult cuDeviceGetCount(int *count) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    if (!count) return CUDA_ERROR_INVALID_VALUE;
    *count = device_count();
    return CUDA_SUCCESS;
}

CUresult cuDeviceGetName(char *name, int len, CUdevice dev) {
    const struct card_description *card;
    CUresult result = find(dev, name, &card);
    if (result != CUDA_SUCCESS) return result;
    if (len < 1) return CUDA_ERROR_INVALID_VALUE;
    snprintf(name, (size_t)len, "%s", card->name);
    return CUDA_SUCCESS;
}

CUresult cuDeviceGetUuid_v2(CUuuid *uuid, CUdevice dev) {
    const struct card_description *card;
    CUresult result = find(dev, uuid, &card);
    if (result == CUDA_SUCCESS) memcpy(uuid->bytes, card->uuid_bytes, sizeof uuid->bytes);
    return result;
}

CUresult cuDeviceGetUuid(CUuuid *uuid, CUdevice dev) {
    return cuDeviceGetUuid_v2(uuid, dev);
}

CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice dev) {
    const struct card_description *card;
    CUresult result = find(dev, bytes, &card);
    if (result == CUDA_SUCCESS) *bytes = card->memory_bytes;
    return result;
}

CUresult cuDeviceTotalMem(unsigned int *bytes, CUdevice dev) {
    const struct card_description *card;
    CUresult result = find(dev, bytes, &card);
    if (result == CUDA_SUCCESS) *bytes = card->memory_bytes > UINT32_MAX ? UINT32_MAX : (unsigned)card->memory_bytes;
    return result;
}

CUresult cuDeviceGetPCIBusId(char *pciBusId, int len, CUdevice dev) {
    const struct card_description *card;
    CUresult result = find(dev, pciBusId, &card);
    if (result != CUDA_SUCCESS) return result;
    if (len < 13) return CUDA_ERROR_INVALID_VALUE;
    snprintf(pciBusId, (size_t)len, "0000:%02X:00.0", card->nvml_index + 1);
    return CUDA_SUCCESS;
}

CUresult cuDeviceGetByPCIBusId(CUdevice *dev, const char *pciBusId) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    unsigned domain, bus, slot = 0, function = 0;
    if (!dev || !pciBusId) return CUDA_ERROR_INVALID_VALUE;
    if (sscanf(pciBusId, "%x:%x:%x.%x", &domain, &bus, &slot, &function) < 3) {
        domain = 0;
        if (sscanf(pciBusId, "%x:%x.%x", &bus, &slot, &function) < 2) return CUDA_ERROR_INVALID_VALUE;
    }
    for (int i = 0; i < device_count(); i++) {
        if (domain != 0 || slot != 0 || function != 0 || device_at(i)->card.description->nvml_index + 1 != bus) continue;
        *dev = i;
        return CUDA_SUCCESS;
    }
    return CUDA_ERROR_INVALID_DEVICE;
}

CUresult cuDeviceGetExecAffinitySupport(int *pi, CUexecAffinityType type, CUdevice dev) {
    const struct card_description *card;
    CUresult result = find(dev, pi, &card);
    if (result != CUDA_SUCCESS) return result;
    if (type != 0) return CUDA_ERROR_INVALID_VALUE;
    *pi = 0;
    return CUDA_SUCCESS;
}
