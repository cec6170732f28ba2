// nvml_gpu.h: whose answer a question to NVML about a GPU gets.
#ifndef SLUICE_NVML_GPU_H
#define SLUICE_NVML_GPU_H

#include "ledger.h"

enum sluice_nvml_view {
    SLUICE_NVML_TENANT,  // the tenant's
    SLUICE_NVML_GPU,     // the GPU's own: there is no account, and on_failure says forward; or NVML does not know the GPU
    SLUICE_NVML_NOTHING, // none: there is no account, and on_failure says deny
};

struct sluice_nvml_gpu {
    struct sluice_ledger *ledger;
    int row; // -1 where the tenant's file does not list the GPU
};

// `device` is an nvmlDevice_t. *gpu is filled in for SLUICE_NVML_TENANT.
enum sluice_nvml_view sluice_nvml_look_at(void *device, struct sluice_nvml_gpu *gpu);

#endif
