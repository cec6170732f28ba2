// stream_facts.c: what a stream tells about itself.
#include <string.h>

#include "driver/api.h"
#include "driver/context.h"

static CUresult find(CUstream handle, const void *out, struct stream **stream) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    return out ? stream_find(context, handle, stream) : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuStreamGetFlags(CUstream hStream, unsigned int *flags) {
    struct stream *stream;
    CUresult result = find(hStream, flags, &stream);
    if (result == CUDA_SUCCESS) *flags = stream->flags;
    return result;
}

CUresult cuStreamGetPriority(CUstream hStream, int *priority) {
    struct stream *stream;
    CUresult result = find(hStream, priority, &stream);
    if (result == CUDA_SUCCESS) *priority = stream->priority;
    return result;
}

CUresult cuStreamGetId(CUstream hStream, unsigned long long *streamId) {
    struct stream *stream;
    CUresult result = find(hStream, streamId, &stream);
    if (result == CUDA_SUCCESS) *streamId = stream->id;
    return result;
}

CUresult cuStreamGetCtx(CUstream hStream, CUcontext *pctx) {
    struct stream *stream;
    CUresult result = find(hStream, pctx, &stream);
    if (result == CUDA_SUCCESS) *pctx = (CUcontext)((char *)stream->queue - offsetof(struct context, queue));
    return result;
}

enum { ATTRIBUTE_ACCESS_POLICY_WINDOW = 1, ATTRIBUTE_SYNCHRONIZATION_POLICY = 3, SYNCHRONIZATION_LAST = 4 };

// The window only hints at what to keep in the cache.
CUresult cuStreamSetAttribute(CUstream hStream, CUstreamAttrID attr, const CUstreamAttrValue *param) {
    struct stream *stream;
    CUresult result = find(hStream, param, &stream);
    if (result != CUDA_SUCCESS) return result;
    int policy;
    memcpy(&policy, param, sizeof policy);
    switch (attr) {
    case ATTRIBUTE_ACCESS_POLICY_WINDOW: memcpy(stream->access_window, param, sizeof stream->access_window); return CUDA_SUCCESS;
    case ATTRIBUTE_SYNCHRONIZATION_POLICY:
        if (policy < 1 || policy > SYNCHRONIZATION_LAST) return CUDA_ERROR_INVALID_VALUE;
        stream->synchronization = policy;
        return CUDA_SUCCESS;
    default: return CUDA_ERROR_INVALID_VALUE;
    }
}

CUresult cuStreamGetAttribute(CUstream hStream, CUstreamAttrID attr, CUstreamAttrValue *value_out) {
    struct stream *stream;
    CUresult result = find(hStream, value_out, &stream);
    if (result != CUDA_SUCCESS) return result;
    if (attr != ATTRIBUTE_ACCESS_POLICY_WINDOW && attr != ATTRIBUTE_SYNCHRONIZATION_POLICY) return CUDA_ERROR_INVALID_VALUE;
    int policy = stream->synchronization ? stream->synchronization : 1;
    memset(value_out, 0, sizeof *value_out);
    if (attr == ATTRIBUTE_SYNCHRONIZATION_POLICY) memcpy(value_out, &policy, sizeof policy);
    else memcpy(value_out, stream->access_window, sizeof stream->access_window);
    return CUDA_SUCCESS;
}

CUresult cuStreamCopyAttributes(CUstream dstStream, CUstream srcStream) {
    struct stream *to, *from;
    CUresult result = find(dstStream, &to, &to);
    if (result == CUDA_SUCCESS) result = find(srcStream, &from, &from);
    if (result != CUDA_SUCCESS) return result;
    memcpy(to->access_window, from->access_window, sizeof to->access_window);
    to->synchronization = from->synchronization;
    return CUDA_SUCCESS;
}
