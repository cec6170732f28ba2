// capture.h: streams whose work becomes a graph. Every asynchronous call goes through capture_or_submit.
//
// A capture has one origin stream and any number of streams that joined it by waiting for an event that was recorded in it. For
// each it knows the nodes that the stream's next work comes after. One lock guards all of that, in the process; nothing takes it
// while nothing is captured. Lock order: capture, then nothing.
#ifndef SLUICE_SIM_CAPTURE_H
#define SLUICE_SIM_CAPTURE_H

#include "driver/event.h"
#include "graph/work.h"

// Hands the work to the stream, or adds it to the graph that the stream is captured into. The context of the work is the stream's,
// but for a kernel, which has its own.
CUresult capture_or_submit(struct stream *stream, const struct work *work);
// Whether the stream is captured, or something else stands against the call: then *result is the answer. A call that waits
// (not `async`) is not permitted in a captured stream, and ends the capture.
int capture_takes(struct stream *stream, const struct work *work, int async, CUresult *result);
// The same for a call that cannot be captured: 900 or 906 and the capture invalid; 0 where nothing is captured.
CUresult capture_refuses(struct stream *stream);
// Whether the stream takes part in a capture, valid or not.
int capture_active(const struct stream *stream);
// Before a call that may do something behind the back of a capture (allocate, wait for a context …): 900 if the calling thread or
// another has a capture whose mode forbids it.
CUresult capture_forbids(void);
// Before a wait for all of a context.
CUresult capture_refuses_context(CUcontext context);
// A stream is about to be destroyed.
void capture_forget_stream(struct stream *stream);

// Events. Each says with 1 that the call was dealt with, *result being the answer.
int capture_records(struct stream *stream, CUevent event, int external, CUresult *result);
int capture_waits(struct stream *stream, CUevent event, int external, CUresult *result);
// 907 for an event that was last recorded in a captured stream; the capture becomes invalid.
CUresult capture_refuses_event(CUevent event);
// What a captured record left with the event.
struct captured_event;
void captured_event_free(struct captured_event *captured);

#endif
