// ipc.h: memory of cuMemAlloc that other processes open (CUDA driver API, cuIpcGetMemHandle).
#ifndef SLUICE_IPC_H
#define SLUICE_IPC_H

#include "exports.h"
#include "pointer_map.h"

// Whether the charge of an allocation that was freed stays, since another process has it open.
int sluice_ipc_stays(const struct sluice_allocation *freed);

// What a context has opened goes with it.
void sluice_ipc_context_over(uint64_t context);

#endif
