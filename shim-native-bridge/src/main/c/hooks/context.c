// context.c: the beginning of CUDA in this process, and of contexts on a GPU; the end of a context, which frees its memory.
#include "cuda_result.h"
#include "current_gpu.h"
#include "denial.h"
#include "driver.h"
#include "lane.h"
#include "pointer_map.h"
#include "resolve.h"
#include "tenant.h"

static uint64_t primary_contexts[SLUICE_DEVICES]; // handle per device, 0 until retained

static CUresult permit(const char *function, CUdevice device);
static CUresult begun(CUresult result, CUdevice device);
static CUresult destroyed(CUresult result, CUcontext context);
static CUresult primary_let_go(CUresult result, CUdevice device);
static void ended(uint64_t context);

CUresult sluice_hook_cuInit(unsigned int Flags) {
    sluice_resolve_all();
    return sluice_tenant_governance() == SLUICE_REFUSING ? CUDA_ERROR_NOT_PERMITTED : sluice_real_cuInit(Flags);
}

CUresult sluice_hook_cuCtxCreate(CUcontext *pctx, unsigned int flags, CUdevice dev) {
    CUresult permitted = permit("cuCtxCreate", dev);
    return permitted ? permitted : begun(sluice_real_cuCtxCreate(pctx, flags, dev), dev);
}

CUresult sluice_hook_cuCtxCreate_v2(CUcontext *pctx, unsigned int flags, CUdevice dev) {
    CUresult permitted = permit("cuCtxCreate_v2", dev);
    return permitted ? permitted : begun(sluice_real_cuCtxCreate_v2(pctx, flags, dev), dev);
}

CUresult sluice_hook_cuCtxCreate_v3(CUcontext *pctx, void *paramsArray, int numParams, unsigned int flags, CUdevice dev) {
    CUresult permitted = permit("cuCtxCreate_v3", dev);
    return permitted ? permitted : begun(sluice_real_cuCtxCreate_v3(pctx, paramsArray, numParams, flags, dev), dev);
}

CUresult sluice_hook_cuCtxCreate_v4(CUcontext *pctx, void *ctxCreateParams, unsigned int flags, CUdevice dev) {
    CUresult permitted = permit("cuCtxCreate_v4", dev);
    return permitted ? permitted : begun(sluice_real_cuCtxCreate_v4(pctx, ctxCreateParams, flags, dev), dev);
}

CUresult sluice_hook_cuGLCtxCreate(CUcontext *pCtx, unsigned int Flags, CUdevice device) {
    CUresult permitted = permit("cuGLCtxCreate", device);
    return permitted ? permitted : begun(sluice_real_cuGLCtxCreate(pCtx, Flags, device), device);
}

CUresult sluice_hook_cuGLCtxCreate_v2(CUcontext *pCtx, unsigned int Flags, CUdevice device) {
    CUresult permitted = permit("cuGLCtxCreate_v2", device);
    return permitted ? permitted : begun(sluice_real_cuGLCtxCreate_v2(pCtx, Flags, device), device);
}

CUresult sluice_hook_cuVDPAUCtxCreate(CUcontext *pCtx, unsigned int flags, CUdevice device, int vdpDevice, void *vdpGetProcAddress) {
    CUresult permitted = permit("cuVDPAUCtxCreate", device);
    return permitted ? permitted : begun(sluice_real_cuVDPAUCtxCreate(pCtx, flags, device, vdpDevice, vdpGetProcAddress), device);
}

CUresult sluice_hook_cuVDPAUCtxCreate_v2(CUcontext *pCtx, unsigned int flags, CUdevice device, int vdpDevice, void *vdpGetProcAddress) {
    CUresult permitted = permit("cuVDPAUCtxCreate_v2", device);
    return permitted ? permitted : begun(sluice_real_cuVDPAUCtxCreate_v2(pCtx, flags, device, vdpDevice, vdpGetProcAddress), device);
}

CUresult sluice_hook_cuGreenCtxCreate(void *phCtx, void *desc, CUdevice dev, unsigned int flags) {
    CUresult permitted = permit("cuGreenCtxCreate", dev);
    return permitted ? permitted : begun(sluice_real_cuGreenCtxCreate(phCtx, desc, dev, flags), dev);
}

CUresult sluice_hook_cuDevicePrimaryCtxRetain(CUcontext *pctx, CUdevice dev) {
    CUresult permitted = permit("cuDevicePrimaryCtxRetain", dev);
    if (permitted) {
        return permitted;
    }
    CUresult result = sluice_real_cuDevicePrimaryCtxRetain(pctx, dev);
    if (result == CUDA_SUCCESS && dev >= 0 && dev < SLUICE_DEVICES) {
        __atomic_store_n(&primary_contexts[dev], (uint64_t)(uintptr_t)*pctx, __ATOMIC_RELEASE);
    }
    return begun(result, dev);
}

CUresult sluice_hook_cuCtxDestroy(CUcontext ctx) {
    return destroyed(sluice_real_cuCtxDestroy(ctx), ctx);
}

CUresult sluice_hook_cuCtxDestroy_v2(CUcontext ctx) {
    return destroyed(sluice_real_cuCtxDestroy_v2(ctx), ctx);
}

// Ends the context only where it was attached to once; the driver then does not know the handle any more.
CUresult sluice_hook_cuCtxDetach(CUcontext ctx) {
    unsigned int version;
    CUresult result = sluice_real_cuCtxDetach(ctx);
    int gone = result == CUDA_SUCCESS && sluice_real_cuCtxGetApiVersion(ctx, &version) == CUDA_ERROR_INVALID_CONTEXT;
    return gone ? destroyed(result, ctx) : result;
}

CUresult sluice_hook_cuDevicePrimaryCtxRelease(CUdevice dev) {
    return primary_let_go(sluice_real_cuDevicePrimaryCtxRelease(dev), dev);
}

CUresult sluice_hook_cuDevicePrimaryCtxRelease_v2(CUdevice dev) {
    return primary_let_go(sluice_real_cuDevicePrimaryCtxRelease_v2(dev), dev);
}

CUresult sluice_hook_cuDevicePrimaryCtxReset(CUdevice dev) {
    return primary_let_go(sluice_real_cuDevicePrimaryCtxReset(dev), dev);
}

CUresult sluice_hook_cuDevicePrimaryCtxReset_v2(CUdevice dev) {
    return primary_let_go(sluice_real_cuDevicePrimaryCtxReset_v2(dev), dev);
}

// A GPU that the tenant's file does not list gets no context, so nothing else can happen on it either.
static CUresult permit(const char *function, CUdevice device) {
    enum sluice_governance governance = sluice_tenant_governance();
    if (governance != SLUICE_GOVERNED) {
        return governance == SLUICE_FORWARDING ? CUDA_SUCCESS : CUDA_ERROR_NOT_PERMITTED;
    }
    int listed = 1, row = sluice_row_of_device(device);
    if (row >= 0) {
        sluice_ledger_limit(sluice_tenant_ledger(), (unsigned)row, &listed);
    }
    if (row == SLUICE_ROW_NONE || !listed) {
        sluice_tenant_count_unlisted();
        sluice_denial_unlisted(function, device);
        return CUDA_ERROR_NOT_PERMITTED;
    }
    return CUDA_SUCCESS;
}

// What a context itself takes is not charged yet: it counts as ungoverned.
static CUresult begun(CUresult result, CUdevice device) {
    sluice_lane_forget();
    int row = result == CUDA_SUCCESS && sluice_tenant_governance() == SLUICE_GOVERNED ? sluice_row_of_device(device) : SLUICE_ROW_NONE;
    if (row >= 0) {
        int shared;
        struct sluice_lane *lane = sluice_lane_bind(sluice_tenant_account((unsigned)row), &shared);
        __atomic_add_fetch(&lane->ungoverned_calls, 1, __ATOMIC_RELAXED);
        sluice_lane_forget();
    }
    return result;
}

static CUresult destroyed(CUresult result, CUcontext context) {
    if (result == CUDA_SUCCESS) {
        ended((uint64_t)(uintptr_t)context);
    }
    return result;
}

// A release ends the primary context only with its last user; a reset always does, and leaves it inactive.
static CUresult primary_let_go(CUresult result, CUdevice device) {
    unsigned int flags;
    int active = 1;
    if (result == CUDA_SUCCESS && device >= 0 && device < SLUICE_DEVICES
        && sluice_real_cuDevicePrimaryCtxGetState(device, &flags, &active) == CUDA_SUCCESS && !active) {
        uint64_t context = __atomic_load_n(&primary_contexts[device], __ATOMIC_ACQUIRE);
        if (context) {
            ended(context);
        }
    }
    return result;
}

static void ended(uint64_t context) {
    struct sluice_allocation batch[256];
    unsigned taken;
    sluice_lane_forget();
    sluice_current_gpu_forget();
    while ((taken = sluice_pointer_map_take_of_context(context, batch, sizeof batch / sizeof *batch)) > 0) {
        for (unsigned i = 0; i < taken; i++) {
            sluice_tenant_release(batch[i].row, batch[i].bytes, (enum sluice_kind)batch[i].kind);
        }
    }
}
