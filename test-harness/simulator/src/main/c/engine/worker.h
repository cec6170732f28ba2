// worker.h: the thread that executes a context's operations.
#ifndef SLUICE_SIM_WORKER_H
#define SLUICE_SIM_WORKER_H

#include "engine/queue.h"

// How far computed results may be ahead of device time.
// Some slices, so that a context whose worker is held up for a moment does not lose its turn.
enum { AHEAD_NS = 8000000 };

void *worker_main(void *queue);
// Gives a destroyed stream's memory back. Under the queue's lock.
void stream_forget(struct stream *stream);

#endif
