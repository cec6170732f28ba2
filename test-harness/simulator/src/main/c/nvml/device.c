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

static nvmlReturn_t give(struct card *card, nvmlDevice_t *device) {
    nvmlReturn_t result = nvml_check(card);
    if (result == NVML_SUCCESS) *device = card;
    return result;
}

nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned index, nvmlDevice_t *device) {
    nvmlReturn_t ready = nvml_ready();
    if (ready != NVML_SUCCESS) return ready;
    if (!device || !nvml_card(index)) return NVML_ERROR_INVALID_ARGUMENT;
    return give(nvml_card(index), device);
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
        return give(nvml_card(i), device);
    }
    return NVML_ERROR_NOT_FOUND;
}

nvmlReturn_t nvmlDeviceGetHandleByPciBusId_v2(const char *pciBusId, nvmlDevice_t *device) {
    unsigned domain, bus, slot;
    nvmlReturn_t ready = nvml_ready();
    if (ready != NVML_SUCCESS) return ready;
    if (!pciBusId || !device || sscanf(pciBusId, "%x:%x:%x", &domain, &bus, &slot) != 3) return NVML_ERROR_INVALID_ARGUMENT;
    if (domain != 0 || slot != 0 || bus == 0 || !nvml_card(bus - 1)) return NVML_ERROR_NOT_FOUND;
    return give(nvml_card(bus - 1), device);
}

nvmlReturn_t nvmlDeviceGetHandleByPciBusId(const char *pciBusId, nvmlDevice_t *device) {
    return nvmlDeviceGetHandleByPciBusId_v2(pciBusId, device);
}

nvmlReturn_t nvmlDeviceGetName(nvmlDevice_t device, char *name, unsigned length) {
    nvmlReturn_t result = nvml_check(device);
    return result != NVML_SUCCESS ? result : nvml_text(device->description->name, name, length);
}

nvmlReturn_t nvmlDeviceGetUUID(nvmlDevice_t device, char *uuid, unsigned length) {
    nvmlReturn_t result = nvml_check(device);
    return result != NVML_SUCCESS ? result : nvml_text(device->description->uuid, uuid, length);
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

// The older forms end before busId, and the first before the subsystem.
nvmlReturn_t nvmlDeviceGetPciInfo_v2(nvmlDevice_t device, nvmlPciInfo_t *pci) {
    nvmlPciInfo_t whole;
    nvmlReturn_t result = nvmlDeviceGetPciInfo_v3(device, &whole);
    if (result != NVML_SUCCESS) return result;
    if (!pci) return NVML_ERROR_INVALID_ARGUMENT;
    memcpy(pci, &whole, offsetof(nvmlPciInfo_t, busId));
    return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetPciInfo(nvmlDevice_t device, nvmlPciInfo_t *pci) {
    nvmlPciInfo_t whole;
    nvmlReturn_t result = nvmlDeviceGetPciInfo_v3(device, &whole);
    if (result != NVML_SUCCESS) return result;
    if (!pci) return NVML_ERROR_INVALID_ARGUMENT;
    memcpy(pci, &whole, offsetof(nvmlPciInfo_t, pciSubSystemId));
    return NVML_SUCCESS;
}
