// board.c: what kind of board a card is, and what is the same for all of them: no display, no MIG, no fan, alone on its board.
#include "nvml/nvml.h"

#define MEMBER(name) offsetof(struct card_description, name)

enum { BRAND_NVIDIA = 14, BUS_PCIE = 2, LANES = 16, PERSISTENCE_ON = 1, TOPOLOGY_INTERNAL = 0, TOPOLOGY_SYSTEM = 50 };

nvmlReturn_t nvmlDeviceGetBrand(nvmlDevice_t device, nvmlBrandType_t *type) {
    return nvml_tell_constant(device, type, BRAND_NVIDIA);
}

nvmlReturn_t nvmlDeviceGetArchitecture(nvmlDevice_t device, nvmlDeviceArchitecture_t *arch) {
    static const struct { unsigned capability, architecture; } first[] = {{90, 9}, {89, 8}, {80, 7}, {75, 6}, {70, 5}, {60, 4}, {50, 3}};
    nvmlReturn_t result = nvml_tell(device, arch, MEMBER(compute_capability));
    if (result != NVML_SUCCESS) return result;
    unsigned i = 0;
    while (first[i].capability > *arch) i++;
    *arch = first[i].architecture;
    return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetCudaComputeCapability(nvmlDevice_t device, int *major, int *minor) {
    unsigned capability;
    nvmlReturn_t result = nvml_tell(device, &capability, MEMBER(compute_capability));
    if (result != NVML_SUCCESS) return result;
    if (!major || !minor) return NVML_ERROR_INVALID_ARGUMENT;
    *major = (int)capability / 10;
    *minor = (int)capability % 10;
    return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetNumGpuCores(nvmlDevice_t device, unsigned *numCores) {
    unsigned capability, sms;
    nvmlReturn_t result = nvml_tell(device, &capability, MEMBER(compute_capability));
    if (result == NVML_SUCCESS) result = nvml_tell(device, &sms, MEMBER(sms));
    if (result != NVML_SUCCESS) return result;
    int half = capability == 80 || capability / 10 == 7 || capability == 60; // these have 64 an SM, the others 128
    return nvml_tell_constant(device, numCores, sms * (half ? 64 : 128));
}

nvmlReturn_t nvmlDeviceGetMemoryBusWidth(nvmlDevice_t device, unsigned *busWidth) {
    return nvml_tell(device, busWidth, MEMBER(memory_bus_bits));
}

nvmlReturn_t nvmlDeviceGetBusType(nvmlDevice_t device, nvmlBusType_t *type) {
    return nvml_tell_constant(device, type, BUS_PCIE);
}

nvmlReturn_t nvmlDeviceGetCurrPcieLinkGeneration(nvmlDevice_t device, unsigned *currLinkGen) {
    return nvml_tell(device, currLinkGen, MEMBER(pcie_generation));
}

nvmlReturn_t nvmlDeviceGetMaxPcieLinkGeneration(nvmlDevice_t device, unsigned *maxLinkGen) {
    return nvml_tell(device, maxLinkGen, MEMBER(pcie_generation));
}

nvmlReturn_t nvmlDeviceGetCurrPcieLinkWidth(nvmlDevice_t device, unsigned *currLinkWidth) {
    return nvml_tell_constant(device, currLinkWidth, LANES);
}

nvmlReturn_t nvmlDeviceGetMaxPcieLinkWidth(nvmlDevice_t device, unsigned *maxLinkWidth) {
    return nvml_tell_constant(device, maxLinkWidth, LANES);
}

nvmlReturn_t nvmlDeviceGetPcieReplayCounter(nvmlDevice_t device, unsigned *value) {
    return nvml_tell_constant(device, value, 0);
}

nvmlReturn_t nvmlDeviceGetPersistenceMode(nvmlDevice_t device, nvmlEnableState_t *mode) {
    return nvml_tell_constant(device, mode, PERSISTENCE_ON);
}

nvmlReturn_t nvmlDeviceGetComputeMode(nvmlDevice_t device, nvmlComputeMode_t *mode) {
    return nvml_tell_constant(device, mode, 0);
}

nvmlReturn_t nvmlDeviceGetDisplayMode(nvmlDevice_t device, nvmlEnableState_t *display) {
    return nvml_tell_constant(device, display, 0);
}

nvmlReturn_t nvmlDeviceGetDisplayActive(nvmlDevice_t device, nvmlEnableState_t *isActive) {
    return nvml_tell_constant(device, isActive, 0);
}

nvmlReturn_t nvmlDeviceGetVirtualizationMode(nvmlDevice_t device, nvmlGpuVirtualizationMode_t *pVirtualMode) {
    return nvml_tell_constant(device, pVirtualMode, 0);
}

nvmlReturn_t nvmlDeviceGetNumFans(nvmlDevice_t device, unsigned *numFans) {
    return nvml_tell_constant(device, numFans, 0);
}

nvmlReturn_t nvmlDeviceGetMultiGpuBoard(nvmlDevice_t device, unsigned *multiGpuBool) {
    return nvml_tell_constant(device, multiGpuBool, 0);
}

nvmlReturn_t nvmlDeviceGetBoardId(nvmlDevice_t device, unsigned *boardId) {
    nvmlReturn_t result = nvml_tell(device, boardId, MEMBER(nvml_index));
    if (result == NVML_SUCCESS) *boardId = (*boardId + 1) << 8; // as the driver's: the PCI bus
    return result;
}

nvmlReturn_t nvmlDeviceOnSameBoard(nvmlDevice_t device1, nvmlDevice_t device2, int *onSameBoard) {
    nvmlReturn_t result = nvml_check(device1);
    if (result == NVML_SUCCESS) result = nvml_check(device2);
    if (result != NVML_SUCCESS) return result;
    if (!onSameBoard) return NVML_ERROR_INVALID_ARGUMENT;
    *onSameBoard = device1 == device2;
    return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetTopologyCommonAncestor(nvmlDevice_t device1, nvmlDevice_t device2, nvmlGpuTopologyLevel_t *pathInfo) {
    nvmlReturn_t result = nvml_check(device2);
    if (result != NVML_SUCCESS) return result;
    return nvml_tell_constant(device1, pathInfo, device1 == device2 ? TOPOLOGY_INTERNAL : TOPOLOGY_SYSTEM);
}

nvmlReturn_t nvmlDeviceIsMigDeviceHandle(nvmlDevice_t device, unsigned *isMigDevice) {
    return nvml_tell_constant(device, isMigDevice, 0);
}

nvmlReturn_t nvmlDeviceGetMigMode(nvmlDevice_t device, unsigned *currentMode, unsigned *pendingMode) {
    (void)currentMode, (void)pendingMode;
    nvmlReturn_t result = nvml_check(device);
    return result != NVML_SUCCESS ? result : NVML_ERROR_NOT_SUPPORTED;
}

nvmlReturn_t nvmlDeviceGetMaxMigDeviceCount(nvmlDevice_t device, unsigned *count) {
    return nvml_tell_constant(device, count, 0);
}

nvmlReturn_t nvmlUnitGetCount(unsigned *unitCount) {
    nvmlReturn_t ready = nvml_ready();
    if (ready != NVML_SUCCESS) return ready;
    if (!unitCount) return NVML_ERROR_INVALID_ARGUMENT;
    *unitCount = 0;
    return NVML_SUCCESS;
}
