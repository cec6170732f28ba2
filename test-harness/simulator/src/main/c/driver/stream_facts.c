// stream_facts.c: what a stream tells about itself. Nothing is ever captured: cuStreamBeginCapture is not supported.
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

CUresult cuStreamIsCapturing(CUstream hStream, CUstreamCaptureStatus *captureStatus) {
    struct stream *stream;
    CUresult result = find(hStream, captureStatus, &stream);
    if (result == CUDA_SUCCESS) *captureStatus = 0;
    return result;
}

CUresult cuStreamGetCaptureInfo(CUstream hStream, CUstreamCaptureStatus *captureStatus_out, cuuint64_t *id_out) {
    CUresult result = cuStreamIsCapturing(hStream, captureStatus_out);
    if (result == CUDA_SUCCESS && id_out) *id_out = 0;
    return result;
}

CUresult cuStreamGetCaptureInfo_v2(CUstream hStream, CUstreamCaptureStatus *captureStatus_out, cuuint64_t *id_out,
                                   CUgraph *graph_out, const CUgraphNode **dependencies_out, size_t *numDependencies_out) {
    CUresult result = cuStreamGetCaptureInfo(hStream, captureStatus_out, id_out);
    if (result != CUDA_SUCCESS) return result;
    if (graph_out) *graph_out = NULL;
    if (dependencies_out) *dependencies_out = NULL;
    if (numDependencies_out) *numDependencies_out = 0;
    return CUDA_SUCCESS;
}

static _Thread_local CUstreamCaptureMode capture_mode;

CUresult cuThreadExchangeStreamCaptureMode(CUstreamCaptureMode *mode) {
    if (!mode || *mode < 0 || *mode > 2) return CUDA_ERROR_INVALID_VALUE;
    CUstreamCaptureMode before = capture_mode;
    capture_mode = *mode;
    *mode = before;
    return CUDA_SUCCESS;
}
