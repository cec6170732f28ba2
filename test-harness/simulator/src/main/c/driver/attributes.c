// attributes.c: cuDeviceGetAttribute. What the simulated GPU cannot do it does not claim.
#include "driver/api.h"
#include "driver/device.h"

struct attribute {
    CUdevice_attribute id;
    int value;
};

// By number in CUdevice_attribute, as the public documentation gives them. What is not listed is 0: not supported.
static const struct attribute fixed[] = {
    {1, 1024},           // max threads per block
    {2, 1024}, {3, 1024}, {4, 64},
    {5, 2147483647}, {6, 65535}, {7, 65535},
    {8, 49152},          // shared memory per block
    {9, 65536},          // constant memory
    {10, 32},            // warp size
    {11, 2147483647},    // max pitch
    {12, 65536},         // registers per block
    {14, 512},           // texture alignment
    {15, 1},             // copies overlap kernels
    {19, 1},             // maps host memory
    // Arrays of one, two and three dimensions, then layered ones, as textures
    {21, 131072}, {22, 131072}, {23, 65536}, {24, 16384}, {25, 16384}, {26, 16384}, {27, 32768}, {28, 32768}, {29, 2048},
    {30, 512},           // surface alignment
    {31, 1},             // concurrent kernels
    {40, 2},             // copy engines
    {41, 1},             // unified addressing
    {42, 32768}, {43, 2048}, {45, 32768}, {46, 32768}, // layered, and for gathering
    {51, 32},            // texture pitch alignment
    {52, 32768}, {53, 32768}, {54, 2046}, // cubes
    // The same as surfaces
    {55, 131072}, {56, 131072}, {57, 65536}, {58, 16384}, {59, 16384}, {60, 16384}, {61, 32768}, {62, 2048}, {63, 32768},
    {64, 32768}, {65, 2048}, {66, 32768}, {67, 32768}, {68, 2046},
    {69, 268435456}, {70, 131072}, {71, 65000}, {72, 2097120}, // linear memory
    {73, 32768}, {74, 32768}, {77, 32768},                     // mipmapped
    {78, 1},             // stream priorities
    {79, 1}, {80, 1},    // L1
    {82, 65536},         // registers per SM
    {83, 1},             // managed memory
    {89, 1},             // concurrent managed access
    {90, 1},             // compute preemption
    {91, 1},             // host pointer usable for registered memory
    {95, 1},             // cooperative launch
    {99, 1},             // host register
    {102, 1},            // virtual memory management
    {103, 1},            // which can leave the process by a file descriptor
    {115, 1},            // pools
    {119, 1},            // which other processes may open by a file descriptor
    {122, 1}, {123, 1},  // stream memory operations: 64 bits, and waiting for NOR
    {125, 1},            // events between processes
};

enum { ATTRIBUTE_LAST = 134 };

static int of_card(const struct card_description *card, CUdevice_attribute attrib, int *value) {
    switch (attrib) {
    case 13: *value = (int)card->clock_mhz * 1000; return 1;
    case 16: *value = (int)card->sms; return 1;
    case 32: *value = (int)card->ecc; return 1;
    case 33: *value = (int)card->nvml_index + 1; return 1; // PCI bus
    case 36: *value = (int)card->memory_clock_mhz * 1000; return 1;
    case 37: *value = (int)card->memory_bus_bits; return 1;
    case 38: *value = (int)card->l2_bytes; return 1;
    case 39: *value = (int)card->threads_per_sm; return 1;
    case 75: *value = (int)card->compute_capability / 10; return 1;
    case 76: *value = (int)card->compute_capability % 10; return 1;
    case 81: *value = (int)card->shared_bytes_per_sm; return 1;
    case 87: *value = (int)card->double_ratio; return 1;
    case 97: *value = (int)card->shared_bytes_optin; return 1; // of one block
    case 106: *value = (int)card->blocks_per_sm; return 1;
    case 111: *value = (int)card->shared_bytes_reserved; return 1; // with each block
    default: return 0;
    }
}

CUresult cuDeviceGetAttribute(int *pi, CUdevice_attribute attrib, CUdevice dev) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    if (!pi || attrib < 1 || attrib > ATTRIBUTE_LAST) return CUDA_ERROR_INVALID_VALUE;
    const struct device *device = device_at(dev);
    if (!device) return CUDA_ERROR_INVALID_DEVICE;
    if (of_card(device->card.description, attrib, pi)) return CUDA_SUCCESS;
    *pi = 0;
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (fixed[i].id == attrib) *pi = fixed[i].value;
    return CUDA_SUCCESS;
}

CUresult cuDeviceGetProperties(CUdevprop *prop, CUdevice dev) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    if (!prop) return CUDA_ERROR_INVALID_VALUE;
    const struct device *device = device_at(dev);
    if (!device) return CUDA_ERROR_INVALID_DEVICE;
    *prop = (CUdevprop){
        .maxThreadsPerBlock = 1024, .maxThreadsDim = {1024, 1024, 64}, .maxGridSize = {2147483647, 65535, 65535},
        .sharedMemPerBlock = 49152, .totalConstantMemory = 65536, .SIMDWidth = 32, .memPitch = 2147483647,
        .regsPerBlock = 65536, .clockRate = (int)device->card.description->clock_mhz * 1000, .textureAlign = 512,
    };
    return CUDA_SUCCESS;
}

CUresult cuDeviceComputeCapability(int *major, int *minor, CUdevice dev) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    if (!major || !minor) return CUDA_ERROR_INVALID_VALUE;
    const struct device *device = device_at(dev);
    if (!device) return CUDA_ERROR_INVALID_DEVICE;
    *major = (int)device->card.description->compute_capability / 10;
    *minor = (int)device->card.description->compute_capability % 10;
    return CUDA_SUCCESS;
}
