// device.c: finding a card by index, UUID or PCI address, and its names.
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "nvml/nvml.h"

nvmlReturn_t nvmlDeviceGetCount_v2(unsigned *count) {
    nvmlReturn_t ready = nvml_ready();
    if (ready != NVML_SUCCESS) return ready;
    if (!count) return NVML_ERROR_INVALID_ARGUMENT;
    *count = (unsigned)nvml_count();
    return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetCount(unsigned *count) {
    return nvmlDeviceGetCount_v2(count);
}

nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned index, nvmlDevice_t *device) {
    nvmlReturn_t ready = nvml_ready();
    if (ready != NVML_SUCCESS) return ready;
    if (!device || !nvml_card(index)) return NVML_ERROR_INVALID_ARGUMENT;
    *device = nvml_card(index);
    return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetHandleByIndex(unsigned index, nvmlDevice_t *device) {
    return nvmlDeviceGetHandleByIndex_v2(index, device);
}

nvmlReturn_t nvmlDeviceGetHandleByUUID(const char *uuid, nvmlDevice_t *device) {
    nvmlReturn_t ready = nvml_ready();
    if (ready != NVML_SUCCESS) return ready;
    if (!uuid || !device) return NVML_ERROR_INVALID_ARGUMENT;
    for (unsigned i = 0; nvml_card(i); i++) {
        if (strcmp(nvml_card(i)->description->uuid, uuid) != 0) continue;
        *device = nvml_card(i);
        return NVML_SUCCESS;
    }
    return NVML_ERROR_NOT_FOUND;
}

nvmlReturn_t nvmlDeviceGetHandleByPciBusId_v2(const char *pciBusId, nvmlDevice_t *device) {
    unsigned domain, bus, slot;
    nvmlReturn_t ready = nvml_ready();
    if (ready != NVML_SUCCESS) return ready;
    if (!pciBusId || !device || sscanf(pciBusId, "%x:%x:%x", &domain, &bus, &slot) != 3) return NVML_ERROR_INVALID_ARGUMENT;
    if (domain != 0 || slot != 0 || bus == 0 || !nvml_card(bus - 1)) return NVML_ERROR_NOT_FOUND;
    *device = nvml_card(bus - 1);
    return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetHandleByPciBusId(const char *pciBusId, nvmlDevice_t *device) {
    return nvmlDeviceGetHandleByPciBusId_v2(pciBusId, device);
}

static nvmlReturn_t text(nvmlDevice_t device, const char *value, char *buffer, unsigned length) {
    if (!device || !buffer) return NVML_ERROR_INVALID_ARGUMENT;
    if (length <= strlen(value)) return NVML_ERROR_INSUFFICIENT_SIZE;
    snprintf(buffer, length, "%s", value);
    return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetName(nvmlDevice_t device, char *name, unsigned length) {
    nvmlReturn_t result = nvml_check(device);
    return result != NVML_SUCCESS ? result : text(device, device->description->name, name, length);
}

nvmlReturn_t nvmlDeviceGetUUID(nvmlDevice_t device, char *uuid, unsigned length) {
    nvmlReturn_t result = nvml_check(device);
    return result != NVML_SUCCESS ? result : text(device, device->description->uuid, uuid, length);
}

nvmlReturn_t nvmlDeviceGetIndex(nvmlDevice_t device, unsigned *index) {
    nvmlReturn_t result = nvml_check(device);
    if (result != NVML_SUCCESS) return result;
    if (!index) return NVML_ERROR_INVALID_ARGUMENT;
    *index = device->description->nvml_index;
    return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetMinorNumber(nvmlDevice_t device, unsigned *minorNumber) {
    return nvmlDeviceGetIndex(device, minorNumber);
}

nvmlReturn_t nvmlDeviceGetCudaComputeCapability(nvmlDevice_t device, int *major, int *minor) {
    nvmlReturn_t result = nvml_check(device);
    if (result != NVML_SUCCESS) return result;
    if (!major || !minor) return NVML_ERROR_INVALID_ARGUMENT;
    *major = (int)device->description->compute_capability / 10;
    *minor = (int)device->description->compute_capability % 10;
    return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetPciInfo_v3(nvmlDevice_t device, nvmlPciInfo_t *pci) {
    nvmlReturn_t result = nvml_check(device);
    if (result != NVML_SUCCESS) return result;
    if (!pci) return NVML_ERROR_INVALID_ARGUMENT;
    unsigned bus = device->description->nvml_index + 1;
    *pci = (nvmlPciInfo_t){
        .bus = bus, .pciDeviceId = device->description->pci_device_id, .pciSubSystemId = device->description->pci_subsystem_id,
    };
    snprintf(pci->busIdLegacy, sizeof pci->busIdLegacy, "0000:%02X:00.0", bus & 0xff);
    snprintf(pci->busId, sizeof pci->busId, "00000000:%02X:00.0", bus & 0xff);
    return NVML_SUCCESS;
}
