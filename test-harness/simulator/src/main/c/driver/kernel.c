// kernel.c: what is asked of a kernel is asked of its function in the current context.
#include "driver/kernel.h"

#include "driver/api.h"

CUresult cuKernelGetFunction(CUfunction *pFunc, CUkernel kernel) {
    return pFunc ? kernel_function(kernel, pFunc) : CUDA_ERROR_INVALID_VALUE;
}

static CUresult function_on(CUkernel kernel, CUdevice device, CUfunction *function) {
    CUresult result = kernel_function(kernel, function);
    if (result != CUDA_SUCCESS) return result;
    return device_at(device) == (*function)->module->context->device ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}

CUresult cuKernelGetAttribute(int *pi, CUfunction_attribute attrib, CUkernel kernel, CUdevice dev) {
    CUfunction function;
    CUresult result = function_on(kernel, dev, &function);
    return result != CUDA_SUCCESS ? result : cuFuncGetAttribute(pi, attrib, function);
}

CUresult cuKernelSetAttribute(CUfunction_attribute attrib, int val, CUkernel kernel, CUdevice dev) {
    CUfunction function;
    CUresult result = function_on(kernel, dev, &function);
    return result != CUDA_SUCCESS ? result : cuFuncSetAttribute(function, attrib, val);
}

CUresult cuKernelSetCacheConfig(CUkernel kernel, CUfunc_cache config, CUdevice dev) {
    CUfunction function;
    CUresult result = function_on(kernel, dev, &function);
    return result != CUDA_SUCCESS ? result : cuFuncSetCacheConfig(function, config);
}
