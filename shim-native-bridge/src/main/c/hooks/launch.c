// launch.c: launches of a tenant that has a share of the GPU's time. Each takes its time from the bucket before it goes to the driver;
// one that is recorded into a graph takes nothing.
#include "admit.h"
#include "driver.h"

// CUlaunchConfig and CUDA_LAUNCH_PARAMS (CUDA driver API, "Execution Control"), as far as they are looked at.
struct launch_config {
    unsigned grid[3], block[3], shared_bytes;
    void *stream;
};
struct device_launch {
    void *function;
    unsigned grid[3], block[3], shared_bytes;
    void *stream, **parameters;
};

static uint64_t blocks_of(const unsigned grid[3]) {
    return (uint64_t)grid[0] * grid[1] * grid[2];
}

static struct sluice_admission of_config(const void *config, const void *function, sluice_recorder *recorder) {
    struct sluice_admission launch = {.function = function, .recorder = recorder};
    const struct launch_config *given = config;
    if (given) {
        launch.blocks = blocks_of(given->grid);
        launch.stream = given->stream;
    }
    return launch;
}

// Each in a function with a frame of its own, so that most launches need none.
static __attribute__((noinline)) CUresult launch_kernel(void *f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ, unsigned int blockDimX,
    unsigned int blockDimY, unsigned int blockDimZ, unsigned int sharedMemBytes, void *hStream, void *kernelParams, void *extra) {
    struct sluice_admission launch = {.function = f, .blocks = (uint64_t)gridDimX * gridDimY * gridDimZ, .stream = hStream, .recorder = sluice_record};
    sluice_admit(&launch);
    return sluice_admitted(&launch, sluice_real_cuLaunchKernel(f, gridDimX, gridDimY, gridDimZ, blockDimX, blockDimY, blockDimZ, sharedMemBytes, hStream, kernelParams, extra));
}

CUresult sluice_hook_cuLaunchKernel(void *f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ, unsigned int blockDimX,
    unsigned int blockDimY, unsigned int blockDimZ, unsigned int sharedMemBytes, void *hStream, void *kernelParams, void *extra) {
    return sluice_admit_next(f, (uint64_t)gridDimX * gridDimY * gridDimZ, hStream, sluice_record)
        ? sluice_real_cuLaunchKernel(f, gridDimX, gridDimY, gridDimZ, blockDimX, blockDimY, blockDimZ, sharedMemBytes, hStream, kernelParams, extra)
        : launch_kernel(f, gridDimX, gridDimY, gridDimZ, blockDimX, blockDimY, blockDimZ, sharedMemBytes, hStream, kernelParams, extra);
}

static __attribute__((noinline)) CUresult launch_kernel_per_thread(void *f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ, unsigned int blockDimX,
    unsigned int blockDimY, unsigned int blockDimZ, unsigned int sharedMemBytes, void *hStream, void *kernelParams, void *extra) {
    struct sluice_admission launch = {.function = f, .blocks = (uint64_t)gridDimX * gridDimY * gridDimZ, .stream = hStream, .recorder = sluice_record_per_thread};
    sluice_admit(&launch);
    return sluice_admitted(&launch, sluice_real_cuLaunchKernel_ptsz(f, gridDimX, gridDimY, gridDimZ, blockDimX, blockDimY, blockDimZ, sharedMemBytes, hStream, kernelParams, extra));
}

CUresult sluice_hook_cuLaunchKernel_ptsz(void *f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ, unsigned int blockDimX,
    unsigned int blockDimY, unsigned int blockDimZ, unsigned int sharedMemBytes, void *hStream, void *kernelParams, void *extra) {
    return sluice_admit_next(f, (uint64_t)gridDimX * gridDimY * gridDimZ, hStream, sluice_record_per_thread)
        ? sluice_real_cuLaunchKernel_ptsz(f, gridDimX, gridDimY, gridDimZ, blockDimX, blockDimY, blockDimZ, sharedMemBytes, hStream, kernelParams, extra)
        : launch_kernel_per_thread(f, gridDimX, gridDimY, gridDimZ, blockDimX, blockDimY, blockDimZ, sharedMemBytes, hStream, kernelParams, extra);
}

CUresult sluice_hook_cuLaunchCooperativeKernel(void *f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ, unsigned int blockDimX,
    unsigned int blockDimY, unsigned int blockDimZ, unsigned int sharedMemBytes, void *hStream, void *kernelParams) {
    struct sluice_admission launch = {.function = f, .blocks = (uint64_t)gridDimX * gridDimY * gridDimZ, .stream = hStream, .recorder = sluice_record};
    sluice_admit(&launch);
    return sluice_admitted(&launch, sluice_real_cuLaunchCooperativeKernel(f, gridDimX, gridDimY, gridDimZ, blockDimX, blockDimY, blockDimZ, sharedMemBytes, hStream, kernelParams));
}

CUresult sluice_hook_cuLaunchCooperativeKernel_ptsz(void *f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ, unsigned int blockDimX,
    unsigned int blockDimY, unsigned int blockDimZ, unsigned int sharedMemBytes, void *hStream, void *kernelParams) {
    struct sluice_admission launch = {.function = f, .blocks = (uint64_t)gridDimX * gridDimY * gridDimZ, .stream = hStream, .recorder = sluice_record_per_thread};
    sluice_admit(&launch);
    return sluice_admitted(&launch, sluice_real_cuLaunchCooperativeKernel_ptsz(f, gridDimX, gridDimY, gridDimZ, blockDimX, blockDimY, blockDimZ, sharedMemBytes, hStream, kernelParams));
}

CUresult sluice_hook_cuLaunchKernelEx(const void *config, void *f, void *kernelParams, void *extra) {
    struct sluice_admission launch = of_config(config, f, sluice_record);
    if (sluice_admit_next(f, launch.blocks, launch.stream, launch.recorder)) {
        return sluice_real_cuLaunchKernelEx(config, f, kernelParams, extra);
    }
    sluice_admit(&launch);
    return sluice_admitted(&launch, sluice_real_cuLaunchKernelEx(config, f, kernelParams, extra));
}

CUresult sluice_hook_cuLaunchKernelEx_ptsz(const void *config, void *f, void *kernelParams, void *extra) {
    struct sluice_admission launch = of_config(config, f, sluice_record_per_thread);
    if (sluice_admit_next(f, launch.blocks, launch.stream, launch.recorder)) {
        return sluice_real_cuLaunchKernelEx_ptsz(config, f, kernelParams, extra);
    }
    sluice_admit(&launch);
    return sluice_admitted(&launch, sluice_real_cuLaunchKernelEx_ptsz(config, f, kernelParams, extra));
}

CUresult sluice_hook_cuGraphLaunch(void *hGraph, void *hStream) {
    struct sluice_admission launch = {.function = hGraph, .stream = hStream, .recorder = sluice_record};
    sluice_admit(&launch);
    return sluice_admitted(&launch, sluice_real_cuGraphLaunch(hGraph, hStream));
}

CUresult sluice_hook_cuGraphLaunch_ptsz(void *hGraphExec, void *hStream) {
    struct sluice_admission launch = {.function = hGraphExec, .stream = hStream, .recorder = sluice_record_per_thread};
    sluice_admit(&launch);
    return sluice_admitted(&launch, sluice_real_cuGraphLaunch_ptsz(hGraphExec, hStream));
}

CUresult sluice_hook_cuLaunch(void *f) {
    struct sluice_admission launch = {.function = f, .blocks = 1, .recorder = sluice_record};
    sluice_admit(&launch);
    return sluice_admitted(&launch, sluice_real_cuLaunch(f));
}

CUresult sluice_hook_cuLaunchGrid(void *f, int grid_width, int grid_height) {
    struct sluice_admission launch = {.function = f, .blocks = (uint64_t)grid_width * (uint64_t)grid_height, .recorder = sluice_record};
    sluice_admit(&launch);
    return sluice_admitted(&launch, sluice_real_cuLaunchGrid(f, grid_width, grid_height));
}

CUresult sluice_hook_cuLaunchGridAsync(void *f, int grid_width, int grid_height, void *hStream) {
    struct sluice_admission launch = {.function = f, .blocks = (uint64_t)grid_width * (uint64_t)grid_height, .stream = hStream, .recorder = sluice_record};
    sluice_admit(&launch);
    return sluice_admitted(&launch, sluice_real_cuLaunchGridAsync(f, grid_width, grid_height, hStream));
}

// Each part takes its time of the GPU that its stream is on; none is measured, since several devices' parts begin together.
CUresult sluice_hook_cuLaunchCooperativeKernelMultiDevice(void *launchParamsList, unsigned int numDevices, unsigned int flags) {
    const struct device_launch *parts = launchParamsList;
    sluice_lane_count_launch();
    for (unsigned i = 0; parts && i < numDevices; i++) {
        int device;
        if (sluice_device_of_stream(parts[i].stream, 0, &device) == 0) {
            sluice_admit_unmeasured(sluice_row_of_device(device), parts[i].function, blocks_of(parts[i].grid));
        }
    }
    return sluice_real_cuLaunchCooperativeKernelMultiDevice(launchParamsList, numDevices, flags);
}
