// ipc.h: what one process hands to another by a handle of 64 bytes.
#ifndef SLUICE_SIM_IPC_H
#define SLUICE_SIM_IPC_H

#include "driver/context.h"

// The GPU of this UUID; NULL if this process does not see it.
struct device *ipc_device(const uint8_t uuid[16]);
// Closes what the context has opened.
void ipc_release(CUcontext context);

#endif
