#include "capture.h"

#include "cuda_result.h"
#include "driver.h"
#include "meter.h"

unsigned sluice_captures;

// Answers 906 for the legacy stream while another stream is captured: the launch will be refused, or is part of a capture.
int sluice_find_captured(sluice_recorder *recorder, void *stream) {
    int status = 0;
    CUresult result = recorder == sluice_record_per_thread ? sluice_real_cuStreamIsCapturing_ptsz(stream, (void *)&status)
                                                           : sluice_real_cuStreamIsCapturing(stream, (void *)&status);
    return result != CUDA_SUCCESS || status != 0;
}

int sluice_record(void *event, void *stream) {
    return sluice_is_captured(sluice_record, stream) ? CUDA_ERROR_NOT_PERMITTED : sluice_real_cuEventRecord(event, stream);
}

int sluice_record_per_thread(void *event, void *stream) {
    return sluice_is_captured(sluice_record_per_thread, stream) ? CUDA_ERROR_NOT_PERMITTED : sluice_real_cuEventRecord_ptsz(event, stream);
}

// Ended also where it was invalid: the stream is as before then (CUDA driver API, cuStreamEndCapture).
static CUresult capture_ended(CUresult result) {
    unsigned begun = __atomic_load_n(&sluice_captures, __ATOMIC_RELAXED);
    while (begun && !__atomic_compare_exchange_n(&sluice_captures, &begun, begun - 1, 1, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
    return result;
}

static CUresult capture_begun(CUresult result) {
    if (result == CUDA_SUCCESS) {
        __atomic_add_fetch(&sluice_captures, 1, __ATOMIC_RELAXED);
    }
    return result;
}

CUresult sluice_hook_cuStreamBeginCapture(void *hStream) {
    sluice_meter_pause();
    return capture_begun(sluice_real_cuStreamBeginCapture(hStream));
}

CUresult sluice_hook_cuStreamBeginCaptureToGraph(void *hStream, void *hGraph, const void *dependencies, const void *dependencyData, size_t numDependencies, int mode) {
    sluice_meter_pause();
    return capture_begun(sluice_real_cuStreamBeginCaptureToGraph(hStream, hGraph, dependencies, dependencyData, numDependencies, mode));
}

CUresult sluice_hook_cuStreamBeginCaptureToGraph_ptsz(void *hStream, void *hGraph, const void *dependencies, const void *dependencyData, size_t numDependencies, int mode) {
    sluice_meter_pause();
    return capture_begun(sluice_real_cuStreamBeginCaptureToGraph_ptsz(hStream, hGraph, dependencies, dependencyData, numDependencies, mode));
}

CUresult sluice_hook_cuStreamBeginCapture_ptsz(void *hStream) {
    sluice_meter_pause();
    return capture_begun(sluice_real_cuStreamBeginCapture_ptsz(hStream));
}

CUresult sluice_hook_cuStreamBeginCapture_v2(void *hStream, int mode) {
    sluice_meter_pause();
    return capture_begun(sluice_real_cuStreamBeginCapture_v2(hStream, mode));
}

CUresult sluice_hook_cuStreamBeginCapture_v2_ptsz(void *hStream, int mode) {
    sluice_meter_pause();
    return capture_begun(sluice_real_cuStreamBeginCapture_v2_ptsz(hStream, mode));
}

CUresult sluice_hook_cuStreamEndCapture(void *hStream, void *phGraph) {
    return capture_ended(sluice_real_cuStreamEndCapture(hStream, phGraph));
}

CUresult sluice_hook_cuStreamEndCapture_ptsz(void *hStream, void *phGraph) {
    return capture_ended(sluice_real_cuStreamEndCapture_ptsz(hStream, phGraph));
}
