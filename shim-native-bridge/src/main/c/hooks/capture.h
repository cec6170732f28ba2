// capture.h: streams that are being captured: what is launched there goes into a graph, and nothing of ours may.
#ifndef SLUICE_CAPTURE_H
#define SLUICE_CAPTURE_H

// Captures that were begun through us and have not ended yet.
extern unsigned sluice_captures __attribute__((visibility("hidden")));

// Records an event into a stream, but never into a graph that is being recorded; the second for the _ptsz functions' streams.
typedef int sluice_recorder(void *event, void *stream);
sluice_recorder sluice_record, sluice_record_per_thread;

// Whether what is launched into the stream now is part of a graph.
int sluice_find_captured(sluice_recorder *recorder, void *stream);
static inline int sluice_is_captured(sluice_recorder *recorder, void *stream) {
    return __builtin_expect(__atomic_load_n(&sluice_captures, __ATOMIC_RELAXED) != 0, 0) && sluice_find_captured(recorder, stream);
}

#endif
