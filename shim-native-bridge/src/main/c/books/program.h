// program.h: which program a process runs. execve() keeps a process' number and start time, and ends all that it held of a GPU.
#ifndef SLUICE_PROGRAM_H
#define SLUICE_PROGRAM_H

#include "ledger.h"

// A number of this process' program, another one after each execve(). Never 0.
uint64_t sluice_program_of_self(void);

// Whether a process in our own pid namespace has the ledger mapped, as all have that have joined it, whatever files they have closed
// since. 1 where that cannot be known.
int sluice_program_maps(const struct sluice_ledger *ledger, uint32_t pid);

#endif
