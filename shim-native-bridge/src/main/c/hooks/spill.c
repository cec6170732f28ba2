// spill.c: managed memory in place of memory that does not fit. It prefers the host, so that the GPU's memory stays what the limit
// says, and the GPU reaches it over the bus.
#include "spill.h"

#include "cuda_result.h"
#include "denial.h"

// CUdevice_attribute, CUmem_advise, CU_DEVICE_CPU (CUDA driver API, "Data types").
enum { MANAGED_MEMORY = 83, CONCURRENT_MANAGED_ACCESS = 89 };
enum { ADVISE_PREFERRED_LOCATION = 3, ADVISE_ACCESSED_BY = 5 };
enum { DEVICE_CPU = -1 };

static int can_spill(CUdevice *device) {
    int managed = 0, concurrent = 0;
    return sluice_real_cuCtxGetDevice(device) == CUDA_SUCCESS
        && sluice_real_cuDeviceGetAttribute(&managed, MANAGED_MEMORY, *device) == CUDA_SUCCESS && managed
        && sluice_real_cuDeviceGetAttribute(&concurrent, CONCURRENT_MANAGED_ACCESS, *device) == CUDA_SUCCESS && concurrent;
}

// Without the advice the driver would move what kernels touch into the GPU's memory, which nobody has charged.
static CUresult allocate(CUdeviceptr *pointer, uint64_t bytes, unsigned flags, CUdevice device) {
    CUdeviceptr spilled = 0;
    CUresult result = sluice_real_cuMemAllocManaged(&spilled, bytes, flags);
    if (result != CUDA_SUCCESS) {
        return result;
    }
    if (sluice_real_cuMemAdvise(spilled, bytes, ADVISE_PREFERRED_LOCATION, DEVICE_CPU) != CUDA_SUCCESS) {
        sluice_real_cuMemFree_v2(spilled);
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
    sluice_real_cuMemAdvise(spilled, bytes, ADVISE_ACCESSED_BY, device); // spares faults; without it they are slow, not wrong
    *pointer = spilled;
    return CUDA_SUCCESS;
}

CUresult sluice_spill(const struct sluice_asking *asking, CUdeviceptr *pointer, uint64_t bytes, unsigned flags) {
    CUdevice device;
    CUresult result = CUDA_ERROR_OUT_OF_MEMORY;
    if (asking->bytes <= INT64_MAX && can_spill(&device)) {
        result = allocate(pointer, bytes, flags, device);
    }
    if (result != CUDA_SUCCESS) {
        return result == CUDA_ERROR_OUT_OF_MEMORY ? sluice_charge_deny(asking) : result;
    }
    __atomic_add_fetch(&sluice_tenant_account(asking->row)->spilled_bytes, asking->bytes, __ATOMIC_RELAXED);
    sluice_denial_spilled(asking->function, sluice_tenant_ledger()->rows[asking->row].uuid, asking->bytes);
    return CUDA_SUCCESS;
}
