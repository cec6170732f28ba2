// peer.c: GPUs that reach each other's memory. All cards of the folder can, as GPUs on one switch.
#include "driver/api.h"
#include "driver/context.h"

// CUdevice_P2PAttribute
enum { PERFORMANCE_RANK = 1, ACCESS_SUPPORTED, NATIVE_ATOMICS, ARRAYS_ACCESSIBLE };

static CUresult find_both(const int *out, CUdevice one, CUdevice other) {
    CUresult ready = driver_ready();
    if (ready != CUDA_SUCCESS) return ready;
    if (!out) return CUDA_ERROR_INVALID_VALUE;
    return device_at(one) && device_at(other) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}

CUresult cuDeviceCanAccessPeer(int *canAccessPeer, CUdevice dev, CUdevice peerDev) {
    CUresult result = find_both(canAccessPeer, dev, peerDev);
    if (result == CUDA_SUCCESS) *canAccessPeer = dev != peerDev;
    return result;
}

CUresult cuDeviceGetP2PAttribute(int *value, CUdevice_P2PAttribute attrib, CUdevice srcDevice, CUdevice dstDevice) {
    CUresult result = find_both(value, srcDevice, dstDevice);
    if (result != CUDA_SUCCESS) return result;
    if (srcDevice == dstDevice) return CUDA_ERROR_INVALID_DEVICE;
    if (attrib < PERFORMANCE_RANK || attrib > ARRAYS_ACCESSIBLE) return CUDA_ERROR_INVALID_VALUE;
    *value = attrib != PERFORMANCE_RANK; // all links are alike
    return CUDA_SUCCESS;
}

int context_has_peer(const struct context *context, const struct context *other) {
    for (int i = 0; i < PEERS_MAX; i++) {
        uint64_t id = atomic_load(&context->peers[i]);
        if (id == other->id) return 1;
    }
    return 0;
}

// One way only: the current context reaches the other one's memory from now on.
CUresult cuCtxEnablePeerAccess(CUcontext peerContext, unsigned int Flags) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    if (Flags) return CUDA_ERROR_INVALID_VALUE;
    if (!context_is(peerContext) || !peerContext->open || peerContext == context) return CUDA_ERROR_INVALID_CONTEXT;
    if (peerContext->device == context->device) return CUDA_ERROR_PEER_ACCESS_UNSUPPORTED;
    if (context_has_peer(context, peerContext)) return CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED;
    for (int i = 0; i < PEERS_MAX; i++) {
        uint64_t none = 0;
        if (atomic_compare_exchange_strong(&context->peers[i], &none, peerContext->id)) return CUDA_SUCCESS;
    }
    return CUDA_ERROR_TOO_MANY_PEERS;
}

CUresult cuCtxDisablePeerAccess(CUcontext peerContext) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    if (!context_is(peerContext) || !peerContext->open) return CUDA_ERROR_INVALID_CONTEXT;
    queue_wait(&context->queue); // what is queued may use it
    for (int i = 0; i < PEERS_MAX; i++) {
        uint64_t id = peerContext->id;
        if (atomic_compare_exchange_strong(&context->peers[i], &id, 0)) return CUDA_SUCCESS;
    }
    return CUDA_ERROR_PEER_ACCESS_NOT_ENABLED;
}
