// context.c: the beginning of CUDA in this process, and of contexts on a GPU; the end of a context, which frees its memory. What a
// context itself takes of the GPU is charged at the figure that the control side has found for it.
#define _GNU_SOURCE
#include "charge.h"
#include "cuda_result.h"
#include "current_gpu.h"
#include "denial.h"
#include "ipc.h"
#include "lane.h"
#include "local.h"
#include "meter.h"
#include "resolve.h"

#include <pthread.h>

static uint64_t primary_contexts[SLUICE_DEVICES]; // handle per device, 0 until retained

// Held while a primary context begins or ends, so that one that begins is charged once, and one that ends is released before it
// begins again. Not while a charge may wait.
static pthread_mutex_t primary_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t fork_handler = PTHREAD_ONCE_INIT;

static CUresult permit(const char *function, CUdevice device);
static CUresult begin(struct sluice_asking *asking, const char *function, const CUcontext *context, CUdevice device);
static CUresult begun(struct sluice_asking *asking, CUresult result, const CUcontext *context, CUdevice device);
static void count_ungoverned(CUdevice device);
static CUresult destroyed(CUresult result, CUcontext context);
static void lock_primary(void);
static void lock_primary_to_let_go(CUdevice device);
static int primary_is_active(CUdevice device);
static CUresult primary_let_go(CUresult result, CUdevice device);
static void ended(uint64_t context);

CUresult sluice_hook_cuInit(unsigned int Flags) {
    sluice_resolve_all();
    return sluice_tenant_governance() == SLUICE_REFUSING ? CUDA_ERROR_NOT_PERMITTED : sluice_real_cuInit(Flags);
}

CUresult sluice_hook_cuCtxCreate(CUcontext *pctx, unsigned int flags, CUdevice dev) {
    struct sluice_asking asking;
    CUresult result = begin(&asking, "cuCtxCreate", pctx, dev);
    if (result != CUDA_SUCCESS) {
        return result;
    }
    do {
        result = sluice_real_cuCtxCreate(pctx, flags, dev);
    } while (sluice_charge_again(&asking, result));
    return begun(&asking, result, pctx, dev);
}

CUresult sluice_hook_cuCtxCreate_v2(CUcontext *pctx, unsigned int flags, CUdevice dev) {
    struct sluice_asking asking;
    CUresult result = begin(&asking, "cuCtxCreate_v2", pctx, dev);
    if (result != CUDA_SUCCESS) {
        return result;
    }
    do {
        result = sluice_real_cuCtxCreate_v2(pctx, flags, dev);
    } while (sluice_charge_again(&asking, result));
    return begun(&asking, result, pctx, dev);
}

CUresult sluice_hook_cuCtxCreate_v3(CUcontext *pctx, void *paramsArray, int numParams, unsigned int flags, CUdevice dev) {
    struct sluice_asking asking;
    CUresult result = begin(&asking, "cuCtxCreate_v3", pctx, dev);
    if (result != CUDA_SUCCESS) {
        return result;
    }
    do {
        result = sluice_real_cuCtxCreate_v3(pctx, paramsArray, numParams, flags, dev);
    } while (sluice_charge_again(&asking, result));
    return begun(&asking, result, pctx, dev);
}

CUresult sluice_hook_cuCtxCreate_v4(CUcontext *pctx, void *ctxCreateParams, unsigned int flags, CUdevice dev) {
    struct sluice_asking asking;
    CUresult result = begin(&asking, "cuCtxCreate_v4", pctx, dev);
    if (result != CUDA_SUCCESS) {
        return result;
    }
    do {
        result = sluice_real_cuCtxCreate_v4(pctx, ctxCreateParams, flags, dev);
    } while (sluice_charge_again(&asking, result));
    return begun(&asking, result, pctx, dev);
}

CUresult sluice_hook_cuGLCtxCreate(CUcontext *pCtx, unsigned int Flags, CUdevice device) {
    struct sluice_asking asking;
    CUresult result = begin(&asking, "cuGLCtxCreate", pCtx, device);
    if (result != CUDA_SUCCESS) {
        return result;
    }
    do {
        result = sluice_real_cuGLCtxCreate(pCtx, Flags, device);
    } while (sluice_charge_again(&asking, result));
    return begun(&asking, result, pCtx, device);
}

CUresult sluice_hook_cuGLCtxCreate_v2(CUcontext *pCtx, unsigned int Flags, CUdevice device) {
    struct sluice_asking asking;
    CUresult result = begin(&asking, "cuGLCtxCreate_v2", pCtx, device);
    if (result != CUDA_SUCCESS) {
        return result;
    }
    do {
        result = sluice_real_cuGLCtxCreate_v2(pCtx, Flags, device);
    } while (sluice_charge_again(&asking, result));
    return begun(&asking, result, pCtx, device);
}

CUresult sluice_hook_cuVDPAUCtxCreate(CUcontext *pCtx, unsigned int flags, CUdevice device, int vdpDevice, void *vdpGetProcAddress) {
    struct sluice_asking asking;
    CUresult result = begin(&asking, "cuVDPAUCtxCreate", pCtx, device);
    if (result != CUDA_SUCCESS) {
        return result;
    }
    do {
        result = sluice_real_cuVDPAUCtxCreate(pCtx, flags, device, vdpDevice, vdpGetProcAddress);
    } while (sluice_charge_again(&asking, result));
    return begun(&asking, result, pCtx, device);
}

CUresult sluice_hook_cuVDPAUCtxCreate_v2(CUcontext *pCtx, unsigned int flags, CUdevice device, int vdpDevice, void *vdpGetProcAddress) {
    struct sluice_asking asking;
    CUresult result = begin(&asking, "cuVDPAUCtxCreate_v2", pCtx, device);
    if (result != CUDA_SUCCESS) {
        return result;
    }
    do {
        result = sluice_real_cuVDPAUCtxCreate_v2(pCtx, flags, device, vdpDevice, vdpGetProcAddress);
    } while (sluice_charge_again(&asking, result));
    return begun(&asking, result, pCtx, device);
}

// Its memory is the primary context's, but for what its streams take.
CUresult sluice_hook_cuGreenCtxCreate(void *phCtx, void *desc, CUdevice dev, unsigned int flags) {
    CUresult result = permit("cuGreenCtxCreate", dev);
    if (result == CUDA_SUCCESS) {
        result = sluice_real_cuGreenCtxCreate(phCtx, desc, dev, flags);
        sluice_lane_forget();
        if (result == CUDA_SUCCESS) {
            count_ungoverned(dev);
        }
    }
    return result;
}

// Charged by who finds it inactive. Where another thread was quicker, the charge is given back.
CUresult sluice_hook_cuDevicePrimaryCtxRetain(CUcontext *pctx, CUdevice dev) {
    struct sluice_asking asking = {.governed = 0};
    CUresult result = primary_is_active(dev) ? permit("cuDevicePrimaryCtxRetain", dev) : begin(&asking, "cuDevicePrimaryCtxRetain", pctx, dev);
    if (result != CUDA_SUCCESS) {
        return result;
    }
    lock_primary();
    int charged = asking.governed;
    if (charged && primary_is_active(dev)) {
        sluice_tenant_release(asking.row, asking.bytes, asking.kind);
        charged = asking.governed = 0;
    }
    do {
        result = sluice_real_cuDevicePrimaryCtxRetain(pctx, dev);
    } while (sluice_charge_again(&asking, result));
    if (result == CUDA_SUCCESS && dev >= 0 && dev < SLUICE_DEVICES) {
        __atomic_store_n(&primary_contexts[dev], (uint64_t)(uintptr_t)*pctx, __ATOMIC_RELEASE);
    }
    if (charged) {
        result = begun(&asking, result, pctx, dev);
    } else if (result == CUDA_SUCCESS) {
        count_ungoverned(dev);
    }
    pthread_mutex_unlock(&primary_lock);
    sluice_lane_forget();
    return result;
}

CUresult sluice_hook_cuCtxDestroy(CUcontext ctx) {
    sluice_meter_forget((uint64_t)(uintptr_t)ctx);
    return destroyed(sluice_real_cuCtxDestroy(ctx), ctx);
}

CUresult sluice_hook_cuCtxDestroy_v2(CUcontext ctx) {
    sluice_meter_forget((uint64_t)(uintptr_t)ctx);
    return destroyed(sluice_real_cuCtxDestroy_v2(ctx), ctx);
}

// Ends the context only where it was attached to once; the driver then does not know the handle any more.
CUresult sluice_hook_cuCtxDetach(CUcontext ctx) {
    unsigned int version;
    sluice_meter_forget((uint64_t)(uintptr_t)ctx);
    CUresult result = sluice_real_cuCtxDetach(ctx);
    int gone = result == CUDA_SUCCESS && sluice_real_cuCtxGetApiVersion(ctx, &version) == CUDA_ERROR_INVALID_CONTEXT;
    return gone ? destroyed(result, ctx) : result;
}

CUresult sluice_hook_cuDevicePrimaryCtxRelease(CUdevice dev) {
    lock_primary_to_let_go(dev);
    return primary_let_go(sluice_real_cuDevicePrimaryCtxRelease(dev), dev);
}

CUresult sluice_hook_cuDevicePrimaryCtxRelease_v2(CUdevice dev) {
    lock_primary_to_let_go(dev);
    return primary_let_go(sluice_real_cuDevicePrimaryCtxRelease_v2(dev), dev);
}

CUresult sluice_hook_cuDevicePrimaryCtxReset(CUdevice dev) {
    lock_primary_to_let_go(dev);
    return primary_let_go(sluice_real_cuDevicePrimaryCtxReset(dev), dev);
}

CUresult sluice_hook_cuDevicePrimaryCtxReset_v2(CUdevice dev) {
    lock_primary_to_let_go(dev);
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

// What the control side knows that a context takes there; 0 where nobody has measured it.
static uint64_t context_bytes(int row) {
    const struct sluice_limits_row *limits = row >= 0 ? sluice_ledger_find_limit(sluice_tenant_ledger(), (unsigned)row) : NULL;
    return limits ? __atomic_load_n(&limits->context_bytes, __ATOMIC_RELAXED) : 0;
}

// Charges a context that is asked for. CUDA_SUCCESS: call the driver, then `begun`.
static CUresult begin(struct sluice_asking *asking, const char *function, const CUcontext *context, CUdevice device) {
    *asking = (struct sluice_asking){.governed = 0};
    CUresult permitted = permit(function, device);
    if (permitted != CUDA_SUCCESS || !context || sluice_tenant_governance() != SLUICE_GOVERNED) {
        return permitted; // without a place for the context the driver refuses it in its own words
    }
    int row = sluice_row_of_device(device);
    uint64_t bytes = context_bytes(row);
    return bytes ? sluice_charge_begin_row(asking, function, (unsigned)row, bytes, SLUICE_KIND_CONTEXT) : CUDA_SUCCESS;
}

// The charge goes with the context, like all that is in it.
static CUresult begun(struct sluice_asking *asking, CUresult result, const CUcontext *context, CUdevice device) {
    sluice_lane_forget();
    if (asking->governed && result == CUDA_SUCCESS) {
        asking->context = (uint64_t)(uintptr_t)*context;
    } else if (result == CUDA_SUCCESS) {
        count_ungoverned(device);
    }
    return sluice_charge_settle(asking, result, asking->context);
}

static void count_ungoverned(CUdevice device) {
    int row = sluice_tenant_governance() == SLUICE_GOVERNED ? sluice_row_of_device(device) : SLUICE_ROW_NONE;
    if (row >= 0 && !context_bytes(row)) {
        int shared;
        struct sluice_lane *lane = sluice_lane_bind(sluice_tenant_account((unsigned)row), NULL, &shared);
        __atomic_add_fetch(&lane->ungoverned_calls, 1, __ATOMIC_RELAXED);
        sluice_lane_forget();
    }
}

static CUresult destroyed(CUresult result, CUcontext context) {
    if (result == CUDA_SUCCESS) {
        ended((uint64_t)(uintptr_t)context);
    }
    return result;
}

static void unlock_in_child(void) {
    pthread_mutex_init(&primary_lock, NULL);
}

static void expect_forks(void) {
    pthread_atfork(NULL, NULL, unlock_in_child);
}

static void lock_primary(void) {
    pthread_once(&fork_handler, expect_forks);
    pthread_mutex_lock(&primary_lock);
}

// What is being measured in the context is given up: its events may go with it.
static void lock_primary_to_let_go(CUdevice device) {
    lock_primary();
    if (device >= 0 && device < SLUICE_DEVICES) {
        sluice_meter_forget(__atomic_load_n(&primary_contexts[device], __ATOMIC_ACQUIRE));
    }
}

static int primary_is_active(CUdevice device) {
    unsigned int flags;
    int active = 0;
    return sluice_real_cuDevicePrimaryCtxGetState(device, &flags, &active) == CUDA_SUCCESS && active;
}

// A release ends the primary context only with its last user; a reset always does, and leaves it inactive.
static CUresult primary_let_go(CUresult result, CUdevice device) {
    if (result == CUDA_SUCCESS && device >= 0 && device < SLUICE_DEVICES && !primary_is_active(device)) {
        uint64_t context = __atomic_load_n(&primary_contexts[device], __ATOMIC_ACQUIRE);
        if (context) {
            ended(context);
        }
    }
    pthread_mutex_unlock(&primary_lock);
    return result;
}

static void ended(uint64_t context) {
    struct sluice_allocation batch[256];
    unsigned taken;
    sluice_lane_forget();
    sluice_current_gpu_forget();
    sluice_ipc_context_over(context);
    sluice_local_context_over(context);
    while ((taken = sluice_pointer_map_take_of_context(context, batch, sizeof batch / sizeof *batch)) > 0) {
        for (unsigned i = 0; i < taken; i++) {
            sluice_charge_freed(&batch[i], CUDA_SUCCESS);
        }
    }
}
