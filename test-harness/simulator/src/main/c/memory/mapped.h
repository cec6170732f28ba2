// mapped.h: addresses that the application reserves by itself, and what is mapped behind them: pieces of files, those of this
// process' arenas or of other processes. One arena of the process holds them all. Nothing here books capacity.
#ifndef SLUICE_SIM_MAPPED_H
#define SLUICE_SIM_MAPPED_H

#include "memory/arena.h"

enum mapped_result { MAPPED_DONE, MAPPED_BAD_RANGE, MAPPED_NO_MEMORY };

// All lengths, addresses and alignments are multiples of BLOCK_BYTES. 0 where no address is left. `wish` (0: none) is a hint.
uint64_t mapped_reserve(uint64_t bytes, uint64_t alignment, uint64_t wish);
// Exactly a reservation, with nothing mapped.
enum mapped_result mapped_release(uint64_t address, uint64_t bytes);
// Into a reservation, where nothing is mapped yet. `source` is told to those who find the mapping.
enum mapped_result mapped_map(uint64_t address, uint64_t bytes, int fd, uint64_t offset, void *source);
// Whether [address, address + bytes) is exactly one or more mappings in a row.
int mapped_is_whole(uint64_t address, uint64_t bytes);
// Of a mapping found by arena_find.
void mapped_unmap(struct allocation *mapping);

#endif
