// stream_value.h: streams that wait for a value in memory, and write one.
#ifndef SLUICE_SIM_STREAM_VALUE_H
#define SLUICE_SIM_STREAM_VALUE_H

#include "driver/context.h"

struct operations;

CUresult batch_check(const CUstreamBatchMemOpParams *items, unsigned count, unsigned flags);
// The items run in their order. They are copied.
CUresult batch_operations(const CUstreamBatchMemOpParams *items, unsigned count, struct queue *queue,
                          struct operations *operations);

#endif
